"""What CMS begins to write is heard: columns that no contract knows, and codes and words that no catalog explains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from dbt.artifacts.schemas.results import NodeStatus

from tests.dbt_healthcare.conftest import Warehouse

PROVIDER = {"ccn": "015009", "state": "AL", "processing_date": "2026-02-01"}
CITATION = {"ccn": "015009", "survey_type": "Health", "deficiency_prefix": "F", "deficiency_tag_number": "0880"}
MEASURE = {"ccn": "015009", "resident_type": "Long Stay"}


@pytest.fixture(scope="module")
def warehouse(new_warehouse: Callable[[], Warehouse]) -> Warehouse:
    filled = new_warehouse()
    for period in ("2026-02", "2026-03"):
        filled.add_rows(
            "nh_provider_info",
            period,
            [PROVIDER | {"overall_rating_footnote": "18, 99", "ownership_type": "FOR PROFIT - CORPORATION"}],
        )
        filled.add_rows("nh_quality_msr_mds", period, [MEASURE | {"measure_code": code} for code in ("410", "499")])
    filled.add_rows("nh_health_citations", "2026-03", [CITATION | {"scope_severity_code": code} for code in ("D", "M")])
    qrp = [{"ccn": "1", "measure_code": "S_004_01_PPR_PD_COMP_PERF", "score": word} for word in ("Much Better", "Not Available")]
    filled.add_rows(
        "snf_qrp_provider_data", "2026-03", [*qrp, {"ccn": "1", "measure_code": "S_004_01_PPR_PD_OBS", "score": "5.38"}]
    )
    no_tests = ["--exclude-resource-type", "unit_test", "test"]
    assert filled.dbt("build", "+unknown_codes", "+layout_notices", options=no_tests).success
    return filled


def test_unknown_codes_and_words_are_listed_with_where_they_stand(warehouse: Warehouse) -> None:
    rows = warehouse.rows("select * from gold.unknown_codes order by family, column_name")
    assert [tuple(row.values()) for row in rows] == [
        ("nh_health_citations", "scope_severity_code", "word", "M", 1, "2026-03", "2026-03"),
        ("nh_provider_info", "overall_rating_footnote", "footnote", "99", 2, "2026-02", "2026-03"),
        ("nh_quality_msr_mds", "measure_code", "measure code", "499", 2, "2026-02", "2026-03"),
        ("snf_qrp_provider_data", "score", "word", "Much Better", 1, "2026-03", "2026-03"),
    ]


def test_unknown_code_is_a_warning_and_stops_nothing(warehouse: Warehouse) -> None:
    tested: Any = warehouse.dbt("test", "codes_are_known").result
    assert [result.status for result in tested.results] == [NodeStatus.Warn]


def test_notices_of_files_that_speak_name_the_file_that_had_them_first(warehouse: Warehouse) -> None:
    for name in ("first.csv", "second.csv"):
        warehouse.add_rows("nh_penalties", "2026-02", [{"ccn": "1"}], file_name=name, notices={"Fine ID": "new"})
    warehouse.add_rows("nh_penalties", "2026-03", [{"ccn": "1"}], file_name="third.csv", notices={"Location": "withdrawn"})
    assert warehouse.dbt("run", "layout_notices").success
    rows = warehouse.rows(
        "select family, period, file_name, column_name, kind, first_file_name from gold.layout_notices order by period"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("nh_penalties", "2026-02", "second.csv", "Fine ID", "new", "first.csv"),
        ("nh_penalties", "2026-03", "third.csv", "Location", "withdrawn", "third.csv"),
    ]
