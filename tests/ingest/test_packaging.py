"""The same files give the same bronze however they come: loose, in a zip, in a zip of zips, or in all of them at once."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from include.contracts.families import FAMILY_NAMES
from include.ingest import pipeline
from include.ingest.pipeline import Services
from include.warehouse.bronze_copy import copy_to_bronze
from include.warehouse.operations import read_rows
from local.sample import SampleSize, write_sample

pytestmark = pytest.mark.slow

SIZE = SampleSize(facilities=60, quarters=1, vintages=2)
LEDGER = (
    "select file_md5, family, period, file_name, rows_in_file, rows_certified, rows_rejected, rows_loaded, facilities"
    " from bronze.load_ledger order by all"
)
TABLES = (*FAMILY_NAMES, "rejected_rows", "layout_notices")


@dataclass(frozen=True)
class Bronze:
    """Every row but for the time at which it was landed; `loads` are the names that COPY has told, in any order."""

    ledger: list[tuple[Any, ...]]
    tables: dict[str, list[tuple[Any, ...]]]
    loads: list[str]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """All families; one file has a record that is refused, and one a column that no contract knows."""
    paths = write_sample(tmp_path_factory.mktemp("files"), SIZE)
    named = {path.name: path for path in paths}
    with named["NH_Penalties_Oct2024.csv"].open("ab") as penalties:
        penalties.write(b'"015116","a record that ends too early"\n')
    dates = named["NH_SurveyDates_Oct2024.csv"]
    dates.write_bytes(b"".join(line.rstrip() + b",of no contract\n" for line in dates.read_bytes().splitlines()))
    return paths


def zipped(path: Path, members: Iterable[Path]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            archive.write(member, f"tables/{member.name}")
        archive.writestr("NH_Data_Dictionary.pdf", b"%PDF-1.4")
    return path


def put_loose(files: list[Path], folder: Path) -> None:
    for path in files:
        shutil.copy(path, folder)


def put_zip(files: list[Path], folder: Path) -> None:
    zipped(folder / "nursing_homes_including_rehab_services_10_2024.zip", files)


def put_zip_of_zips(files: list[Path], folder: Path) -> None:
    """A zip per month and what belongs to none, in one of the year."""
    september = [path for path in files if "Sep2024" in path.name]
    others = [path for path in files if path not in september]
    parts = [zipped(folder / "september.zip", september), zipped(folder / "october.zip", others[:-1])]
    zipped(folder / "nursing_homes_including_rehab_services_2024.zip", [*parts, others[-1]])
    for part in parts:
        part.unlink()


def run(services: Services, run_id: str) -> list[str]:
    """One run as far as bronze; the names of what it has loaded."""
    planned = pipeline.plan(services)
    for file in planned.work:
        pipeline.land(services, file, run_id)
    for file in pipeline.plan_to_certify(services, planned).work:
        pipeline.certify(services, file, run_id)
    return sorted(file.file_name for file in copy_to_bronze(services, run_id))


def bronze(services: Services, loads: list[str]) -> Bronze:
    return Bronze(
        read_rows(services.settings, LEDGER),
        {
            table: read_rows(
                services.settings, f"select columns(lambda name: name <> '_landed_at') from bronze.{table} order by all"
            )
            for table in TABLES
        },
        loads,
    )


@pytest.fixture
def loaded(files: list[Path], tmp_path: Path, new_home: Callable[[Path], Services]) -> Callable[..., tuple[Services, Bronze]]:
    """A home over a folder into which the files were put in these ways, after one run."""

    def load(name: str, *ways: Callable[[list[Path], Path], None]) -> tuple[Services, Bronze]:
        rawdata = tmp_path / name
        rawdata.mkdir()
        for put in ways:
            put(files, rawdata)
        services = new_home(rawdata)
        return services, bronze(services, run(services, "run-1"))

    return load


def test_loose_files_a_zip_and_a_zip_of_zips_give_the_same_bronze_and_each_file_is_loaded_once(
    loaded: Callable[..., tuple[Services, Bronze]], files: list[Path]
) -> None:
    _, loose = loaded("loose", put_loose)
    assert len(loose.loads) == len({path.read_bytes() for path in files}) == len(files) - 1, "CMS releases some tables unchanged"
    assert all(loose.tables.values()), "each table has rows to compare"
    for name, ways in {
        "zip": (put_zip,),
        "zip of zips": (put_zip_of_zips,),
        "all at once": (put_loose, put_zip, put_zip_of_zips),
    }.items():
        services, found = loaded(name, *ways)
        assert found == loose, name
        assert pipeline.plan(services).work == (), name
        assert run(services, "run-2") == [], name
