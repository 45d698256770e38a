"""The on-call verb `rebuild`: drops the warehouse and makes it again from S3 alone, to the same bronze, silver and gold.

What is loaded is what the checkpoints say was certified; Drive is not asked. Every file is sent back to CERTIFIED before
anything is dropped, so a rebuild that is killed anywhere is begun again and ends the same. The dashboard continues with what is
published until the new gold has passed its tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from include.ingest.checkpoints import Checkpoint, CheckpointTable, Status, certified_of
from include.ingest.object_store import ObjectStore
from include.ingest.pipeline import Stores, certify
from include.ingest.planning import is_outdated
from include.warehouse.bronze_copy import copy_to_bronze, turn_at_the_stage
from include.warehouse.dbt_runs import turn_at_the_warehouse
from include.warehouse.errors import ObjectsMissingError
from include.warehouse.operations import drop_warehouse, run_dbt
from include.warehouse.publish import publish_gold

_BUILD = ("--quiet", "--no-write-json", "build", "--full-refresh", "--exclude-resource-type", "unit_test")
# As in the DAG: one model at a time, which DuckDB gives all cores and all of its memory. Two that are built from all of history
# at once do not fit.
_ONE_AT_A_TIME = ("--threads", "1")


def rebuild_warehouse(stores: Stores, run_id: str, say: Callable[[str], None]) -> dict[str, int]:
    """Returns the published rows by gold table.

    Raises LeaseHeldError or WarehouseBusyError while somebody else works, ObjectsMissingError when S3 lacks an object (nothing
    is dropped then), and WarehouseError when a model or an error-level test fails (nothing is published then).
    """
    settings = stores.settings
    # In this order, as the COPY of a run takes them; a run that begins meanwhile waits for both.
    with turn_at_the_stage(settings, wait=False), turn_at_the_warehouse(settings, wait=False):
        versions = _certified_versions(stores.checkpoints)
        _refuse_if_any_is_missing(stores.store, versions)
        versions = [_certified_as_today(stores, version, run_id) for version in versions]
        _send_back(stores.checkpoints, versions)
        say(f"{len(versions)} certified files are in S3")
        drop_warehouse(settings)
        say("dropped the warehouse")
        loaded = copy_to_bronze(stores, run_id)
        say(f"loaded {sum(file.rows_certified for file in loaded):,} rows into bronze")
        run_dbt(settings, *_BUILD, *(_ONE_AT_A_TIME if settings.dbt_target == "duckdb" else ()))
        say("built silver and gold, and every test passed")
        return publish_gold(settings, run_id)


def _certified_versions(checkpoints: CheckpointTable) -> list[Checkpoint]:
    """Every version that bronze has or is to get; a repeat of another file has no rows of its own."""
    has_rows = (Status.CERTIFIED, Status.LOADED)
    found = [item for item in checkpoints.all() if item.status in has_rows and not item.duplicate_of]
    for checkpoint in found:
        checkpoint.refuse_while_leased()
    return found


def _refuse_if_any_is_missing(store: ObjectStore, versions: Sequence[Checkpoint]) -> None:
    found = [certified_of(version) for version in versions]
    keys = [key for made in found for key in (made.bronze_key, made.rejects_key)]
    if missing := [key for key in keys if store.size_of(key) is None]:
        raise ObjectsMissingError(missing)


def _certified_as_today(stores: Stores, version: Checkpoint, run_id: str) -> Checkpoint:
    """Certified again from its raw bytes where an earlier certification wrote less than bronze needs now.

    Raises BadFileError when it does not pass today; nothing has been dropped then.
    """
    if not is_outdated(version):
        return version
    stores.checkpoints.reset(version, Status.LANDED, replaces=True)
    return certify(stores, version.version, run_id)


def _send_back(checkpoints: CheckpointTable, versions: Sequence[Checkpoint]) -> None:
    for version in versions:
        if version.status is Status.LOADED:
            checkpoints.reset(version, Status.CERTIFIED)
