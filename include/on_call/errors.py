"""Why an on-call verb did nothing; each error says what to do next."""

from __future__ import annotations

from collections.abc import Iterable

from include.contracts.errors import PipelineError


class UnknownFileError(PipelineError):
    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        super().__init__(f"No checkpoint has the name or Drive id {wanted!r}. `status` lists all of them.")


class AmbiguousFileError(PipelineError):
    def __init__(self, wanted: str, file_ids: Iterable[str]) -> None:
        self.wanted, self.file_ids = wanted, tuple(file_ids)
        super().__init__(
            f"{wanted!r} is the name of several Drive files; say which by its id: {', '.join(sorted(self.file_ids))}."
        )


class NothingToRetryError(PipelineError):
    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        super().__init__(f"Every version of {wanted!r} is loaded. To load it once more, `forget` it and start a run.")


class NothingToAcceptError(PipelineError):
    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        super().__init__(
            f"No version of {wanted!r} is held. `status` gives the reason of each file; `retry` takes a refused one again."
        )


class RunUnderWayError(PipelineError):
    def __init__(self, run_ids: Iterable[str]) -> None:
        self.run_ids = tuple(run_ids)
        super().__init__(
            f"These runs have not ended: {', '.join(sorted(self.run_ids))}. Wait for them. A run whose process was killed never "
            "ends by itself: name it with `--dead-run RUN_ID`, or mark it failed in Airflow."
        )


class RunsUnknownError(PipelineError):
    """Airflow could not be asked which runs have not ended."""

    def __init__(self, complaint: str) -> None:
        self.complaint = complaint
        super().__init__(
            f"Airflow cannot list its runs, so one may be at work: {complaint}. Check AIRFLOW_HOME and "
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN, and that `airflow db migrate` has been run."
        )
