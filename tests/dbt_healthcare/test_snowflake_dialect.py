"""Compiled for Snowflake, the project holds only what Snowflake documents: the emulator is DuckDB, and lets its words pass."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlglot
import yaml
from dbt.cli.main import dbtRunner
from sqlglot import exp

from include.orchestration.warehouse_profile import dbt_connection
from include.settings import REPOSITORY, load_settings
from tests.dbt_healthcare.test_cell_types import DATES
from tests.emulators.snowflake_emulator import running_emulator

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

WORDS: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "snowflake_words.yml").read_text(encoding="utf-8"))
TEXT, COMMENT = re.compile(r"'(?:[^']|'')*'"), re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
CALL = re.compile(r"(?<![\w.\"])([a-z_]\w*)\s*\(", re.IGNORECASE)
# What DuckDB reads and Snowflake does not, and no parser of ours refuses.
FOREIGN = {
    "an aggregate with filter": re.compile(r"\)\s*filter\s*\(", re.IGNORECASE),
    "distinct on": re.compile(r"distinct\s+on\s*\(", re.IGNORECASE),
    "an interval with a unit outside its text": re.compile(r"\binterval\s+(\(|\d|'\d*'\s+\w)", re.IGNORECASE),
    "a list or a struct": re.compile(r"[=(,]\s*[\[{]"),
    "union by name": re.compile(r"union\s+(all\s+)?by\s+name", re.IGNORECASE),
    "a lambda": re.compile(r"->(?!>)"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dialect")


@pytest.fixture(scope="module")
def on_snowflake(folder: Path) -> Iterator[Callable[..., Any]]:
    """Runs one dbt command with dbt-snowflake against the emulator."""
    project = str(REPOSITORY / "include" / "dbt_healthcare")
    where = ["--project-dir", project, "--target-path", str(folder / "target"), "--log-path", str(folder)]

    def run(*command: str) -> Any:
        done = dbtRunner().invoke([*command, "--quiet", *where])
        assert done.success, done.exception
        return done.result

    with running_emulator(folder, "http://127.0.0.1:1", "none") as emulator, pytest.MonkeyPatch.context() as patch:
        for name, value in {**emulator.environment, "HEALTHCARE_HOME": str(folder)}.items():
            patch.setenv(name, value)
        load_settings.cache_clear()
        with dbt_connection():
            yield run
    load_settings.cache_clear()


@pytest.fixture(scope="module")
def compiled(on_snowflake: Callable[..., Any], folder: Path) -> dict[str, str]:
    """Every model and data test as dbt-snowflake compiles it, by file name."""
    on_snowflake("compile")
    manifest = json.loads((folder / "target" / "manifest.json").read_text(encoding="utf-8"))
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] in {"model", "test"}]
    return {node["unique_id"]: node["compiled_code"] for node in nodes if node.get("compiled_code")}


def bare(sql: str) -> str:
    """Without comments and the contents of text."""
    return COMMENT.sub("", TEXT.sub("''", sql))


def unknown_functions(sql: str) -> set[str]:
    known = {*WORDS["functions"], *WORDS["syntax"]}
    return {name.lower() for name in CALL.findall(bare(sql))} - known - tables_with_columns(sql)


def tables_with_columns(sql: str) -> set[str]:
    """`with name (column, …) as`: no call."""
    return {name.lower() for name in re.findall(r"(\w+)\s*\([\w\s,]+\)\s+as\s+\(", bare(sql))}


def foreign_syntax(sql: str) -> set[str]:
    return {what for what, pattern in FOREIGN.items() if pattern.search(bare(sql))}


def reserved_names(sql: str) -> set[str]:
    tree = sqlglot.parse_one(sql, read="snowflake")
    names = {name.name.lower() for name in tree.find_all(exp.Identifier) if not name.quoted}
    return names & set(WORDS["reserved"])


def decimal_divisions(sql: str) -> list[str]:
    """Quotients whose parts are not cast to double: Snowflake rounds them to six places."""
    divisions = sqlglot.parse_one(sql, read="snowflake").find_all(exp.Div)
    return [division.sql("snowflake") for division in divisions if not _is_double(division.this)]


def _is_double(part: exp.Expression) -> bool:
    return any(cast.to.this in {exp.DataType.Type.DOUBLE, exp.DataType.Type.FLOAT} for cast in part.find_all(exp.Cast))


def test_whole_project_is_compiled(compiled: dict[str, str]) -> None:
    kinds = [name.split(".")[0] for name in compiled]
    assert kinds.count("model") > 60
    assert kinds.count("test") > 300


def test_every_function_is_one_that_snowflake_documents(compiled: dict[str, str]) -> None:
    assert {name: found for name, sql in compiled.items() if (found := unknown_functions(sql))} == {}


def test_list_of_functions_holds_no_more_than_the_project_uses(compiled: dict[str, str]) -> None:
    used = {name.lower() for sql in compiled.values() for name in CALL.findall(bare(sql))}
    assert set(WORDS["functions"]) - used == set()


def test_no_syntax_of_duckdb_alone(compiled: dict[str, str]) -> None:
    assert {name: found for name, sql in compiled.items() if (found := foreign_syntax(sql))} == {}


def test_no_name_is_reserved_in_snowflake(compiled: dict[str, str]) -> None:
    assert {name: found for name, sql in compiled.items() if (found := reserved_names(sql))} == {}


def test_ratios_are_divided_as_doubles(compiled: dict[str, str]) -> None:
    assert {name: found for name, sql in compiled.items() if (found := decimal_divisions(sql))} == {}


def test_a_date_is_read_however_a_tool_has_written_it(on_snowflake: Callable[..., Any]) -> None:
    cells = " union all ".join(f"select '{cell}' as cell" for cell in (*DATES, "None"))
    sql = f"select {{{{ cms_date('cell') }}}} as day from ({cells}) as cells"
    days = on_snowflake("show", "--inline", sql, "--limit", "-1").results[0].agate_table.columns[0].values()
    assert [str(day)[:10] for day in days] == ["2023-03-02"] * len(DATES) + ["None"]


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select strptime(x, '%Y') from t", {"strptime"}),
        ("select list_sort(x), upper(y) from t", {"list_sort"}),
        ("select 'strptime(' as x from t -- isodow(", set()),
    ],
)
def test_foreign_function_is_found(sql: str, found: set[str]) -> None:
    assert unknown_functions(sql) == found


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) filter (where a > 1) from t",
        "select distinct on (a) b from t",
        "select d + interval (3) month from t",
        "select d + interval '3' month from t",
        "select coalesce([1, 2], null) from t",
        "select 1 union all by name select 2",
    ],
)
def test_foreign_syntax_is_found(sql: str) -> None:
    assert foreign_syntax(sql)


def test_reserved_name_and_bare_division_are_found() -> None:
    assert reserved_names("select a as organization from t") == {"organization"}
    assert decimal_divisions("select a / b from t") == ["a / b"]
    assert decimal_divisions("select cast(a as decimal(9, 2)) / b from t")
    assert decimal_divisions("select cast(a as double) / b from t") == []
