"""A page "Data landing" with files in every state."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.on_call.landing_site import LandingSite, landing_site

PENALTIES, OWNERSHIP = "NH_Penalties_Feb2025.csv", "NH_Ownership_Feb2025.csv"
COVID, WRONG_COLUMNS = "NH_CovidVaxAverages_20241027.csv", "NH_Penalties_Mar2025.csv"
HOSTILE = """<img src=x onerror='document.title="taken"'>&amp;.csv"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, csv_of: Callable[..., bytes]) -> Iterator[LandingSite]:
    """Two files are loaded, one of them with a rejected record; three are refused, one of them with markup for a name."""
    folder = tmp_path_factory.mktemp("landing")
    rawdata = folder / "rawdata"
    rawdata.mkdir()
    penalty = {"ccn": "015009", "penalty_date": "2024-01-02", "processing_date": "2025-02-01"}
    (rawdata / PENALTIES).write_bytes(csv_of("nh_penalties", [penalty, {**penalty, "ccn": "1"}]))
    (rawdata / COVID).write_bytes(csv_of("nh_covid_vax_averages", [{"state": "US", "as_of_date": "10/27/2024"}]))
    (rawdata / WRONG_COLUMNS).write_bytes(b"CMS Certification Number (CCN),Fine <b>Amount</b>\n015009,12\n")
    (rawdata / OWNERSHIP).write_bytes(b"")
    (rawdata / HOSTILE).write_bytes(b"a,b\n1,2\n")
    with landing_site(folder / "home", rawdata) as running:
        yield running
