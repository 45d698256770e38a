"""What can go wrong with the warehouse; each error says what to do next."""

from __future__ import annotations

from collections.abc import Iterable

from include.contracts.errors import PipelineError


class ObjectsMissingError(PipelineError):
    """Certified files that S3 no longer has: a warehouse made from S3 would lack their rows."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.keys = tuple(keys)
        super().__init__(
            f"Nothing was dropped: S3 lacks {', '.join(sorted(self.keys))}. `verify` names the files; `forget` each and start a "
            "run, which lands it again from Drive."
        )


class WarehouseBusyError(PipelineError):
    def __init__(self, path: str, detail: str) -> None:
        self.path, self.detail = path, detail
        super().__init__(f"The warehouse {path} cannot be opened now: {detail}. Wait for the run that writes it, then try again.")


class WarehouseError(PipelineError):
    """The warehouse or dbt refused a statement, in their own words."""


class BronzeCopyError(PipelineError):
    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(
            f"The COPY into bronze failed and was rolled back: {detail}. Files that were loaded before it stay loaded; "
            "clear the task to continue with the others."
        )


class GoldOutdatedError(PipelineError):
    def __init__(self) -> None:
        super().__init__(
            "Gold is not published: since this run began to build it, another run has loaded files. That run publishes what it "
            "builds. To build and publish here, clear is_gold_stale with its downstream."
        )
