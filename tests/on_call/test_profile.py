"""Profiles of columns, against published profiles of genuine files and on the cells that mislead a profiler."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from include.on_call.profile import ColumnProfile, profile_table

WHOLE_FILES = (
    "FY_2024_SNF_VBP_Facility_Performance",
    "NH_CitationDescriptions_Oct2024",
    "NH_CovidVaxAverages_20241027",
    "NH_CovidVaxProvider_20241027",
    "NH_DataCollectionIntervals_Oct2024",
    "NH_StateUSAverages_Oct2024",
)


def _read(cms_files: Path, name: str) -> pa.Table:
    path = cms_files / "2024-10" / f"{name}.csv"
    names = pa_csv.read_csv(path).column_names
    as_text = pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    return pa_csv.read_csv(path, parse_options=pa_csv.ParseOptions(newlines_in_values=True), convert_options=as_text)


def _published(cms_files: Path, name: str, section: str, columns: list[str]) -> dict[str, list[str]]:
    """The words behind each column's name in one section of the profile beside the genuine files."""
    text = (cms_files.parent / "profiles" / f"{name}_profile.txt").read_text(encoding="utf-8")
    lines = text.partition(f"--- {section} ---")[2].partition("\n---")[0].splitlines()
    return {column: line[len(column) :].split() for column in columns for line in lines if line.startswith(f"{column}  ")}


def _column(*cells: str | None) -> ColumnProfile:
    (profile,) = profile_table(pa.table({"column": pa.array(cells, pa.string())}))
    return profile


@pytest.mark.parametrize("name", WHOLE_FILES)
def test_blanks_of_genuine_files_are_those_of_the_published_profiles(cms_files: Path, name: str) -> None:
    table = _read(cms_files, name)
    published = _published(cms_files, name, "Missing Values", table.column_names)
    profiles = profile_table(table)
    assert [profile.name for profile in profiles] == table.column_names == list(published)
    assert {profile.name: [str(profile.blanks)] for profile in profiles} == published


def test_distinct_and_most_frequent_values_are_those_of_the_published_profile(cms_files: Path) -> None:
    table = _read(cms_files, "NH_CovidVaxProvider_20241027")
    published = _published(cms_files, "NH_CovidVaxProvider_20241027", "Describe (transposed)", table.column_names)
    profiles = profile_table(table)
    assert len(profiles) == 5
    for profile in profiles:
        value, times = profile.most_frequent[0]
        assert [str(profile.distinct_values), value, str(times)] == published[profile.name][1:], profile.name


def test_mean_least_and_greatest_are_those_of_the_published_profile(cms_files: Path) -> None:
    table = _read(cms_files, "NH_StateUSAverages_Oct2024")
    published = _published(cms_files, "NH_StateUSAverages_Oct2024", "Describe (transposed)", table.column_names)
    numeric = [profile for profile in profile_table(table) if profile.mean is not None]
    assert len(numeric) == 46  # all but the state and the processing date
    for profile in numeric:
        count, _, _, _, mean, _, least, _, _, _, greatest = published[profile.name]
        assert table.num_rows - profile.blanks == float(count), profile.name
        found = [profile.mean, float(profile.least or "nan"), float(profile.greatest or "nan")]
        assert found == pytest.approx([float(mean), float(least), float(greatest)], rel=1e-5, abs=1e-6), profile.name


def test_certified_parquet_gives_the_columns_of_the_file_without_its_lineage(tmp_path: Path) -> None:
    columns = {"ccn": pa.array(["015009", ""]), "dropped": pa.nulls(2, pa.string())}
    lineage = {"_source_file": ["a.csv", "a.csv"], "_source_row": [2, 3], "_landed_at": [datetime(2024, 11, 1)] * 2}
    pq.write_table(pa.table({**columns, **lineage}), tmp_path / "bronze.parquet")
    assert profile_table(tmp_path / "bronze.parquet") == profile_table(pa.table(columns))
    assert profile_table(tmp_path / "bronze.parquet") == [
        ColumnProfile("ccn", 1, 1, "015009", "015009", None, (("015009", 1),)),
        ColumnProfile("dropped", 2, 0, None, None, None, ()),
    ]


def test_numbers_are_ordered_by_size_and_words_for_no_value_do_not_count_as_numbers() -> None:
    profile = _column("9", "10", "-2.5", "Not Available", "-", "", None, "  ")
    assert (profile.least, profile.greatest, profile.mean) == ("-2.5", "10", 5.5)
    assert (profile.blanks, profile.distinct_values) == (3, 5)


def test_dates_are_ordered_by_day_and_have_no_mean() -> None:
    assert _column("12/31/2022", "01/02/2024", "10/01/2023", "N/A") == ColumnProfile(
        "column", 0, 4, "12/31/2022", "01/02/2024", None, (("01/02/2024", 1), ("10/01/2023", 1), ("12/31/2022", 1), ("N/A", 1))
    )
    assert _column("20241001", "20240401").mean is None
    assert _column("20241399", "20240401").mean == pytest.approx(20240900)


def test_codes_with_leading_zeros_and_columns_with_other_words_are_text() -> None:
    assert _column("015009", "105009").mean is None
    assert _column("0", "0.5").mean == 0.25
    mixed = _column("9", "10", "unknown")
    assert (mixed.least, mixed.greatest, mixed.mean) == ("10", "unknown", None)


def test_column_of_words_for_no_value_is_text() -> None:
    profile = _column("Not Available", "Not Available")
    assert (profile.distinct_values, profile.least, profile.mean) == (1, "Not Available", None)


def test_five_most_frequent_values_stand_by_count_then_by_letters() -> None:
    cells = [*"ccc", *"bb", *"aa", "f", "e", "d"]
    assert _column(*cells).most_frequent == (("c", 3), ("a", 2), ("b", 2), ("d", 1), ("e", 1))


def test_cells_are_told_apart_as_they_stand() -> None:
    assert _column("TX", "TX ", "tx").distinct_values == 3


def test_header_without_rows_is_profiled_too() -> None:
    assert _column() == ColumnProfile("column", 0, 0, None, None, None, ())
