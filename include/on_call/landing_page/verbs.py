"""The two buttons: the on-call verbs `retry` and `forget`, each with one sentence as its outcome."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
from dataclasses import dataclass

from include.ingest.checkpoints import CheckpointTable
from include.ingest.errors import LeaseHeldError
from include.on_call.errors import NothingToRetryError, UnknownFileError
from include.settings import REPOSITORY

_log = logging.getLogger(__name__)
#: A proxy commonly gives up after 60 s; on Snowflake forgetting takes half of this, elsewhere a tenth.
FORGET_SECONDS = 45
_STOP_SECONDS = 5
_REFUSED = 2  # the exit code of a verb that says why not, in one sentence


@dataclass(frozen=True)
class Outcome:
    is_done: bool
    words: str


def retry(checkpoints: CheckpointTable, file_id: str, file_md5: str) -> Outcome:
    from include.on_call.files import retry_file  # noqa: PLC0415 - brings pyarrow, which showing the page does not need

    try:
        retried = retry_file(checkpoints, file_id, file_md5)
    except (LeaseHeldError, NothingToRetryError, UnknownFileError) as error:
        return Outcome(False, str(error))
    return Outcome(True, " ".join(f"{item.filename!r} was {item.status}; the next run takes it." for item in retried))


def forget(file_id: str) -> Outcome:
    """In a process of its own: dbt takes memory that the API server would keep, and can only be stopped from outside.

    It waits for its turn at the embedded warehouse, so it is stopped when a run keeps that for long. Forgetting is done step by
    step and a version's checkpoint goes last: what was stopped is completed by forgetting once more.
    """
    command = [sys.executable, "-m", "include.on_call", "forget", "--yes", "--", file_id]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            said, complaint = process.communicate(timeout=FORGET_SECONDS)
        except subprocess.TimeoutExpired:
            _stop(process)
            return Outcome(
                False,
                f"Not forgotten: it did not end within {FORGET_SECONDS} s and was stopped. Most likely a run writes the "
                "warehouse now; try again when it has ended.",
            )
    if process.returncode == 0:
        return Outcome(True, f"{'. '.join(said.splitlines())}.")
    _log.error("%s ended with %s: %s", command, process.returncode, complaint)
    if process.returncode == _REFUSED and complaint.strip():
        return Outcome(False, complaint.strip().splitlines()[-1])
    return Outcome(False, "Not forgotten: it failed in a way that nobody foresaw. The log of the API server has all of it.")


def _stop(process: subprocess.Popen[str]) -> None:
    """As Ctrl-C does, so that it gives its lease back."""
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
