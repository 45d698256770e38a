"""Checkpoints as the steps leave them, for tests that only look at some of what was recorded."""

from __future__ import annotations

from typing import TypeVar

from include.ingest.checkpoints import Checkpoint, Status

T = TypeVar("T")

#: What each step records together.
_TOGETHER = (
    {"raw_key": "raw/k", "landed_at": "2026-01-01T00:00:00+00:00"},
    {
        "family": "nh_penalties", "period": "2025-02", "encoding": "utf-8",
        "rows_in_file": 1, "rows_certified": 1, "rows_rejected": 0,
        "bronze_key": "bronze/k", "rejects_key": "rejects/k",
    },
    {"error_code": "bad_file", "reason": "bad"},
    {"run_id": "run", "loaded_at": "2026-01-01 00:00:00"},
    {"lease_owner": "run", "lease_token": "t", "lease_expires_at": 0},
)  # fmt: skip


def checkpoint_of(name: str, status: Status, *, file_id: str = "", md5: str = "md5", **attributes: object) -> Checkpoint:
    """The version with these attributes, and with what the same steps record beside them."""
    item: dict[str, object] = {"file_id": file_id or name, "file_md5": md5, "filename": name, "status": status}
    item["timestamp"] = "2026-01-02T03:04:05+00:00"
    for recorded in _TOGETHER:
        if set(recorded) & set(attributes):
            item |= recorded
    return Checkpoint.from_item({**item, **attributes})


def recorded(part: T | None) -> T:
    """A part of a checkpoint, which must be there."""
    assert part is not None
    return part
