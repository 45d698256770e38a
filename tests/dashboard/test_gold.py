from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import gold
import pandas as pd
import pytest
import yaml
from gold import Scope
from gold.warehouses import plain_numbers
from kpi_catalogue import CONTRACT_KPI, GOLD_TABLES, HPRD_KPI, KPIS, Measure, Series

from tests.dashboard.national_gold import SMALL, make_current, publish

HPRD = HPRD_KPI.measure("total")
MODELS = Path(__file__).parents[2] / "include" / "dbt_healthcare" / "models" / "gold"
ALL_MEASURES = [pytest.param(measure, id=f"{kpi.key}.{measure.key}") for kpi in KPIS for measure in kpi.measures]


def query(folder: Path, sql: str) -> list[tuple[object, ...]]:
    """Gold, asked without the dashboard. `{name}` in the text stands for a table."""
    tables = {table: f"read_parquet('{folder}/{table}.parquet')" for table in GOLD_TABLES}
    return duckdb.connect().execute(sql.format(**tables)).fetchall()


def test_generated_gold_has_the_columns_of_the_models(full: Path) -> None:
    for path in sorted(MODELS.glob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            assert model["name"] in GOLD_TABLES
            columns = {str(row[0]) for row in query(full, f"describe select * from {{{model['name']}}}")}
            assert columns >= {column["name"] for column in model["columns"]}, model["name"]


@pytest.mark.parametrize("measure", ALL_MEASURES)
def test_every_measure_reads_every_level(full: Path, measure: Measure) -> None:
    publication = gold.current_publication()
    for scope in (Scope(), Scope(state="AL"), Scope(state="AL", ownership="For profit")):
        if measure.facility is None and scope.by_facility:
            continue
        periods = gold.periods(publication, measure, scope)
        assert periods == sorted(periods)
        assert len(gold.trend(publication, measure, scope)) == len(periods) > 0
        assert len(gold.by_state(publication, measure, Scope(), periods[-1])) > 40


def test_state_rows_equal_facilities_added_up(full: Path) -> None:
    publication = gold.current_publication()
    for measure in (*HPRD_KPI.measures, *CONTRACT_KPI.measures):
        if measure.facility is None:
            continue
        states = gold.by_state(publication, measure, Scope(), "2024Q3").set_index("state")["value"]
        added = gold.by_state(publication, _without_states(measure), Scope(), "2024Q3").set_index("state")["value"]
        pd.testing.assert_series_equal(states, added, rtol=1e-9)


def test_kinds_of_facility_add_up_alike_from_states_and_from_facilities(full: Path) -> None:
    publication = gold.current_publication()
    state = gold.staffing_by_type(publication, Scope(state="AL"), "ownership_group", "2024Q3").set_index("value")
    narrower = gold.staffing_by_type(publication, Scope(state="AL", ownership="For profit"), "ownership_group", "2024Q3")
    (found,) = narrower.to_dict("records")
    assert found.pop("value") == "For profit"
    for name, value in found.items():
        assert value == pytest.approx(state.loc["For profit", name], rel=1e-3), name


def _without_states(measure: Measure) -> Measure:
    from dataclasses import replace

    return replace(measure, state=None)


def test_filtered_trend_is_the_ratio_of_sums_of_its_facilities(full: Path) -> None:
    ((chain,),) = query(full, "select min(chain_id) from {facilities} where ownership_group = 'Non profit'")
    rows = gold.trend(gold.current_publication(), HPRD, Scope(ownership="Non profit", chain=str(chain)))
    ((expected,),) = query(
        full,
        "select sum(total_nurse_hours) / sum(resident_days) from {kpi_hprd_by_facility_month} where quarter = '2024Q3' and "
        "ccn in "
        f"(select ccn from {{facilities}} where ownership_group = 'Non profit' and chain_id = '{chain}')",
    )
    assert rows.set_index("period").loc["2024Q3", "value"] == pytest.approx(expected)


def test_facilities_are_told_apart_by_ccn_not_by_name(full: Path) -> None:
    rows = gold.by_facility(gold.current_publication(), HPRD, Scope(), "2024Q3", "2024Q3", limit=1000)
    assert len(rows) == rows["ccn"].nunique() == SMALL.facilities
    assert rows["provider_name"].nunique() < len(rows)


def test_suppressed_facilities_come_last_with_their_footnote_and_never_as_zero(full: Path) -> None:
    from kpi_catalogue import INCIDENTS_KPI

    rows = gold.by_facility(
        gold.current_publication(), INCIDENTS_KPI.measure("falls"), Scope(), "2024-10-01", "2024-10-01", limit=1000
    )
    missing = rows[rows["value"].isna()]
    assert len(missing) > 0
    assert set(missing["footnote"]) == {"9"}
    assert rows["value"].isna().to_numpy()[-len(missing) :].all()


@pytest.mark.parametrize("words", ["'; drop table facilities; --", "%", "' or 1=1 --", "_" * 200, "\x00", "☃"])
def test_search_takes_any_words_as_words(full: Path, words: str) -> None:
    assert len(gold.search_facilities(gold.current_publication(), words, Scope())) == 0
    assert len(gold.search_facilities(gold.current_publication(), "015009", Scope())) == 1


@pytest.mark.parametrize(
    ("words", "least"), [("015009", 1), ("miller's", 40), ("lake city", 30), ("00037", 1), ("merry hartford", 5)]
)
def test_search_finds_by_ccn_name_city_and_zip(full: Path, words: str, least: int) -> None:
    found = gold.search_facilities(gold.current_publication(), words, Scope())
    assert len(found) >= least
    text = found.astype(str).agg(" ".join, axis=1).str.lower()
    assert all(word in line for line in text for word in words.split())


def test_peers_rank_within_the_state(full: Path) -> None:
    ((ccn,),) = query(full, "select min(ccn) from {facilities} where state = 'AL'")
    standing = gold.peers(gold.current_publication(), HPRD, str(ccn), "AL", "2024Q3").iloc[0]
    ((median, count),) = query(
        full,
        "select median(h), count(*) from (select ccn, sum(total_nurse_hours) / sum(resident_days) h from "
        "{kpi_hprd_by_facility_month} "
        "where state = 'AL' and quarter = '2024Q3' group by ccn)",
    )
    assert standing["median"] == pytest.approx(median)
    assert 1 <= standing["place"] <= standing["facilities"] == count


def test_published_benchmark_of_a_quarter_sums_our_months(full: Path) -> None:
    from kpi_catalogue import HOURS_KPI

    ours = gold.benchmark_value(gold.current_publication(), HOURS_KPI.measure("total"), "CA", "2024Q2")
    ((expected,),) = query(
        full, "select sum(total_nurse_hours) from {kpi_nurse_hours_by_state_month} where state = 'CA' and quarter = '2024Q2'"
    )
    assert ours == pytest.approx(expected)
    assert gold.benchmark_value(gold.current_publication(), HOURS_KPI.measure("total"), "CA", "1999Q2") is None


# ------------------------------------------------------------------------------------------- refreshes and damage


def test_refresh_is_picked_up_without_a_restart(tmp_path: Path, gold_at: Callable[[Path], None]) -> None:
    gold_at(publish(tmp_path, SMALL, version="1"))
    before = gold.trend(gold.current_publication(), HPRD, Scope())
    from dataclasses import replace

    publish(tmp_path, replace(SMALL, quarters=2), version="2")
    after = gold.trend(gold.current_publication(), HPRD, Scope())
    assert (len(before), len(after)) == (3, 2)
    make_current(tmp_path, "1")
    assert len(gold.trend(gold.current_publication(), HPRD, Scope())) == 3


def test_page_that_began_before_the_swap_ends_on_its_own_version(tmp_path: Path, gold_at: Callable[[Path], None]) -> None:
    gold_at(publish(tmp_path, SMALL, version="1"))
    publication = gold.current_publication()
    from dataclasses import replace

    publish(tmp_path, replace(SMALL, quarters=1), version="2")
    assert len(gold.trend(publication, HPRD, Scope())) == 3


def test_nothing_published_says_what_to_do(tmp_path: Path, gold_at: Callable[[Path], None]) -> None:
    gold_at(tmp_path / "nowhere")
    with pytest.raises(gold.NothingPublishedError, match="make run"):
        gold.current_publication()


def test_home_of_make_run_is_read_without_gold_dir(
    tmp_path: Path, gold_at: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    current = publish(tmp_path, SMALL)
    monkeypatch.delenv("GOLD_DIR", raising=False)
    monkeypatch.setenv("HEALTHCARE_HOME", str(tmp_path))
    assert gold.current_publication().location == str(current.resolve())


@pytest.mark.parametrize("manifest", [None, "", "{", "[]", '{"rows": {}}'])
def test_half_written_folder_is_refused(tmp_path: Path, gold_at: Callable[[Path], None], manifest: str | None) -> None:
    current = publish(tmp_path, SMALL)
    path = current / "manifest.json"
    path.unlink() if manifest is None else path.write_text(manifest, encoding="utf-8")
    gold_at(current)
    with pytest.raises(gold.PublicationDamagedError, match="manifest"):
        gold.current_publication()


def test_damaged_table_is_named_and_the_others_still_read(
    tmp_path: Path, gold_at: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    current = publish(tmp_path, SMALL)
    path = current / "kpi_hprd_by_state_quarter.parquet"
    path.write_bytes(path.read_bytes()[:200])
    gold_at(current)
    publication = gold.current_publication()
    with caplog.at_level(logging.ERROR), pytest.raises(gold.PublicationDamagedError, match="kpi_hprd_by_state_quarter"):
        gold.trend(publication, HPRD, Scope())
    assert "kpi_hprd_by_state_quarter" in caplog.text
    assert len(gold.trend(publication, CONTRACT_KPI.measure("total"), Scope())) == 3


def test_missing_table_is_named(tmp_path: Path, gold_at: Callable[[Path], None]) -> None:
    current = publish(tmp_path, SMALL)
    (current / "kpi_hprd_by_state_quarter.parquet").unlink()
    gold_at(current)
    with pytest.raises(gold.TableMissingError, match="kpi_hprd_by_state_quarter"):
        gold.trend(gold.current_publication(), HPRD, Scope())


def test_tables_outside_gold_never_reach_sql(full: Path) -> None:
    with pytest.raises(ValueError, match="not a table of gold"):
        gold.require(gold.current_publication(), "facilities; drop table facilities")


def test_decimals_become_floats() -> None:
    from decimal import Decimal

    frame = plain_numbers(pd.DataFrame({"a": [Decimal("1.50"), None], "b": ["x", None]}))
    assert frame["a"].iloc[0] == 1.5
    assert frame["b"].iloc[0] == "x"


def test_constants_of_the_catalogue_name_known_tables() -> None:
    series: list[Series] = [s for kpi in KPIS for measure in kpi.measures for s in (measure.state, measure.facility) if s]
    assert {s.table for s in series} <= set(GOLD_TABLES)


def test_manifest_version_is_part_of_what_is_cached(tmp_path: Path, gold_at: Callable[[Path], None]) -> None:
    current = publish(tmp_path, SMALL)
    copy = tmp_path / "copy"
    shutil.copytree(current.resolve(), copy)
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    (copy / "manifest.json").write_text(json.dumps(manifest | {"version": "another"}), encoding="utf-8")
    gold_at(copy)
    assert gold.current_publication().version == "another"
    assert os.environ["GOLD_DIR"] == str(copy)
