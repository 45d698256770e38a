"""The COPY step: every certified version into bronze, its rows and its line of the ledger in one transaction."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

from include.contracts.drift import LayoutNotice, NoticeKind
from include.ingest.checkpoints import Checkpoint, CheckpointTable, Loaded, Status, certified_of
from include.ingest.held_files import hold_parts
from include.ingest.pipeline import Stores
from include.settings import Settings
from include.warehouse.dbt_runs import locked
from include.warehouse.operations import copy_into_bronze, forget_in_silver, is_bronze_current


@dataclass(frozen=True)
class LoadedFile:
    """What the COPY, its ledger and the report of the run know of one file."""

    file_name: str
    file_id: str
    file_md5: str
    family: str
    period: str
    rows_in_file: int
    rows_certified: int
    rows_rejected: int
    facilities: int = 0
    columns_mapped: int = 0
    notices: tuple[LayoutNotice, ...] = ()
    first_rejects: tuple[str, ...] = ()

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> Self:
        known = certified_of(checkpoint)
        return cls(
            file_name=checkpoint.filename,
            file_id=checkpoint.file_id,
            file_md5=checkpoint.file_md5,
            family=known.family,
            period=known.period,
            rows_in_file=known.rows_in_file,
            rows_certified=known.rows_certified,
            rows_rejected=known.rows_rejected,
            facilities=known.facilities,
            columns_mapped=known.columns,
            notices=known.notices,
            first_rejects=known.first_rejects,
        )

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """From XCom."""
        notices = tuple(LayoutNotice(notice["column_name"], NoticeKind(notice["kind"])) for notice in value["notices"])
        return cls(**{**value, "notices": notices, "first_rejects": tuple(value["first_rejects"])})


def copy_to_bronze(services: Stores, run_id: str) -> list[LoadedFile]:
    """Loads every certified version, also those that an earlier run left behind; returns what the run has loaded.

    That includes what an earlier try of the same task loaded before it was killed: the report is about the run.
    """
    with turn_at_the_stage(services.settings):
        certified = hold_parts(services.checkpoints, owner=run_id)
        files = [_bronze_file(services, checkpoint, run_id) for checkpoint in certified]
        if again := [file["file_md5"] for file in files if file["replaces"]]:
            forget_in_silver(services.settings, again)
        if files or not is_bronze_current(services.settings):
            copy_into_bronze(services.settings, files)
        for checkpoint, file in zip(certified, files, strict=True):
            _mark_loaded(services.checkpoints, checkpoint, Loaded(run_id, file["loaded_at"]))
    return [LoadedFile.of(item) for item in services.checkpoints.all(status=Status.LOADED, run_id=run_id)]


def _mark_loaded(checkpoints: CheckpointTable, checkpoint: Checkpoint, loaded: Loaded) -> None:
    with checkpoints.claim(checkpoint, owner=loaded.run_id) as lease:
        if lease.checkpoint.status is Status.CERTIFIED:  # else a COPY of another run has been faster
            lease.advance(Status.LOADED, loaded, replaces=False)


@contextmanager
def turn_at_the_stage(settings: Settings, *, wait: bool = True) -> Iterator[None]:
    """On DuckDB one COPY at a time fills the stage folder and empties it, also of what a killed one left behind.

    Whoever has the turn may take it again within. Raises WarehouseBusyError when it is not free and `wait` is off.
    """
    if settings.dbt_target != "duckdb":
        yield
        return
    with locked(settings, "stage.lock", wait=wait):
        shutil.rmtree(settings.stage_dir, ignore_errors=True)
        try:
            yield
        finally:
            shutil.rmtree(settings.stage_dir, ignore_errors=True)


def _bronze_file(services: Stores, checkpoint: Checkpoint, run_id: str) -> dict[str, Any]:
    """What the COPY macro needs to know about one certified file."""
    known = certified_of(checkpoint)
    landed_at = checkpoint.landed.landed_at if checkpoint.landed else checkpoint.timestamp
    return {
        **asdict(LoadedFile.of(checkpoint)),
        "modified_at": _timestamp(checkpoint.modified_at),
        "landed_at": _timestamp(landed_at),
        # A file that is loaded again has been known since the first time.
        "loaded_at": checkpoint.loaded.loaded_at if checkpoint.loaded else _timestamp(datetime.now(UTC).isoformat()),
        "run_id": run_id,
        "replaces": checkpoint.replaces,
        "bronze_path": _path_for_copy(services, known.bronze_key),
        "rejects_path": _path_for_copy(services, known.rejects_key),
    }


def _path_for_copy(services: Stores, key: str) -> str:
    """Snowflake reads the object through its stage; DuckDB reads a local copy of it."""
    if services.settings.dbt_target == "snowflake":
        return key
    path = services.settings.stage_dir / key
    path.parent.mkdir(parents=True, exist_ok=True)
    services.store.download_file(key, path)
    return str(path)


def _timestamp(text: str) -> str:
    """RFC 3339 to the warehouse's timestamp in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
