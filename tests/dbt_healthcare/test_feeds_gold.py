"""The contracts mark as `feeds_gold` the columns that gold is made of, no fewer and no more."""

from __future__ import annotations

import json
from collections.abc import Callable

from include.contracts.contract import load_contracts
from tests.dbt_healthcare.conftest import PROJECT, Warehouse
from tests.gold_lineage import columns_of_gold

#: Tells what the files say that we do not know, in columns that no figure is made of: their loss needs nobody.
ABOUT_THE_FILES = ("unknown_codes",)


def test_columns_that_gold_is_made_of_are_marked_in_the_contracts(new_warehouse: Callable[[], Warehouse]) -> None:
    warehouse = new_warehouse()
    assert warehouse.dbt("compile").success
    manifest = json.loads((warehouse.home / "target" / "manifest.json").read_text(encoding="utf-8"))
    needed = columns_of_gold(manifest, PROJECT, apart_from=ABOUT_THE_FILES)
    assert needed["stg_pbj_daily_nurse_staffing"] >= {"rn_hours", "rn_contract_hours", "resident_census"}  # renamed on the way
    wrong = {}
    for contract in load_contracts():
        marked = {column.name for column in contract.columns if column.feeds_gold}
        used = needed[f"stg_{contract.family}"] & set(contract.column_names)
        if marked != used:
            wrong[contract.family] = {"mark": sorted(used - marked), "unmark": sorted(marked - used)}
    assert not wrong
