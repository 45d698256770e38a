"""The page "Data landing" over HTTP, from a real Airflow: who may see and do what, and what other sites' pages may not."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import quote

import duckdb
import pytest
import requests
from fastapi.testclient import TestClient
from filelock import FileLock

from include.ingest.checkpoints import Status
from include.on_call.landing_page import verbs
from include.on_call.landing_page.versions import MOST_SHOWN
from include.settings import load_settings
from tests.checkpoints import recorded
from tests.on_call.conftest import COVID, HOSTILE, OWNERSHIP, PENALTIES, WRONG_COLUMNS
from tests.on_call.landing_site import LandingSite

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
FOREIGN = (
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-site", "Origin": "https://other.example.org"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": None, "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": None, "Origin": "null"},
    {"Sec-Fetch-Site": None},
)


@pytest.fixture
def admin(site: LandingSite) -> requests.Session:
    return site.visitor("admin")


@pytest.fixture
def viewer(site: LandingSite) -> requests.Session:
    return site.visitor("viewer")


@pytest.fixture
def in_home(site: LandingSite, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process in the home's environment, as the API server is."""
    for name, value in site.environment.items():
        monkeypatch.setenv(name, value)
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


def retry(site: LandingSite, visitor: requests.Session, name: str, **headers: Any) -> requests.Response:
    found = site.checkpoint(name)
    form = {"file_id": found.file_id, "file_md5": found.file_md5, "q": "nh", "status": "QUARANTINED"}
    return visitor.post(f"{site.page}retry", data=form, headers=headers, allow_redirects=False, timeout=60)


def forget(site: LandingSite, visitor: requests.Session, name: str, **headers: Any) -> requests.Response:
    form = {"file_id": site.checkpoint(name).file_id}
    return visitor.post(f"{site.page}forget", data=form, headers=headers, allow_redirects=False, timeout=120)


def said(page: str) -> str:
    (words,) = re.findall(r'<p class="said[^>]*>(.*?)</p>', page, re.DOTALL)
    return unescape(str(words))


def names_in(page: str) -> list[str]:
    return [unescape(name) for name in re.findall(r"<bdi>(.*?)</bdi>\s*<span", page)]


class TestReading:
    def test_strangers_are_asked_to_log_in_and_see_nothing(self, site: LandingSite) -> None:
        answer = site.visitor().get(site.page, timeout=30)
        assert answer.status_code == 401
        assert "Log in to Airflow" in said(answer.text)
        assert PENALTIES not in answer.text

    def test_all_files_stand_there_refused_ones_first(self, site: LandingSite, viewer: requests.Session) -> None:
        page = viewer.get(site.page, timeout=30).text
        assert names_in(page) == [HOSTILE, OWNERSHIP, WRONG_COLUMNS, COVID, PENALTIES]
        assert "is empty. Download it from CMS again." in page
        assert "1 record was rejected" in page

    def test_names_and_cells_bring_no_markup(self, site: LandingSite, viewer: requests.Session) -> None:
        page = viewer.get(site.page, timeout=30).text
        assert "<img" not in page
        assert "<b>Amount" not in page
        assert "&lt;b&gt;Amount" in page

    def test_filter_keeps_what_has_the_words_and_the_status(self, site: LandingSite, viewer: requests.Session) -> None:
        assert names_in(viewer.get(f"{site.page}?q=PENALTIES", timeout=30).text) == [WRONG_COLUMNS, PENALTIES]
        assert names_in(viewer.get(f"{site.page}?q=penalties&status=LOADED", timeout=30).text) == [PENALTIES]
        assert names_in(viewer.get(f"{site.page}?q={site.checkpoint(COVID).file_md5}", timeout=30).text) == [COVID]

    def test_nothing_matched_says_what_was_looked_for(self, site: LandingSite, viewer: requests.Session) -> None:
        page = viewer.get(site.page, params={"q": "<i>nothing", "status": "LOADED"}, timeout=30).text
        assert "None of the 5 file versions is loaded and has “<bdi>&lt;i&gt;nothing</bdi>”" in " ".join(page.split())
        assert "<i>" not in page

    def test_empty_table_says_how_to_fill_it(self, site: LandingSite, viewer: requests.Session) -> None:
        with site.other_checkpoints([]):
            page = viewer.get(site.page, timeout=30).text
        assert "No file has been seen yet. Put CMS files into the Drive folder and start a run" in " ".join(page.split())
        assert "<table" not in page

    def test_thousands_of_versions_are_cut(self, site: LandingSite, viewer: requests.Session) -> None:
        known = {"file_md5": "0" * 32, "status": "LOADED", "timestamp": "2026-01-02T03:04:05+00:00", "size": 1}
        many = [{**known, "file_id": str(at), "filename": f"file-{at:04}.csv"} for at in range(3000)]
        with site.other_checkpoints(many):
            page = viewer.get(site.page, timeout=60).text
        assert len(names_in(page)) == MOST_SHOWN
        assert "These are the first 500 of 3,000. Filter to see others." in page

    def test_runs_that_landed_refused_and_loaded_are_linked(self, site: LandingSite, viewer: requests.Session) -> None:
        page = viewer.get(site.page, timeout=30).text
        run_id = recorded(site.checkpoint(PENALTIES).loaded).run_id
        links = re.findall(r'<a class="run" href="([^"]+)" title="([^"]+)" aria-label="Run that (\w+) ', page)
        assert {what for _, _, what in links} == {"landed", "refused", "loaded"}
        assert {unescape(title) for _, title, _ in links} == {run_id}
        assert {href for href, _, _ in links} == {f"/dags/healthcare_pipeline/runs/{quote(run_id, safe='')}"}

    @pytest.mark.parametrize("path", ["", "static/page.css", "no-such-page", "forget"])
    def test_every_answer_forbids_scripts_and_frames_of_others(
        self, site: LandingSite, viewer: requests.Session, path: str
    ) -> None:
        headers = viewer.get(f"{site.page}{path}", timeout=30).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'self'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.timeout(60)  # boto3 alone would try for minutes
    def test_table_that_does_not_answer_is_a_sentence_within_seconds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from airflow.api_fastapi.core_api.security import get_user

        from include.on_call.landing_page import app as page

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        extra = {"region_name": "us-east-1", "endpoint_url": f"http://127.0.0.1:{port}"}
        aws = {"conn_type": "aws", "login": "key", "password": "secret", "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", json.dumps(aws))
        anybody: dict[Any, Any] = page.app.dependency_overrides
        monkeypatch.setitem(anybody, page._may_read, lambda: None)  # Airflow's part, tested above
        monkeypatch.setitem(anybody, get_user, lambda: None)
        answer = TestClient(page.app).get("/")
        assert answer.status_code == 503
        assert "aws_default: AWS cannot be reached." in said(answer.text)
        assert "Traceback" not in answer.text


