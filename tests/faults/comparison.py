"""Holds a recovered world against the undisturbed one: every row of every table, every object, every checkpoint.

What is left out is what must differ between any two runs: the time at which something was done, and by which run.
"""

from __future__ import annotations

import filecmp
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from tests.faults.worlds import World, etags

#: Columns that tell when and by whom, never what.
TIMES_AND_RUNS = {
    "_landed_at",
    "landed_at",
    "loaded_at",
    "last_loaded_at",
    "run_id",
    "age_days",
    "old_loaded_at",
    "new_loaded_at",
}
#: Attributes of a checkpoint of the same kind; the id of an upload is drawn by S3.
TRACES_OF_WORK = {"timestamp", "landed_at", "loaded_at", "run_id", "upload_id", "upload_part_bytes"}
SCHEMAS = ("bronze", "silver", "gold", "staging")


@dataclass(frozen=True)
class Difference:
    where: str
    rows: int

    def __str__(self) -> str:
        return f"{self.where}: {self.rows}"


def differences(expected: World, found: World, *, schemas: tuple[str, ...] = SCHEMAS) -> list[Difference]:
    """Empty when the two worlds tell the same."""
    compared = [
        *warehouse_differences(expected.warehouse, found.warehouse, schemas),
        *_published(expected, found),
        *_objects(expected, found),
        Difference("checkpoints", _uncommon(_checkpoints(expected), _checkpoints(found))),
        Difference("files left in the stage folder", len(list((found.home / "stage").rglob("*.parquet*")))),
    ]
    return [difference for difference in compared if difference.rows]


def warehouse_differences(expected: Path, found: Path, schemas: tuple[str, ...] = SCHEMAS) -> list[Difference]:
    logs = [path.with_name(path.name + ".wal") for path in (expected, found)]
    if not any(log.exists() for log in logs) and filecmp.cmp(expected, found, shallow=False):
        return []
    with duckdb.connect() as both:
        both.execute(f"attach '{expected}' as expected (read_only)")
        both.execute(f"attach '{found}' as found (read_only)")
        columns = {side: _columns(both, side, schemas) for side in ("expected", "found")}
        tables = sorted({*columns["expected"], *columns["found"]})
        return [Difference(".".join(table), _differing_rows(both, table, columns)) for table in tables]


def _columns(both: Any, side: str, schemas: tuple[str, ...]) -> dict[tuple[str, str], list[str]]:
    rows = both.execute(
        "select table_schema, table_name, list(column_name || ' ' || data_type order by column_index) "
        "from (select schema_name as table_schema, table_name, column_name, data_type, column_index from duckdb_columns() "
        "where database_name = ? and schema_name in (select unnest(?))) group by all",
        [side, list(schemas)],
    ).fetchall()
    return {(schema, table): columns for schema, table, columns in rows}


def _differing_rows(both: Any, table: tuple[str, str], columns: dict[str, dict[tuple[str, str], list[str]]]) -> int:
    """Rows that one side has more often than the other; a table that is missing or made otherwise counts as one."""
    mine, theirs = columns["expected"].get(table), columns["found"].get(table)
    if mine is None or mine != theirs:
        return 1
    if table[0] == "staging":  # views: their columns are compared, their rows are those of bronze
        return 0
    names = [name for name in (column.split(" ")[0] for column in mine) if name not in TIMES_AND_RUNS]
    listed, path = ", ".join(f'"{name}"' for name in names), f'"{table[0]}"."{table[1]}"'
    totals = [both.execute(f"select count(*), sum(hash({listed})) from {side}.{path}").fetchone() for side in columns]
    if totals[0] == totals[1]:
        return 0
    return int(_count_uncommon(both, f"select {listed} from expected.{path}", f"select {listed} from found.{path}"))


def _count_uncommon(connection: Any, one: str, other: str) -> int:
    query = f"select count(*) from ((({one}) except all ({other})) union all (({other}) except all ({one})))"
    (count,) = connection.execute(query).fetchone()
    return int(count)


