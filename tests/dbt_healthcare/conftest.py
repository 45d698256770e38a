"""Real warehouses for the dbt tests: bronze filled from CSV files or rows, then dbt itself, then SQL."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import duckdb
import pytest
from dbt.artifacts.schemas.results import NodeStatus
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from include.contracts.contract import Contract, load_contract
from include.contracts.file_name import match_family, period_in_name, period_of_cell
from include.contracts.header import map_header
from include.warehouse.dbt_runs import let_go_of_the_warehouse

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "include" / "dbt_healthcare"
SHARED = ROOT.parent / "shared"
LONG_AGO = datetime(2024, 1, 1)


class Warehouse:
    """An embedded warehouse of its own, bronze filled by the test, silver and gold by dbt."""

    def __init__(self, home: Path, runner: dbtRunner) -> None:
        self.home = home
        self.runner = runner
        self.files_loaded = 0
        self._pending: dict[str, list[dict[str, Any]]] = {}

    def create_bronze(self) -> None:
        """The ledger and every bronze table, empty, as the COPY makes them."""
        assert self.dbt("run-operation", options=["copy_all_bronze_tables"]).success

    def add_csv(self, path: Path, **options: Any) -> str:
        """Loads one genuine CMS file as certification would: header by name, every cell text."""
        content = path.read_bytes()
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252")
        records = [record for record in csv.reader(io.StringIO(text, newline="")) if record]
        contract = match_family(path.name)
        header = map_header(contract, records[0])
        mapped = [(at, name) for at, name in enumerate(header.positions) if name not in header.unmapped]
        rows = [{name: row[at] for at, name in mapped} | dict(header.constants) for row in records[1:]]
        period = period_in_name(path.name, contract.period.kind)
        if period is None and contract.period.column:
            period = period_of_cell(rows[0][contract.period.column], contract.period.kind)
        return self.add_rows(contract.family, str(period), rows, file_name=path.name, **options)

    def add_rows(
        self,
        family: str,
        period: str,
        rows: Sequence[Mapping[str, str]],
        file_name: str = "file.csv",
        notices: Mapping[str, str] | None = None,
    ) -> str:
        """Loads rows as one file version, modified after all files before it; gives its md5. `notices`: kind by column."""
        self.files_loaded += 1
        md5 = hashlib.md5(f"{family} {period} {self.files_loaded}".encode(), usedforsecurity=False).hexdigest()
        now = LONG_AGO + timedelta(hours=self.files_loaded)
        lineage = {"_source_file": file_name, "_file_md5": md5, "_period": period, "_landed_at": now}
        bronze = self._pending.setdefault(family, [])
        numbers = occurrences(load_contract(family), rows)
        bronze += [
            dict(row) | lineage | {"_source_row": line, "_occurrence": number}
            for line, (row, number) in enumerate(zip(rows, numbers, strict=True), start=2)
        ]
        counts = {"rows_in_file": len(rows), "rows_certified": len(rows), "rows_rejected": 0, "rows_loaded": len(rows)}
        counts["facilities"] = len({row["ccn"] for row in rows if "ccn" in row})
        times = {"modified_at": now, "landed_at": now, "loaded_at": now}
        ledger = {
            "file_md5": md5,
            "family": family,
            "period": period,
            "file_name": file_name,
            "file_id": file_name,
            "run_id": "test",
        }
        self._pending.setdefault("load_ledger", []).append(ledger | counts | times)
        told = [{"file_md5": md5, "column_name": name, "kind": kind} for name, kind in (notices or {}).items()]
        if told:
            self._pending.setdefault("layout_notices", []).extend(told)
        return md5

    def dbt(self, command: str, *select: str, options: Iterable[str] = ()) -> dbtRunnerResult:
        """One dbt command over the selected nodes, as the pipeline gives it."""
        self._load_pending()
        os.environ["HEALTHCARE_HOME"] = str(self.home)
        where = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(self.home / "target")]
        chosen = ["--select", *select] if select else []
        result = self.runner.invoke([command, *where, "--log-path", str(self.home), "--quiet", *chosen, *options])
        if result.exception:
            raise result.exception
        return result

    def build(self, *select: str) -> None:
        """dbt build that must succeed, with the data tests whose tables are all selected; unit tests run on their own."""
        only = ["--exclude-resource-type", "unit_test", "--indirect-selection", "buildable"]
        result = self.dbt("build", *select, options=only)
        assert not failures(result), failures(result)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        with self._connect() as connection:
            found = connection.execute(sql)
            names = [column[0] for column in found.description or []]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def execute(self, sql: str) -> None:
        self._load_pending()
        with self._connect() as connection:
            connection.execute(sql)

    def row(self, sql: str) -> dict[str, Any]:
        (only,) = self.rows(sql)
        return only

    def _load_pending(self) -> None:
        import pyarrow as pa

        with self._connect() as connection:
            for table, rows in self._pending.items():
                names = list({name: None for row in rows for name in row})
                incoming = pa.table({name: pa.array([row.get(name) for row in rows]) for name in names})
                connection.register("incoming", incoming)
                connection.execute(f"insert into bronze.{table} by name select * from incoming")
        self._pending = {}

    def _connect(self) -> duckdb.DuckDBPyConnection:
        let_go_of_the_warehouse()  # dbt holds it with limits of its own
        return duckdb.connect(str(self.home / "warehouse.duckdb"))


def occurrences(contract: Contract, rows: Iterable[Mapping[str, str]]) -> Iterator[int]:
    """Which of the rows with its key, or with its cells where there is no key, each row is, as certification numbers them."""
    seen: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        cells = tuple(row.get(name, "") for name in contract.key or contract.column_names)
        seen[cells] += 1
        yield seen[cells]


def failures(result: dbtRunnerResult) -> list[str]:
    """What failed, in dbt's words."""
    bad = (NodeStatus.Error, NodeStatus.Fail, NodeStatus.RuntimeErr)
    return [f"{run.node.name}: {run.message}" for run in node_results(result) if run.status in bad]