class TestViewer:
    def test_sees_no_buttons(self, site: LandingSite, viewer: requests.Session, admin: requests.Session) -> None:
        assert "Retry</button>" in admin.get(site.page, timeout=30).text
        page = viewer.get(site.page, timeout=30).text
        assert "Retry</button>" not in page
        assert "Forget" not in page

    def test_may_not_press_them_either(self, site: LandingSite, viewer: requests.Session) -> None:
        before = list(site.checkpoints.all())
        for answer in (retry(site, viewer, OWNERSHIP), forget(site, viewer, PENALTIES)):
            assert answer.status_code == 403
            assert "right to clear its runs" in said(answer.text)
        ask = viewer.get(f"{site.page}forget", params={"file_id": site.checkpoint(PENALTIES).file_id}, timeout=30)
        assert ask.status_code == 403
        assert list(site.checkpoints.all()) == before


class TestOtherSites:
    @pytest.mark.parametrize("headers", FOREIGN, ids=str)
    def test_their_forms_are_refused_though_the_browser_adds_the_login(
        self, site: LandingSite, admin: requests.Session, headers: dict[str, str | None]
    ) -> None:
        before = list(site.checkpoints.all())
        for answer in (retry(site, admin, OWNERSHIP, **headers), forget(site, admin, PENALTIES, **headers)):
            assert answer.status_code == 403
            assert "nothing was done" in said(answer.text)
        assert list(site.checkpoints.all()) == before

    def test_reading_the_address_does_nothing(self, site: LandingSite, admin: requests.Session) -> None:
        found = site.checkpoint(PENALTIES)
        asked = admin.get(f"{site.page}forget", params={"file_id": found.file_id}, timeout=30)
        assert "would leave S3, the bronze tables" in " ".join(asked.text.split())
        assert admin.get(f"{site.page}retry", params={"file_id": found.file_id}, timeout=30).status_code == 405
        assert site.checkpoint(PENALTIES) == found

    def test_plain_http_without_sec_fetch_site_goes_by_origin(self, site: LandingSite, admin: requests.Session) -> None:
        answer = retry(site, admin, WRONG_COLUMNS, **{"Sec-Fetch-Site": None, "Origin": site.url})
        assert answer.status_code == 303


