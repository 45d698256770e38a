"""All 37 quarters of PBJ in their own headers and names, through the real pipeline: the figures that others computed come out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from include.ingest import pipeline
from include.ingest.pipeline import Services
from include.warehouse.bronze_copy import copy_to_bronze
from include.warehouse.operations import read_warehouse, run_dbt
from tests import pbj_history
from tests.checkpoints import recorded
from tests.ingest.published_totals import (
    FACILITIES,
    MISLABELLED_QUARTER,
    Oracle,
    Totals,
    corrected_contract_hours,
    read_oracle,
    totals_of,
    write_quarter,
)

pytestmark = pytest.mark.slow

KPIS = ("kpi_nurse_hours_by_state_month", "kpi_hprd_by_state_quarter", "kpi_contract_staffing_by_state_quarter")
HPRD = {
    "total_nurse_hprd": "Total_Nurse_HPRD",
    "rn_hprd": "RN_HPRD",
    "nurse_aide_hprd": "Nurse_Assistant_HPRD",
    "direct_care_hprd": "Nurse_Care_HPRD",
}
SUMS = {
    "resident_days": "total_resident_days",
    "total_nurse_hours": "Total_Nurse_Hours",
    "rn_hours": "Total_RN_Hours",
    "nurse_aide_hours": "Total_Nurse_Assistant_Hours",
    "direct_care_hours": "Total_Nurse_Care_Hours",
    "rn_direct_care_hours": "Total_RN_Care_Hours",
}

Figures = dict[tuple[str, str], dict[str, Any]]


def read_gold(services: Services, table: str) -> Figures:
    """(state, quarter) → the row, months added up."""
    with read_warehouse(services.settings) as warehouse:
        found = warehouse.execute(f"select * from gold.{table}")
        names = [column[0] for column in found.description]
        months = [dict(zip(names, values, strict=True)) for values in found.fetchall()]
    rows: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
    for row in months:
        place = rows[row.pop("state"), row.pop("quarter")]
        for name, value in row.items():
            place[name] = place.get(name, 0) + value if "month" in row and name != "month" else value
    return dict(rows)


def lpn_hours_of(published: Mapping[str, float]) -> float:
    return published["Total_Nurse_Hours"] - published["Total_RN_Hours"] - published["Total_Nurse_Assistant_Hours"]


@pytest.fixture
def oracle(cms_files: Path) -> Oracle:
    return read_oracle(cms_files.parent / "oracle")


@pytest.fixture
def states(oracle: Oracle) -> dict[str, dict[str, Totals]]:
    """quarter → state → what its file adds up to."""
    by_quarter: dict[str, dict[str, Totals]] = defaultdict(dict)
    for (state, quarter), figures in oracle.items():
        if state != "US":
            by_quarter[quarter][state] = totals_of(quarter, figures)
    return by_quarter


@pytest.fixture
def gold(dbt_home: Path, rawdata: Path, services: Services, states: Mapping[str, Mapping[str, Totals]]) -> dict[str, Figures]:
    """The KPIs of all quarters: landed, certified, copied and modelled as the DAG does."""
    for quarter in pbj_history.QUARTERS:
        (rawdata / pbj_history.file_name_of(quarter)).write_bytes(write_quarter(quarter, dict(states[quarter]), seed=1))
    for file in pipeline.plan(services).work:
        pipeline.land(services, file, "run")
        certified = recorded(pipeline.certify(services, file, "run").certified)
        assert (certified.family, certified.rows_rejected) == (pbj_history.FAMILY, 0)
    assert len(copy_to_bronze(services, "run")) == len(pbj_history.QUARTERS)
    chosen = [f"+{table}" for table in KPIS]
    run_dbt(services.settings, "--quiet", "build", "--select", *chosen, "--exclude-resource-type", "test", "unit_test")
    return {table: read_gold(services, table) for table in KPIS}


@pytest.mark.timeout(600)
def test_figures_of_the_nation_and_every_state_are_those_of_the_oracle_in_all_37_quarters(
    gold: dict[str, Figures], oracle: Oracle, states: Mapping[str, Mapping[str, Totals]]
) -> None:
    hours, hprd, contract = (gold[table] for table in KPIS)
    assert len(oracle) == 37 * 53 - 3  # Puerto Rico has no figures in three quarters
    assert set(hours) == set(hprd) == set(contract) == set(oracle)
    same_lpn_hprd = 0
    for key, published in oracle.items():
        for ours, theirs in SUMS.items():
            assert hours[key][ours] == pytest.approx(published[theirs], rel=1e-9), (key, ours)
        for ours, theirs in HPRD.items():
            assert hprd[key][ours] == pytest.approx(published[theirs], rel=1e-9), (key, ours)
        # The oracle's LPN_HPRD, and no other ratio of its, rests on other facilities than its sums do in a third of all rows.
        assert hprd[key]["lpn_hprd"] == pytest.approx(lpn_hours_of(published) / published["total_resident_days"], rel=1e-9), key
        same_lpn_hprd += hprd[key]["lpn_hprd"] == pytest.approx(published["LPN_HPRD"], rel=1e-9)
        # A contract share of 0.05 percent is a difference of large numbers in the oracle: half a cent of rounding shows there.
        shares, published_share = contract[key], pytest.approx(published["Contract_Percentage"], rel=1e-6, abs=1e-9)
        assert shares["contract_share_as_published_pct"] == published_share, key
        if key[1] != MISLABELLED_QUARTER:
            assert shares["contract_share_pct"] == published_share, key
            assert hours[key]["contract_hours"] == pytest.approx(published["Total_Contract_Hours"], rel=1e-6), key

    assert same_lpn_hprd > 1_250

    # 2017Q2: the figure as published is the oracle's 4.17 percent; the corrected one is that of the true hours.
    nation = contract["US", MISLABELLED_QUARTER]
    assert round(nation["contract_share_as_published_pct"], 2) == 4.17
    true_hours = {state: float(corrected_contract_hours(totals)) for state, totals in states[MISLABELLED_QUARTER].items()}
    assert nation["contract_hours"] == pytest.approx(sum(true_hours.values()), rel=1e-9)
    assert nation["contract_share_pct"] < 0.6 * nation["contract_share_as_published_pct"]
    for state, expected in true_hours.items():
        found = contract[state, MISLABELLED_QUARTER]
        assert found["contract_hours"] == pytest.approx(expected, rel=1e-9), state
        assert found["employee_hours"] + found["contract_hours"] == pytest.approx(found["total_nurse_hours"], rel=1e-9), state

    # One day in each state was marked as incomplete, in the only quarter that can say so.
    incomplete = {key: row["incomplete_days"] for key, row in hours.items() if row["incomplete_days"]}
    assert incomplete == {(state, "2021Q4"): 52 if state == "US" else 1 for state, quarter in oracle if quarter == "2021Q4"}
    assert hours["US", "2021Q4"]["facilities"] == 3 * 52 * FACILITIES  # each of the three months counts them
