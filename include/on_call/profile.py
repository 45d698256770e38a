"""What stands in each column of a file: blanks, distinct values, least, greatest, mean and the most frequent ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from include.contracts.contract import LINEAGE_COLUMNS
from include.ingest.cells import NO_VALUE

_MOST_FREQUENT = 5
# A number with a leading zero is a code: CCN 015009, ZIP 00603, county 001 have no mean.
_NUMBER = r"[-+]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_DATE = r"\d{4}-\d{2}-\d{2}|\d{8}|\d{1,2}/\d{1,2}/\d{4}"

# Each distinct value of a column is read once: 1.3 million rows of hours hold some ten thousand of them.
_PROFILE = f"""
with texts as (
    select columns(*)::varchar from source
),
counted as (
    select column_name, cell, trim(coalesce(cell, '')) as text, count(*) as times
    from texts unpivot include nulls (cell for column_name in (columns(*)))
    group by all
),
typed as (
    select
        *,
        text = '' as is_blank,
        regexp_full_match(text, '{NO_VALUE}') as is_no_value,
        case when regexp_full_match(text, '{_NUMBER}') then try_cast(text as double) end as number,
        case when regexp_full_match(text, '{_DATE}') then try_strptime(text, ['%Y-%m-%d', '%Y%m%d', '%m/%d/%Y']) end as day
    from counted
),
summarized as (
    select
        column_name,
        coalesce(sum(times) filter (is_blank), 0)::bigint as blanks,
        count(*) filter (not is_blank) as distinct_values,
        count(day) > 0 and bool_and(is_no_value or day is not null) as is_date,
        count(number) > 0 and bool_and(is_no_value or number is not null) as is_number,
        {{'date': arg_min(cell, day), 'number': arg_min(cell, number), 'text': min(cell) filter (not is_blank)}} as least,
        {{'date': arg_max(cell, day), 'number': arg_max(cell, number), 'text': max(cell) filter (not is_blank)}} as greatest,
        sum(number * times) / sum(times) filter (number is not null) as mean,
        min({{'fewer': -times, 'cell': cell}}, {_MOST_FREQUENT}) filter (not is_blank) as most_frequent
    from typed
    group by column_name
),
final as (
    select
        column_name,
        blanks,
        distinct_values,
        case when is_date then least.date when is_number then least.number else least.text end as least,
        case when is_date then greatest.date when is_number then greatest.number else greatest.text end as greatest,
        case when is_number and not is_date then mean end as mean,
        coalesce([(value.cell, -value.fewer) for value in most_frequent], []) as most_frequent
    from summarized
)
select * from final
"""


@dataclass(frozen=True)
class ColumnProfile:
    """One column. Blank are empty cells alone; words such as Not Available are values, but no number and no date.

    `least` and `greatest` are cells as they stand, by number or by day where all cells are that, else by letters.
    """

    name: str
    blanks: int
    distinct_values: int
    least: str | None
    greatest: str | None
    mean: float | None
    most_frequent: tuple[tuple[str, int], ...]


def profile_table(table: pa.Table | Path) -> list[ColumnProfile]:
    """The columns of a table, or of a Parquet file such as certification writes, in their order; without lineage."""
    with duckdb.connect() as connection:
        source = connection.read_parquet(str(table)) if isinstance(table, Path) else connection.from_arrow(table)
        names = [name for name in source.columns if name not in LINEAGE_COLUMNS]
        source.select(*map(duckdb.ColumnExpression, names)).create_view("source")
        rows = connection.execute(_PROFILE).fetchall()
    found = {name: ColumnProfile(*(name, *figures, tuple(most_frequent))) for name, *figures, most_frequent in rows}
    return [found.get(name, ColumnProfile(name, 0, 0, None, None, None, ())) for name in names]
