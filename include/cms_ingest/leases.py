"""Whether somebody works on a file version now, read from its checkpoint without a claim of one's own."""

from __future__ import annotations

import time

from include.cms_ingest.checkpoints import Checkpoint
from include.cms_ingest.errors import LeaseHeldError


def is_leased(checkpoint: Checkpoint) -> bool:
    return _seconds_leased(checkpoint) > 0


def refuse_while_leased(checkpoint: Checkpoint) -> None:
    if is_leased(checkpoint):
        raise LeaseHeldError(checkpoint.filename, checkpoint.attributes["lease_owner"], _seconds_leased(checkpoint))


def _seconds_leased(checkpoint: Checkpoint) -> float:
    known = checkpoint.attributes
    return float(known["lease_expires_at"]) - time.time() if "lease_owner" in known else 0.0
