"""`make data` against a server with CMS's answers: whole, resumed, changed, missing, out of reach."""

from __future__ import annotations

import gzip
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

from include.contracts.contract import load_contracts
from include.contracts.file_name import match_family
from local.download.cms_download import main
from tests.emulators.cms_site import CmsSite, PublishedFile, running_cms_site

Make = Callable[..., int]

REPOSITORY = Path(__file__).parents[3]
PENALTIES = ("g6vv-u9sr", "NH_Penalties_Aug2026.csv")
QUARTERS = {"2026Q1": "2026-01-01/2026-03-31", "2025Q4": "2025-10-01/2025-12-31", "2025Q3": "2025-07-01/2025-09-30"}
#: What CMS published under each dataset id in August 2026.
NAMES = {
    "284v-j9fz": "FY_2026_SNF_VBP_Facility_Performance.csv",
    "4pq5-n9py": "NH_ProviderInfo_Aug2026.csv",
    "5sqm-2qku": "Skilled_Nursing_Facility_Quality_Reporting_Program_National_Data_Jul2026.csv",
    "6uyb-waub": "Swing_Bed_SNF_data_Jul2026.csv",
    "djen-97ju": "NH_QualityMsr_MDS_Aug2026.csv",
    "fykj-qjee": "Skilled_Nursing_Facility_Quality_Reporting_Program_Provider_Data_Aug2026.csv",
    "g6vv-u9sr": "NH_Penalties_Aug2026.csv",
    "hicp-9999": "NH_HlthInspecCutpointsState_Aug2026.csv",
    "ifjz-ge4w": "NH_FireSafetyCitations_Aug2026.csv",
    "ijh5-nb2v": "NH_QualityMsr_Claims_Aug2026.csv",
    "qmdc-9999": "NH_DataCollectionIntervals_Aug2026.csv",
    "r5ix-sfxw": "NH_HealthCitations_Aug2026.csv",
    "svdt-c123": "NH_SurveyDates_Aug2026.csv",
    "tagd-9999": "NH_CitationDescriptions_Aug2026.csv",
    "tbry-pc2d": "NH_SurveySummary_Aug2026.csv",
    "ujcx-uaut": "FY_2026_SNF_VBP_Aggregate_Performance.csv",
    "xcdc-v8bm": "NH_StateUSAverages_Aug2026.csv",
    "y2hd-n93e": "NH_Ownership_Aug2026.csv",
}


@pytest.fixture
def site() -> Iterator[CmsSite]:
    with running_cms_site() as running:
        yield running