def is_whole_publication(world: World) -> bool:
    """Whether readers find every table of one version, with the rows that its manifest tells."""
    current = world.home / "published" / "current"
    if not current.exists():
        return False
    rows = json.loads((current / "manifest.json").read_text(encoding="utf-8"))["rows"]
    found = {path.stem: pq.read_metadata(path).num_rows for path in current.glob("*.parquet")}
    return bool(rows == found)


def _published(expected: World, found: World) -> list[Difference]:
    """What readers see, and that nothing half-made lies beside it."""
    mine, theirs = expected.home / "published", found.home / "published"
    if not (mine / "current").exists():
        return [Difference("published", int((theirs / "current").exists()))]
    if not (theirs / "current").exists():
        return [Difference("published/current", 1)]
    strays = [path for path in theirs.iterdir() if path.name not in ("current", "versions")]
    half_made = [path for path in (theirs / "versions").iterdir() if not (path / "manifest.json").exists()]
    found_differences = [Difference("published, left over", len(strays) + len(half_made))]
    names = {path.name for side in (mine, theirs) for path in (side / "current").glob("*.parquet")}
    with duckdb.connect() as connection:
        for name in sorted(names):
            one, other = mine / "current" / name, theirs / "current" / name
            if not (one.exists() and other.exists()):
                found_differences.append(Difference(f"published/{name}", 1))
            elif not filecmp.cmp(one, other, shallow=False):
                left_out = [column for column in pq.read_schema(one).names if column in TIMES_AND_RUNS]
                exclude = f"exclude ({', '.join(left_out)})" if left_out else ""
                queries = (f"select * {exclude} from read_parquet('{path}')" for path in (one, other))
                found_differences.append(Difference(f"published/{name}", _count_uncommon(connection, *queries)))
    manifests = [json.loads((side / "current" / "manifest.json").read_text(encoding="utf-8")) for side in (mine, theirs)]
    told = [(manifest["rows"], manifest["fingerprint"]) for manifest in manifests]
    return [*found_differences, Difference("published/manifest.json", int(told[0] != told[1]))]


def _objects(expected: World, found: World) -> list[Difference]:
    mine, theirs = etags(expected), etags(found)
    suspicious = [key for key in sorted(mine.keys() & theirs.keys()) if mine[key] != theirs[key]]
    differing = [key for key in suspicious if not _same_content(expected, found, key)]
    return [Difference("S3 keys", len(mine.keys() ^ theirs.keys())), Difference("S3 contents", len(differing))]


def _same_content(expected: World, found: World, key: str) -> bool:
    """An ETag tells in which parts an object came, and Parquet files hold the time of landing."""
    contents = [_content(world, key) for world in (expected, found)]
    if key.startswith("raw/"):
        return contents[0] == contents[1]
    one, other = (pq.read_table(pa.BufferReader(content)) for content in contents)
    kept = [name for name in one.column_names if name not in TIMES_AND_RUNS]
    return bool(one.column_names == other.column_names and one.select(kept).equals(other.select(kept)))


def _content(world: World, key: str) -> bytes:
    body: bytes = world.cloud.aws.s3.get_object(Bucket=world.names.bucket, Key=key)["Body"].read()
    return body


def _checkpoints(world: World) -> Counter[str]:
    items = world.cloud.aws.dynamodb.scan(TableName=world.names.table, ConsistentRead=True)["Items"]
    items = [item for item in items if not _is_note(item)]
    kept = [{name: value for name, value in item.items() if name not in TRACES_OF_WORK} for item in items]
    return Counter(json.dumps(item, sort_keys=True) for item in kept)


def _is_note(item: dict[str, Any]) -> bool:
    """A version that changed before it was read to its end: noted, and never landed."""
    return "raw_key" not in item and item.get("error_code") == {"S": "changed_while_read"}


def _uncommon(one: Counter[str], other: Counter[str]) -> int:
    return ((one - other) + (other - one)).total()