def node_results(result: dbtRunnerResult) -> list[Any]:
    """What dbt says of each model and test; empty for commands that have other results."""
    found: list[Any] = getattr(result.result, "results", [])
    return found


@pytest.fixture(scope="session")
def dbt_runner(tmp_path_factory: pytest.TempPathFactory) -> dbtRunner:
    """dbt with the project parsed once for all tests."""
    home = tmp_path_factory.mktemp("parsed")
    os.environ["HEALTHCARE_HOME"] = str(home)
    where = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(home), "--log-path", str(home)]
    parsed = dbtRunner().invoke(["parse", "--quiet", *where])
    assert parsed.success, parsed.exception
    return dbtRunner(manifest=cast(Manifest, parsed.result))


@pytest.fixture(scope="session")
def new_warehouse(tmp_path_factory: pytest.TempPathFactory, dbt_runner: dbtRunner) -> Callable[[], Warehouse]:
    def created() -> Warehouse:
        warehouse = Warehouse(tmp_path_factory.mktemp("home"), dbt_runner)
        warehouse.create_bronze()
        return warehouse

    return created


@pytest.fixture(scope="session")
def empty_warehouse(new_warehouse: Callable[[], Warehouse]) -> Warehouse:
    """Every table that staffing and bookkeeping need, built from nothing: tests load their files into a copy of it."""
    warehouse = new_warehouse()
    everything_but_tests = ["--exclude-resource-type", "test", "unit_test"]
    tables = ("data_reconciliation", "staffing_by_type_quarter", "facilities", "restatements")
    result = warehouse.dbt("build", *(f"+{table}" for table in tables), options=everything_but_tests)
    assert result.success, failures(result)
    warehouse.execute("checkpoint")
    return warehouse


@pytest.fixture(scope="session")
def copy_of_empty_warehouse(tmp_path_factory: pytest.TempPathFactory, empty_warehouse: Warehouse) -> Callable[[], Warehouse]:
    def copied() -> Warehouse:
        home = tmp_path_factory.mktemp("copy")
        shutil.copy(empty_warehouse.home / "warehouse.duckdb", home)
        return Warehouse(home, empty_warehouse.runner)

    return copied


@pytest.fixture(scope="session")
def shared() -> Path:
    """The genuine CMS files and the answer keys: absent on a lone checkout, required in CI."""
    if not SHARED.is_dir():
        reason = f"{SHARED} (genuine CMS files and answer keys) is not on this machine"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return SHARED
