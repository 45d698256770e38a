"""The verb `layout`: what a file holds and what a run would say of it, without any service."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from include.on_call import __main__ as command_line

CsvOf = Callable[..., bytes]
PENALTY = {"ccn": "015009", "penalty_date": "2024-01-02", "penalty_type": "Fine", "processing_date": "2025-02-01"}


@pytest.fixture
def layout(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def run(*arguments: object) -> tuple[int, str]:
        code = command_line.main(["layout", *map(str, arguments)])
        return code, capsys.readouterr().out

    return run


def test_family_period_columns_and_rejects_are_listed(
    layout: Callable[..., tuple[int, str]], csv_of: CsvOf, tmp_path: Path
) -> None:
    path = tmp_path / "NH_Penalties_Feb2025.csv"
    path.write_bytes(csv_of("nh_penalties", [PENALTY, PENALTY | {"ccn": "15009"}]).replace(b"Penalty Type", b"Mood"))
    code, said = layout(path)
    assert code == 1
    assert "Penalties, 2025-02 (family nh_penalties), utf-8" in said
    assert "2 records of 1 facilities, 1 would be rejected" in said
    assert "line 3: column ccn: '15009' is not a CCN" in said


def test_archive_is_listed_file_by_file(layout: Callable[..., tuple[int, str]], csv_of: CsvOf, tmp_path: Path) -> None:
    path = tmp_path / "feb.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("NH_Penalties_Feb2025.csv", csv_of("nh_penalties", [PENALTY]))
        archive.writestr("manifest.json", b"{}")
        archive.writestr("notes.csv", b"a\n1\n")
    code, said = layout(path)
    assert code == 1
    assert [line for line in said.splitlines() if line.startswith("feb.zip/")] == [
        "feb.zip/NH_Penalties_Feb2025.csv",
        "feb.zip/manifest.json",
        "feb.zip/notes.csv",
    ]
    assert "refused: 'notes.csv' matches no CMS file family" in said


def test_profile_has_a_line_per_column(layout: Callable[..., tuple[int, str]], cms_files: Path) -> None:
    code, said = layout("--profile", cms_files / "2024-10" / "NH_CovidVaxAverages_20241027.csv")
    assert code == 0
    columns = {line.split()[0]: line.split()[1:6] for line in said.splitlines()[4:] if line.strip()}
    assert columns["column"] == ["blank", "distinct", "least", "greatest", "mean"]
    assert columns["residents_up_to_date_pct"] == ["0", "45", "10.9", "62.6", "26.54"]
    assert "residents_boosted_pct" not in columns


def test_genuine_files_of_every_era_are_fine(layout: Callable[..., tuple[int, str]], cms_files: Path) -> None:
    paths = sorted(path for path in cms_files.rglob("*.csv"))
    assert len(paths) > 15
    code, said = layout(*paths)
    assert (code, "refused" in said, "rejected" in said) == (0, False, False)
    assert "new: " not in said
    assert "withdrawn: " not in said
