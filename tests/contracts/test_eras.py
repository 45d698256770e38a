"""A fixture for each era and table, under `eras/<period>`: CMS's header of that time over one invented row."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from include.contracts.contract import load_contracts
from include.contracts.drift import NoticeKind, layout_notices, refuse_possible_renames
from include.contracts.file_name import match_family, period_in_name, period_of_cell
from include.contracts.header import map_header
from tests.contracts.invented import invented_cell

ERAS = Path(__file__).parent / "eras"
FILES = sorted(path.relative_to(ERAS) for path in ERAS.rglob("*.csv"))
RATINGS_ALONE = Path("2017-02/Star_Ratings.csv")


def read(file: Path) -> tuple[list[str], list[str]]:
    with (ERAS / file).open(encoding="utf-8", newline="") as lines:
        header, row = csv.reader(lines)
    return header, row


@pytest.mark.parametrize("file", FILES, ids=str)
def test_every_cell_of_the_era_is_in_the_column_that_it_means(file: Path) -> None:
    header, row = read(file)
    contract, period = match_family(file.name), file.parent.name
    mapped = map_header(contract, header)
    assert mapped.unmapped == {}
    columns = {column.name: column for column in contract.columns}
    assert dict(zip(mapped.positions, row, strict=True)) == {
        name: invented_cell(contract, columns[name], period) for name in mapped.positions
    }


@pytest.mark.parametrize("file", [file for file in FILES if file != RATINGS_ALONE], ids=str)
def test_file_as_cms_published_it_in_its_era_gives_no_notice(file: Path) -> None:
    contract, period = match_family(file.name), file.parent.name
    header = map_header(contract, read(file)[0])
    assert layout_notices(contract, header, period) == ()
    refuse_possible_renames(contract, header, period)


@pytest.mark.parametrize("file", FILES, ids=str)
def test_period_is_told_by_the_name_or_else_by_the_rows(file: Path) -> None:
    header, row = read(file)
    contract = match_family(file.name)
    period = period_in_name(file.name, contract.period.kind)
    if period is None:
        assert contract.period.column
        at = map_header(contract, header).positions.index(contract.period.column)
        period = period_of_cell(row[at], contract.period.kind)
    assert period == file.parent.name


def test_view_with_the_ratings_alone_is_taken_and_says_what_it_lacks() -> None:
    contract = match_family(RATINGS_ALONE.name)
    header = map_header(contract, read(RATINGS_ALONE)[0])
    notices = layout_notices(contract, header, RATINGS_ALONE.parent.name)
    assert {notice.kind for notice in notices} == {NoticeKind.WITHDRAWN}
    refuse_possible_renames(contract, header, RATINGS_ALONE.parent.name)


@pytest.mark.parametrize("table", ["Facility", "Aggregate"])
def test_years_in_the_header_of_the_program_of_2026_are_those_of_its_own_averages(table: str) -> None:
    file = Path(f"FY2026/FY_2026_SNF_VBP_{table}_Performance.csv")
    years = map_header(match_family(file.name), read(file)[0]).constants
    assert years == {"baseline_fiscal_year": "2022", "performance_fiscal_year": "2024"}


def test_every_family_has_a_fixture_and_the_tables_of_2019_have_their_short_codes() -> None:
    assert {match_family(file.name).family for file in FILES} == {contract.family for contract in load_contracts()}
    assert len([file for file in FILES if file.name.endswith("_Download.csv") and file.parent.name == "2019-11"]) == 9


def test_cells_that_only_one_era_has_are_columns_of_their_own() -> None:
    """The pooled cycles of 2025 are no second cycle, "vaccinated" is not "up to date", a score of ten is none of a hundred."""
    named = {file: set(map_header(match_family(file.name), read(file)[0]).positions) for file in map(Path, PAIRS)}
    for file, (there, not_there) in PAIRS.items():
        assert set(there) <= named[Path(file)], file
        assert not set(not_there) & named[Path(file)], file


PAIRS = {
    "2025-07/NH_ProviderInfo_Jul2025.csv": (
        ["chain_name", "cycle_2_survey_date", "cycle_2_standard_deficiencies", "cycle_2_3_total_score"],
        ["cycle_2_total_score", "cycle_3_total_score"],
    ),
    "2024-10/NH_ProviderInfo_Oct2024.csv": (["chain_name", "cycle_2_total_score"], ["cycle_2_3_total_score"]),
    "2022-06-26/NH_CovidVaxProvider_20220626.csv": (["residents_vaccinated_pct", "staff_boosted_pct"], ["staff_up_to_date_pct"]),
    "FY2026/FY_2026_SNF_VBP_Facility_Performance.csv": (
        ["baseline_readmission_rate", "readmission_achievement_score", "hai_measure_score", "turnover_performance_rate"],
        ["achievement_score"],
    ),
    "2018-01/ProviderInfo_2018_01.csv": (["residents_in_certified_beds"], ["average_residents_per_day"]),
    "2019-11/ProviderInfo_Download.csv": (["average_residents_per_day"], ["residents_in_certified_beds"]),
}
