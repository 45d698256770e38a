"""Starts dbt in this process with the project as it was parsed once: parsing costs more than most models do.

`prepare()` of the embedded default, or the image build, writes the parsed project; a process then loads it in a third of
a second, or inherits it from the scheduler that forked it, and dbt goes straight to the work.
"""

from __future__ import annotations

import gc
import io
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from include.cms_ingest.settings import Settings, load_settings

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest


def load_parsed_project() -> Manifest | None:
    """None where nobody has parsed the project yet: dbt then does it by itself."""
    path = load_settings().dbt_parsed_path
    return _read_parsed_project(path) if path.exists() else None


@cache
def _read_parsed_project(path: Path) -> Manifest:
    from dbt.contracts.graph.manifest import Manifest  # noqa: PLC0415 - two seconds to import, never at parse time
    from dbt.parser.manifest import extended_mashumuro_decoder  # noqa: PLC0415

    parsed: Manifest = Manifest.from_msgpack(path.read_bytes(), decoder=extended_mashumuro_decoder)
    parsed.build_flat_graph()  # type: ignore[no-untyped-call]  # dbt's own
    gc.freeze()  # it lives as long as the process: the collection that Cosmos makes after each start need not look at it
    return parsed


@dataclass(frozen=True)
class DbtRunner:
    """dbt's own runner with the parsed project, which waits for its turn at the embedded warehouse."""

    callbacks: list[Callable[..., Any]] | None = None
    settings: Settings = field(default_factory=load_settings)

    def invoke(self, arguments: list[str]) -> dbtRunnerResult:
        from dbt.cli.main import dbtRunner  # noqa: PLC0415

        with turn_at_the_warehouse(self.settings):
            return dbtRunner(manifest=load_parsed_project(), callbacks=self.callbacks).invoke(arguments)


@contextmanager
def turn_at_the_warehouse(settings: Settings) -> Iterator[None]:
    """A DuckDB file has one writing process: the next task starts meanwhile, and waits here until the file is free."""
    if settings.dbt_target != "duckdb":
        yield
        return
    settings.healthcare_home.mkdir(parents=True, exist_ok=True)
    with FileLock(settings.healthcare_home / "warehouse.lock"):
        try:
            yield
        finally:
            let_go_of_the_warehouse()


def let_go_of_the_warehouse() -> None:
    """dbt-duckdb keeps the file open until its process ends, and `airflow dags test` runs all tasks in one process."""
    if connections := sys.modules.get("dbt.adapters.duckdb.connections"):
        connections.DuckDBConnectionManager.close_all_connections()


def forget_inline_query() -> None:
    """dbt leaves the query of a failed `show --inline` in the parsed project, and then refuses the next one as its double."""
    if project := load_parsed_project():
        project.nodes.pop("sql_operation.dbt_healthcare.inline_query", None)


def warm_up_dbt() -> None:
    """Lets dbt do once what it does at the first start of a process: imports, JSON schemas, the adapter.

    `ls` does all of it without opening the warehouse. A process forked from this one inherits the result (0.7 s each).
    """
    import dbt.task.build  # noqa: F401, PLC0415 - dbt's command line imports it when it is asked to build
    from dbt.cli.main import dbtRunner  # noqa: PLC0415

    dbt_dir = str(load_settings().dbt_dir)
    with tempfile.TemporaryDirectory() as nothing, redirect_stdout(io.StringIO()):
        where = ["--project-dir", dbt_dir, "--profiles-dir", dbt_dir, "--target-path", nothing, "--log-path", nothing]
        dbtRunner(manifest=load_parsed_project()).invoke(["--no-write-json", "--quiet", "ls", "--resource-type", "seed", *where])
