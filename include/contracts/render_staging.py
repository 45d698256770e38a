"""Renders what dbt takes from the contracts: `python -m include.contracts.render_staging [--check]`.

The files are committed, so SQL opened is SQL that runs; `--check` fails when one of them is stale.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from include.contracts.contract import LINEAGE_COLUMNS, UNMAPPED_COLUMN, ColumnType, Contract, load_contracts

DBT_DIR = Path(__file__).parents[1] / "dbt_healthcare"
STAGING_DIR = DBT_DIR / "models" / "staging"
BANNER = "Rendered from include/contracts/families by `make contracts`; do not edit by hand."


def render_model(contract: Contract) -> str:
    """One staging model: the current rows of the family's bronze table, each cell cast by its type word."""
    casts = "".join(f"    {{{{ cms_{column.type}('{column.name}') }}}} as {column.name},\n" for column in contract.columns)
    return f"""-- {BANNER}
select
{casts}    {", ".join(LINEAGE_COLUMNS)}
from {{{{ source('bronze', '{contract.family}') }}}}
where _file_md5 in (select current_files.file_md5 from {{{{ ref('current_files') }}}} as current_files)
"""


def render_sources(contracts: Iterable[Contract]) -> str:
    """The bronze tables as dbt sources: only the columns that the COPY makes and fills. Their meaning stands in the contract."""
    tables = "".join(f"      - name: {contract.family}\n{_bronze_columns(contract)}\n" for contract in contracts)
    return f"# {BANNER}\nsources:\n  - name: bronze\n    schema: bronze\n    tables:\n{tables}"


def _bronze_columns(contract: Contract) -> str:
    columns = (_bronze_column(name) for name in (*contract.column_names, *LINEAGE_COLUMNS, UNMAPPED_COLUMN))
    unbroken = ", ".join(column.replace(" ", "\0") for column in columns)  # a line may end between columns only
    lines = textwrap.fill(f"[{unbroken}]", width=140, initial_indent=" " * 8 + "columns:\0", subsequent_indent=" " * 10)
    return lines.replace("\0", " ")


def _bronze_column(name: str) -> str:
    """Bronze is text but for what the pipeline itself adds."""
    types = {"_source_row": "bigint", "_occurrence": "bigint", "_landed_at": "timestamp"}
    return f"{{name: {name}, data_type: {types[name]}}}" if name in types else f"{{name: {name}}}"


def render_families(contracts: Iterable[Contract]) -> str:
    """The macro `cms_families`. It is a macro because dbt must read the list as it parses, to see what a model depends on."""
    lines = "".join(f"        {json.dumps(_family_facts(contract))},\n" for contract in contracts)
    return f"""{{# {BANNER} #}}
{{% macro cms_families() -%}}
    {{{{ return([
{lines}    ]) }}}}
{{%- endmacro %}}
"""


def _family_facts(contract: Contract) -> dict[str, Any]:
    """What silver, gold and the data tests go by, all of it the contract's to say."""
    return {
        "name": contract.family,
        "silver_model": contract.silver_model,
        "key": contract.key,
        "repeats": contract.repeats,
        "required": [column.name for column in contract.columns if column.required],
        "footnotes": [column.name for column in contract.columns if column.type is ColumnType.FOOTNOTE],
        "withdrawn": {column.name: column.withdrawn for column in contract.columns if column.withdrawn},
        "max_age_days": contract.max_age_days,
    }


def rendered_files() -> Iterator[tuple[Path, str]]:
    """Every rendered file with the text it should hold."""
    contracts = load_contracts()
    yield STAGING_DIR / "_bronze__sources.yml", render_sources(contracts)
    yield DBT_DIR / "macros" / "cms_families.sql", render_families(contracts)
    for contract in contracts:
        yield STAGING_DIR / f"stg_{contract.family}.sql", render_model(contract)


def stale_files() -> list[Path]:
    """Rendered files that differ from what the contracts say, and staging models of families that are gone."""
    wanted = dict(rendered_files())
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    return stale + [path for path in sorted(STAGING_DIR.glob("stg_*.sql")) if path not in wanted]


def write_files() -> None:
    for path in stale_files():
        path.unlink(missing_ok=True)
    for path, text in rendered_files():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when a rendered file is stale; write nothing")
    if not parser.parse_args().check:
        write_files()
        return 0
    stale = stale_files()
    for path in stale:
        print(f"stale: {path.relative_to(DBT_DIR.parents[1])} (run `make contracts`)", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