class TestRetry:
    def test_refused_version_goes_back_and_the_filtered_page_says_so_once(
        self, site: LandingSite, admin: requests.Session
    ) -> None:
        md5 = site.checkpoint(HOSTILE).file_md5
        answer = retry(site, admin, HOSTILE)
        assert (answer.status_code, answer.headers["Location"]) == (303, "./?q=nh&status=QUARANTINED")
        page = admin.get(site.page, timeout=30).text
        assert said(page) == f"{HOSTILE!r} was QUARANTINED; the next run takes it."
        assert "<img" not in page
        assert site.checkpoint(HOSTILE).status is Status.DISCOVERED
        assert 'class="said' not in admin.get(site.page, timeout=30).text
        entry = site.audit_log("retry_file")[0]
        assert (entry["owner"], entry["extra"]["file_md5"], entry["extra"]["done"]) == ("admin", md5, True)

    def test_version_that_a_run_works_on_is_left_to_it(self, site: LandingSite, admin: requests.Session) -> None:
        with site.checkpoints.claim(site.checkpoint(OWNERSHIP), "run of tonight"):
            assert "Worked on now by run of tonight." in admin.get(site.page, timeout=30).text
            for press in (retry, forget):
                press(site, admin, OWNERSHIP)
                assert "is being worked on by 'run of tonight'" in said(admin.get(site.page, timeout=30).text)
        assert site.checkpoint(OWNERSHIP).status is Status.QUARANTINED
        assert site.audit_log("forget_file")[0]["extra"]["done"] is False

    def test_loaded_version_is_not_retried(self, site: LandingSite, admin: requests.Session) -> None:
        retry(site, admin, PENALTIES)
        assert "To load it once more, `forget` it" in said(admin.get(site.page, timeout=30).text)
        assert site.checkpoint(PENALTIES).status is Status.LOADED


class TestForget:
    @pytest.mark.usefixtures("in_home")
    def test_run_that_keeps_the_warehouse_is_not_waited_for(self, site: LandingSite, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(verbs, "FORGET_SECONDS", 15)
        before = site.checkpoint(COVID)
        with FileLock(site.home / "warehouse.lock"):
            outcome = verbs.forget(before.file_id)
        assert not outcome.is_done
        assert "a run writes the warehouse now; try again" in outcome.words
        assert site.checkpoint(COVID) == before, "its lease is given back"
        assert site.rows_of(before.file_md5, "load_ledger") == 1

    @pytest.mark.usefixtures("in_home")
    def test_warehouse_that_another_process_writes_is_one_sentence(self, site: LandingSite) -> None:
        with duckdb.connect(str(site.home / "warehouse.duckdb")):
            outcome = verbs.forget(site.checkpoint(COVID).file_id)
        assert not outcome.is_done
        assert outcome.words.startswith("The warehouse ")
        assert "Wait for the run that writes it, then try again." in outcome.words
        assert site.checkpoint(COVID).status is Status.LOADED

    def test_loaded_file_leaves_bronze_ledger_s3_and_checkpoints(self, site: LandingSite, admin: requests.Session) -> None:
        found = site.checkpoint(COVID)
        family = recorded(found.certified).family
        assert len(site.objects_of(found.file_md5)) == 3
        assert (site.rows_of(found.file_md5, family), site.rows_of(found.file_md5, "load_ledger")) == (1, 1)
        assert forget(site, admin, COVID).status_code == 303
        page = admin.get(site.page, timeout=30).text
        assert said(page) == f"{COVID} ({found.file_md5}) is forgotten; the next run lands it again."
        assert COVID not in names_in(page)
        assert COVID not in site.names()
        assert site.objects_of(found.file_md5) == []
        assert (site.rows_of(found.file_md5, family), site.rows_of(found.file_md5, "load_ledger")) == (0, 0)
        entry = site.audit_log("forget_file")[0]
        assert (entry["owner"], entry["extra"]["names"], entry["extra"]["done"]) == ("admin", [COVID], True)

    def test_file_that_is_gone_already_is_a_sentence(self, site: LandingSite, admin: requests.Session) -> None:
        ask = admin.get(f"{site.page}forget", params={"file_id": "nothing"}, timeout=30)
        assert (ask.status_code, "forgotten already" in said(ask.text)) == (404, True)
        admin.post(f"{site.page}forget", data={"file_id": "--help"}, allow_redirects=False, timeout=60)
        assert "No checkpoint has the name or Drive id '--help'" in said(admin.get(site.page, timeout=30).text)
