"""Errors as Google Drive v3 sends them."""

from __future__ import annotations

from typing import Any

_USAGE_LIMITS = ("rateLimitExceeded", "userRateLimitExceeded")


class DriveApiError(Exception):
    """`reason` is what a client decides by; `location` names the parameter that is wrong."""

    def __init__(self, status: int, reason: str, message: str, location: str | None = None) -> None:
        self.status = status
        self.reason = reason
        self.message = message
        self.location = location
        super().__init__(f"{status} {reason}: {message}")

    def body(self) -> dict[str, Any]:
        domain = "usageLimits" if self.reason in _USAGE_LIMITS else "global"
        detail = {"domain": domain, "reason": self.reason, "message": self.message}
        if self.location is not None:
            detail |= {"locationType": "parameter", "location": self.location}
        return {"error": {"errors": [detail], "code": self.status, "message": self.message}}


def invalid_value(parameter: str, value: str) -> DriveApiError:
    return DriveApiError(400, "invalid", f"Invalid Value: the local Drive does not understand {value!r}", parameter)


def file_not_found(file_id: str) -> DriveApiError:
    return DriveApiError(404, "notFound", f"File not found: {file_id}.", "fileId")


def not_downloadable() -> DriveApiError:
    message = "Only files with binary content can be directly downloaded. Use Export with Docs Editors files."
    return DriveApiError(403, "fileNotDownloadable", message, "alt")


def not_permitted(message: str) -> DriveApiError:
    return DriveApiError(403, "insufficientFilePermissions", message)