@pytest.fixture
def make(site: CmsSite, rawdata: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """`make data` as a user calls it: RAWDATA in the environment, the rest in ARGS."""
    monkeypatch.setenv("CMS_BASE_URL", site.url)
    monkeypatch.setenv("RAWDATA", str(rawdata))
    return lambda *arguments: main(arguments)


def _body(name: str, rows: int = 20_000) -> bytes:
    return f'"CMS Certification Number (CCN)","{name}"\n'.encode() + b"".join(f'"{n:06}","{n}"\n'.encode() for n in range(rows))


def _publish_all(site: CmsSite) -> dict[str, bytes]:
    bodies = {name: _body(name, rows=100) for name in NAMES.values()}
    for dataset_id, name in NAMES.items():
        site.publish(dataset_id, name, PublishedFile(bodies[name]))
    for quarter, temporal in QUARTERS.items():
        name = f"PBJ_dailynursestaffing_CY{quarter}.csv"
        bodies[name] = _body(name, rows=100)
        site.publish_quarter(name, temporal, PublishedFile(bodies[name]))
    return bodies


def _contents(rawdata: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in rawdata.iterdir()}


def test_newest_file_of_every_family_arrives_under_a_name_that_the_pipeline_understands(
    site: CmsSite, make: Make, rawdata: Path
) -> None:
    bodies = _publish_all(site)
    assert make() == 0
    older = ("PBJ_dailynursestaffing_CY2025Q4.csv", "PBJ_dailynursestaffing_CY2025Q3.csv")
    assert _contents(rawdata) == {name: body for name, body in bodies.items() if name not in older}
    published = {contract.family for contract in load_contracts() if contract.dataset_id}
    assert {match_family(path.name).family for path in rawdata.iterdir()} == published


def test_what_is_newest_is_listed_and_a_withdrawn_family_is_no_fault(
    site: CmsSite, make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    _publish_all(site)
    assert make() == 0
    lines = capsys.readouterr().out.splitlines()
    assert "nh_penalties                     2026-08-26  NH_Penalties_Aug2026.csv" in lines
    assert "pbj_daily_nurse_staffing         2026Q1      PBJ_dailynursestaffing_CY2026Q1.csv" in lines
    assert "nh_covid_vax_provider            withdrawn by CMS" in lines
    assert lines[-1].startswith("19 downloaded (")
    assert lines[-1].endswith("0 already there, 0 missing")


def test_second_run_downloads_nothing(site: CmsSite, make: Make, rawdata: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _publish_all(site)
    assert make() == 0
    before = {path: path.stat().st_mtime_ns for path in rawdata.iterdir()}
    site.requests.clear()
    assert make() == 0
    assert site.asked("GET", ".csv") == []
    assert {path: path.stat().st_mtime_ns for path in rawdata.iterdir()} == before
    assert "0 downloaded (0.0 MB), 19 already there, 0 missing" in capsys.readouterr().out


def test_file_has_the_time_at_which_cms_changed_it(site: CmsSite, make: Make, rawdata: Path) -> None:
    site.publish(*PENALTIES, PublishedFile(_body("a"), changed_at=1_787_654_321))
    assert make("--families", "nh_penalties") == 0
    assert (rawdata / PENALTIES[1]).stat().st_mtime == 1_787_654_321


@pytest.mark.parametrize("is_wrapped", [False, True])
def test_both_forms_of_the_catalogues_answer_are_read(site: CmsSite, make: Make, rawdata: Path, is_wrapped: bool) -> None:
    site.publish(*PENALTIES, PublishedFile(_body("a")), is_wrapped=is_wrapped)
    assert make("--families", "nh_penalties") == 0
    assert _contents(rawdata) == {PENALTIES[1]: _body("a")}


def test_quarters_are_counted_from_the_newest(site: CmsSite, make: Make, rawdata: Path) -> None:
    for quarter, temporal in sorted(QUARTERS.items()):
        site.publish_quarter(f"PBJ_dailynursestaffing_CY{quarter}.csv", temporal, PublishedFile(_body(quarter, rows=9)))
    assert make("--quarters", "2", "--families", "pbj_daily_nurse_staffing") == 0
    assert sorted(_contents(rawdata)) == ["PBJ_dailynursestaffing_CY2025Q4.csv", "PBJ_dailynursestaffing_CY2026Q1.csv"]


def test_of_a_quarter_that_stands_twice_the_later_file_is_taken(site: CmsSite, make: Make, rawdata: Path) -> None:
    name, temporal = "PBJ_dailynursestaffing_CY2026Q1.csv", QUARTERS["2026Q1"]
    site.publish_quarter(name, temporal, PublishedFile(b"corrected\n1\n"), modified="2026-08-30")
    site.publish_quarter(name, temporal, PublishedFile(b"first\n1\n"), modified="2026-07-29")
    assert make("--families", "pbj_daily_nurse_staffing") == 0
    assert _contents(rawdata) == {name: b"corrected\n1\n"}


def test_quarter_without_temporal_is_placed_by_its_title(site: CmsSite, make: Make, rawdata: Path) -> None:
    site.publish_quarter("PBJ_dailynursestaffing_CY2026Q1.csv", QUARTERS["2026Q1"], PublishedFile(b"new\n1\n"))
    site.publish_quarter("2qky-49qq.csv", "2020-09-30/2020-09-30", PublishedFile(b"old\n1\n"))
    for distribution in site.quarters:
        distribution["temporal"] = ""
    assert make("--families", "pbj_daily_nurse_staffing") == 0
    assert list(_contents(rawdata)) == ["PBJ_dailynursestaffing_CY2026Q1.csv"]


def test_cut_connection_is_continued_in_the_same_run(site: CmsSite, make: Make, rawdata: Path) -> None:
    body = _body("a")
    path = site.publish(*PENALTIES, PublishedFile(body))
    site.cuts[path] = [100_000]
    assert make("--families", "nh_penalties") == 0
    assert [request.headers.get("Range") for request in site.asked("GET", path)] == [None, "bytes=100000-"]
    assert _contents(rawdata) == {PENALTIES[1]: body}


@pytest.mark.parametrize("has_etag", [True, False], ids=["by ETag", "by date"])
def test_next_run_continues_where_this_one_stopped(site: CmsSite, make: Make, rawdata: Path, has_etag: bool) -> None:
    body = _body("a")
    path = site.publish(*PENALTIES, PublishedFile(body, has_etag=has_etag))
    site.cuts[path] = [100_000, 0, 0, 0]
    assert make("--families", "nh_penalties") == 1
    assert not (rawdata / PENALTIES[1]).exists()
    site.requests.clear()
    assert make("--families", "nh_penalties") == 0
    assert [request.headers["Range"] for request in site.asked("GET", path)] == ["bytes=100000-"]
    assert _contents(rawdata) == {PENALTIES[1]: body}


def test_part_that_a_killed_run_left_complete_is_only_named(site: CmsSite, make: Make, rawdata: Path) -> None:
    body = _body("a")
    path = site.publish(*PENALTIES, PublishedFile(body))
    site.cuts[path] = [100_000, 0, 0, 0]
    make("--families", "nh_penalties")
    (part,) = rawdata.iterdir()
    part.write_bytes(body)
    site.requests.clear()
    assert make("--families", "nh_penalties") == 0
    assert site.asked("GET", path) == []
    assert _contents(rawdata) == {PENALTIES[1]: body}


def test_file_that_changed_between_two_runs_is_started_afresh(site: CmsSite, make: Make, rawdata: Path) -> None:
    path = site.publish(*PENALTIES, PublishedFile(_body("first")))
    site.cuts[path] = [100_000, 0, 0, 0]
    assert make("--families", "nh_penalties") == 1
    site.files[path] = PublishedFile(_body("other"))  # same address, same length, same date: only the ETag differs
    assert make("--families", "nh_penalties") == 0
    assert _contents(rawdata) == {PENALTIES[1]: _body("other")}


@pytest.mark.parametrize("cuts", [[], [100_000, 0, 0, 0]], ids=["downloaded at once", "continued"])
def test_file_that_changes_after_it_was_looked_at_is_the_later_one_whole(
    site: CmsSite, make: Make, rawdata: Path, cuts: list[int]
) -> None:
    path = site.publish(*PENALTIES, PublishedFile(_body("first")))
    later = PublishedFile(_body("a later version", rows=30_000), changed_at=1_787_999_999)
    if cuts:
        site.cuts[path] = cuts
        assert make("--families", "nh_penalties") == 1
    site.replaced_after_head[path] = later
    assert make("--families", "nh_penalties") == 0
    assert _contents(rawdata) == {PENALTIES[1]: later.body}
    assert (rawdata / PENALTIES[1]).stat().st_mtime == later.changed_at


def test_corrected_file_replaces_the_one_that_is_there(site: CmsSite, make: Make, rawdata: Path) -> None:
    path = site.publish(*PENALTIES, PublishedFile(_body("first")))
    assert make("--families", "nh_penalties") == 0
    site.files[path] = PublishedFile(_body("other"), changed_at=1_788_000_000)
    assert make("--families", "nh_penalties") == 0
    assert _contents(rawdata) == {PENALTIES[1]: _body("other")}


def test_file_without_etag_and_date_is_downloaded_whole_each_time(site: CmsSite, make: Make, rawdata: Path) -> None:
    path = site.publish(*PENALTIES, PublishedFile(_body("a"), has_etag=False, has_date=False))
    site.cuts[path] = [100_000]
    assert make("--families", "nh_penalties") == make("--families", "nh_penalties") == 0
    assert [request.headers.get("Range") for request in site.asked("GET", path)] == [None, None, None]
    assert _contents(rawdata) == {PENALTIES[1]: _body("a")}


def test_family_that_the_catalogue_does_not_have_is_named_and_the_others_arrive(
    site: CmsSite, make: Make, rawdata: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _publish_all(site)
    del site.datasets["y2hd-n93e"]
    assert make() == 1
    printed = capsys.readouterr()
    assert "nh_ownership                     MISSING: CMS's catalogue has no dataset y2hd-n93e." in printed.out
    assert "include/contracts/families/nh_ownership.yml" in printed.out
    assert "18 downloaded" in printed.out
    assert "1 missing" in printed.out
    assert len(list(rawdata.iterdir())) == 18


def test_file_that_is_gone_is_named_and_the_others_arrive(
    site: CmsSite, make: Make, rawdata: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = site.publish(*PENALTIES, PublishedFile(_body("a")))
    site.publish("y2hd-n93e", "NH_Ownership_Aug2026.csv", PublishedFile(_body("b")))
    del site.files[path]
    assert make("--families", "nh_penalties", "nh_ownership") == 1
    assert "NH_Penalties_Aug2026.csv: MISSING: HTTP 404" in capsys.readouterr().out
    assert list(_contents(rawdata)) == ["NH_Ownership_Aug2026.csv"]


@pytest.mark.parametrize("where", ["items/g6vv-u9sr", PENALTIES[1]], ids=["catalogue", "file"])
def test_busy_server_is_asked_again(site: CmsSite, make: Make, rawdata: Path, where: str) -> None:
    site.publish(*PENALTIES, PublishedFile(_body("a")))
    site.statuses[where] = [503, 503]
    assert make("--families", "nh_penalties") == 0
    assert _contents(rawdata) == {PENALTIES[1]: _body("a")}


@pytest.mark.parametrize(
    ("page", "what"), [(b"\n<!DOCTYPE html><html>Maintenance</html>", "a web page"), (b'{"message": "error"}', "JSON")]
)
def test_page_in_place_of_the_file_is_refused_by_name(
    site: CmsSite, make: Make, rawdata: Path, capsys: pytest.CaptureFixture[str], page: bytes, what: str
) -> None:
    site.publish(*PENALTIES, PublishedFile(page))
    assert make("--families", "nh_penalties") == 1
    assert f"NH_Penalties_Aug2026.csv: MISSING: {what} instead of the file" in capsys.readouterr().out
    assert _contents(rawdata) == {}


def test_file_that_is_not_as_long_as_announced_is_refused_by_name(
    site: CmsSite, make: Make, rawdata: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A proxy that compresses although it was asked not to: the length is that of the compressed file."""
    packed = gzip.compress(_body("a"))
    site.publish(*PENALTIES, PublishedFile(packed, more_headers={"Content-Encoding": "gzip"}))
    assert make("--families", "nh_penalties") == 1
    assert f"MISSING: {len(_body('a')):,} of {len(packed):,} bytes" in capsys.readouterr().out
    assert _contents(rawdata) == {}


def test_page_in_place_of_the_catalogue_is_named(site: CmsSite, make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    site.publish(*PENALTIES, PublishedFile(_body("a")))
    site.statuses["items/g6vv-u9sr"] = [200]
    assert make("--families", "nh_penalties") == 1
    assert "nh_penalties                     MISSING: a page instead of the catalogue's JSON" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("saved_as", "name"),
    [("NH_Penalties_Sep2026.csv", "NH_Penalties_Sep2026.csv"), ('"../../NH_Penalties_Sep2026.csv"', "NH_Penalties_Sep2026.csv")],
)
def test_name_that_the_server_asks_for_wins_but_leads_out_of_no_folder(
    site: CmsSite, make: Make, rawdata: Path, saved_as: str, name: str
) -> None:
    header = {"Content-Disposition": f"attachment; filename={saved_as}"}
    site.publish(*PENALTIES, PublishedFile(_body("a"), more_headers=header))
    assert make("--families", "nh_penalties") == 0
    assert list(_contents(rawdata)) == [name]
    assert [path.name for path in rawdata.parent.iterdir()] == ["rawdata"]


def test_second_download_of_the_same_file_into_the_same_folder_is_refused(
    site: CmsSite, make: Make, rawdata: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = site.publish(*PENALTIES, PublishedFile(_body("a")))
    site.cuts[path] = [100_000, 0, 0, 0]
    make("--families", "nh_penalties")
    (part,) = rawdata.iterdir()
    with part.open("ab") as file:
        flock(file, LOCK_EX)
        assert make("--families", "nh_penalties") == 1
        assert part.stat().st_size == 100_000
    assert "another `make data` is downloading" in capsys.readouterr().out


def test_folder_is_made_where_the_user_names_it(
    site: CmsSite, make: Make, rawdata: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.publish(*PENALTIES, PublishedFile(_body("a")))
    monkeypatch.setenv("RAWDATA", str(rawdata / "cms" / "new"))
    assert make("--families", "nh_penalties") == 0
    assert list(_contents(rawdata / "cms" / "new")) == [PENALTIES[1]]


def test_folder_that_cannot_be_made_is_named(
    make: Make, rawdata: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (rawdata / "file").touch()
    monkeypatch.setenv("RAWDATA", str(rawdata / "file"))
    assert make() == 1
    assert capsys.readouterr().err == f"{rawdata / 'file'}: File exists. Put that right and run it again.\n"


def test_without_a_named_folder_nothing_is_downloaded(
    site: CmsSite, make: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("RAWDATA")
    assert make() == 2
    assert capsys.readouterr().err == "Name the folder that the files should go to: RAWDATA=/data/cms make data\n"
    assert site.requests == []


def test_withdrawn_family_asked_for_by_name_is_refused(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    assert make("--families", "nh_covid_vax_provider") == 2
    assert "CMS's catalogue has no family nh_covid_vax_provider. It has: nh_citation_descriptions" in capsys.readouterr().err


def test_site_out_of_reach_is_one_sentence_and_no_traceback(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        run = subprocess.run(
            [sys.executable, "-m", "local.download.cms_download"],
            cwd=REPOSITORY, env={**os.environ, "CMS_BASE_URL": url, "RAWDATA": str(tmp_path)},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert run.returncode == 2
    assert run.stdout.splitlines() == []
    (line,) = run.stderr.splitlines()
    assert line.startswith("127.0.0.1 cannot be reached (")
    assert line.endswith("run `make data` again, which continues where it stopped.")


def test_site_that_goes_away_between_two_files_ends_the_run_and_the_next_one_continues(
    site: CmsSite, make: Make, rawdata: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ownership = site.publish("y2hd-n93e", "NH_Ownership_Aug2026.csv", PublishedFile(_body("b")))
    path = site.publish(*PENALTIES, PublishedFile(_body("a")))
    reachable = site.datasets["g6vv-u9sr"]["distribution"][0]
    reachable["downloadURL"] = f"http://127.0.0.1:1{path}"
    assert make("--families", "nh_penalties", "nh_ownership") == 2
    assert "127.0.0.1 cannot be reached" in capsys.readouterr().err
    reachable["downloadURL"] = site.url + path
    assert make("--families", "nh_penalties", "nh_ownership") == 0
    assert len(site.asked("GET", ownership)) == 1
    assert len(_contents(rawdata)) == 2
