"""Errors as Google Drive v3 sends them."""

from __future__ import annotations

from typing import Any

_USAGE_LIMITS = {
    "rateLimitExceeded",
    "userRateLimitExceeded",
    "dailyLimitExceeded",
    "sharingRateLimitExceeded",
}
_MESSAGES = {
    "rateLimitExceeded": "Rate Limit Exceeded",
    "downloadQuotaExceeded": "The download quota for this file has been exceeded.",
    "userRateLimitExceeded": "User Rate Limit Exceeded",
    "dailyLimitExceeded": "Daily Limit Exceeded",
    "insufficientFilePermissions": "The user does not have sufficient permissions for this file.",
    "authError": "Invalid Credentials",
    "backendError": "Backend Error",
    "internalError": "Internal Error",
}


class DriveApiError(Exception):
    def __init__(self, status: int, reason: str, message: str, location: str | None = None) -> None:
        self.status = status
        self.reason = reason
        self.message = message
        self.location = location
        super().__init__(f"{status} {reason}: {message}")

    def body(self) -> dict[str, Any]:
        detail: dict[str, str] = {
            "domain": "usageLimits" if self.reason in _USAGE_LIMITS else "global",
            "reason": self.reason,
            "message": self.message,
        }
        if self.location is not None:
            detail |= {"locationType": "parameter", "location": self.location}
        return {"error": {"errors": [detail], "code": self.status, "message": self.message}}


def invalid_value(parameter: str, message: str = "Invalid Value") -> DriveApiError:
    return DriveApiError(400, "invalid", message, parameter)


def file_not_found(file_id: str) -> DriveApiError:
    return DriveApiError(404, "notFound", f"File not found: {file_id}.", "fileId")


def not_downloadable() -> DriveApiError:
    message = "Only files with binary content can be directly downloaded. Use Export with Docs Editors files."
    return DriveApiError(403, "fileNotDownloadable", message, "alt")


def token_not_accepted() -> DriveApiError:
    message = "Request had invalid authentication credentials. Expected OAuth 2 access token."
    return DriveApiError(401, "authError", message, "Authorization")


def refused(status: int, reason: str) -> DriveApiError:
    return DriveApiError(status, reason, _MESSAGES.get(reason, reason))
