"""Renders the dbt sources and staging models from the contracts: `python -m include.cms_contracts.render_staging [--check]`.

The files are committed, so SQL opened is SQL that runs; `--check` fails when one of them is stale.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from include.cms_contracts.contract import LINEAGE_COLUMNS, UNMAPPED_COLUMN, Contract, load_contracts

DBT_DIR = Path(__file__).parents[1] / "dbt_healthcare"
STAGING_DIR = DBT_DIR / "models" / "staging"
BANNER = "Rendered from include/cms_contracts/families by `make contracts`; do not edit by hand."


def render_model(contract: Contract) -> str:
    """One staging model: the current rows of the family's bronze table, each cell cast by its type word."""
    casts = ",\n".join(f"        {{{{ cms_{column.type}('{column.name}') }}}} as {column.name}" for column in contract.columns)
    lineage = ",\n".join(f"        {name}" for name in LINEAGE_COLUMNS)
    return f"""-- {BANNER}
with

bronze_rows as (

    select * from {{{{ source('bronze', '{contract.family}') }}}}

),

current_files as (

    select file_md5 from {{{{ ref('current_files') }}}}

),

final as (

    select
{casts},
{lineage}
    from bronze_rows
    where _file_md5 in (select current_files.file_md5 from current_files)

)

select * from final
"""


def _model_yaml(contract: Contract) -> dict[str, Any]:
    """Without columns, which the contract lists, and without tests: the silver model, which stores its rows, has them."""
    description = f"{contract.row} {contract.description} Typed, renamed, current files only. Source: {contract.source}."
    return {"name": f"stg_{contract.family}", "description": description}


def _source_yaml(contract: Contract) -> dict[str, Any]:
    lineage = [{"name": name} | _data_type(name) for name in LINEAGE_COLUMNS]
    return {
        "name": contract.family,
        "description": f"{contract.row} All cells as text, as published. {contract.description}",
        "config": {"meta": _meta(contract)},
        "columns": [*({"name": name} for name in contract.column_names), *lineage, {"name": UNMAPPED_COLUMN}],
    }


def _data_type(lineage_column: str) -> dict[str, str]:
    """Bronze is text but for what the pipeline itself adds."""
    types = {"_source_row": "bigint", "_occurrence": "bigint", "_landed_at": "timestamp"}
    return {"data_type": types[lineage_column]} if lineage_column in types else {}


def _meta(contract: Contract) -> dict[str, Any]:
    """What the models and tests of a family go by."""
    return {
        "silver_model": contract.silver_model,
        "key": list(contract.key),
        "repeats": contract.repeats.value,
        "max_age_days": contract.max_age_days,
        "expected_every_days": contract.expected_every_days,
    }


def _dump(content: dict[str, Any]) -> str:
    return f"# {BANNER}\n" + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)


def rendered_files() -> Iterator[tuple[Path, str]]:
    """Every rendered file with the text it should hold."""
    contracts = load_contracts()
    sources = {"name": "bronze", "schema": "bronze", "tables": [_source_yaml(contract) for contract in contracts]}
    yield STAGING_DIR / "_bronze__sources.yml", _dump({"version": 2, "sources": [sources]})
    yield STAGING_DIR / "_staging__models.yml", _dump({"version": 2, "models": [_model_yaml(c) for c in contracts]})
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
