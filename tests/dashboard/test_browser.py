"""The dashboard in Debian's Chromium: every page in both themes, filters, shared links, downloads, accessibility."""

from __future__ import annotations

import csv
import io
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import load_workbook

from tests.browser import serious_violations
from tests.dashboard.conftest import DASHBOARD, PAGES
from tests.dashboard.national_gold import SMALL, publish

pytestmark = pytest.mark.browser

BACKGROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 23, 30)"}
PROFILE = "facility?ccn=015009&view={}"
LINKS = (
    *(page if page != "overview" else "" for page in PAGES),
    *(PROFILE.format(view) for view in ("staffing", "ratings", "inspections", "measures", "peers")),
    "compare?ids=CA,US,015009",
    "hprd?state=CA&ownership=For%20profit",
)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    publish(folder, SMALL, version="1")
    return folder


@pytest.fixture(scope="session")
def site(home: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(DASHBOARD / "server.py"), f"--server.port={port}"]
    environment = {**os.environ, "HEALTHCARE_HOME": str(home), "GOLD_DIR": ""}
    with subprocess.Popen(
        [*command, "--server.address=127.0.0.1"], env=environment, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
        server.terminate()


def _wait_for(address: str) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(address, timeout=2)  # noqa: S310 - our own server
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail("the dashboard did not start")


@pytest.fixture
def tab(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """One tab of a new visitor; the parameter is the theme or `phone`."""
    look = getattr(request, "param", "light")
    size = {"width": 390, "height": 844} if look == "phone" else {"width": 1280, "height": 900}
    context = browser.new_context(viewport=size, color_scheme="dark" if look == "dark" else "light")
    page = context.new_page()
    page.strange_requests = []
    page.defects = []
    page.on("request", lambda asked: None if _is_ours(asked.url) else page.strange_requests.append(asked.url))
    page.on("pageerror", lambda defect: page.defects.append(str(defect)))
    yield page
    context.close()


def _is_ours(address: str) -> bool:
    return address.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:", "about:"))


def settle(page: Any) -> None:
    """Waits until the page is drawn and nothing runs any more."""
    page.wait_for_selector("h1", timeout=30_000)
    page.wait_for_function(
        '() => !document.querySelector(\'[data-testid="stStatusWidget"], [data-stale="true"], [data-testid="stSkeleton"]\')',
        timeout=30_000,
    )
    page.wait_for_timeout(400)


def visit(page: Any, address: str) -> None:
    page.goto(address)
    settle(page)


def metrics(page: Any) -> list[str]:
    return [str(text) for text in page.locator('[data-testid="stMetric"]').all_inner_texts()]


@pytest.mark.parametrize("tab", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("link", LINKS)
def test_page_opens_in_both_themes_without_serious_violation(
    site: str, tab: Any, link: str, request: pytest.FixtureRequest
) -> None:
    visit(tab, f"{site}/{link}")
    theme = request.node.callspec.params["tab"]
    background = tab.evaluate("() => getComputedStyle(document.querySelector('[data-testid=\"stApp\"]')).backgroundColor")
    assert background == BACKGROUNDS[theme]
    assert tab.locator('[data-testid="stException"]').count() == 0
    assert "could not be drawn" not in tab.inner_text("body")
    assert tab.locator("text=Page not found").count() == 0
    assert tab.defects == []
    assert tab.strange_requests == []
    assert serious_violations(tab) == []


@pytest.mark.parametrize("tab", ["phone"], indirect=True)
@pytest.mark.parametrize("link", LINKS)
def test_page_fits_a_phone(site: str, tab: Any, link: str) -> None:
    visit(tab, f"{site}/{link}")
    widest = tab.evaluate("() => document.querySelector('[data-testid=\"stMain\"]').scrollWidth")
    assert widest <= 390
    assert tab.locator("h1").first.is_visible()


def test_charts_follow_the_theme_and_carry_a_text_alternative(site: str, browser: Any) -> None:
    colours = []
    for theme in ("light", "dark"):
        context = browser.new_context(color_scheme=theme, viewport={"width": 1280, "height": 2400})
        page = context.new_page()
        visit(page, f"{site}/hprd")
        page.wait_for_selector(".js-line")
        colours.append(page.evaluate("() => getComputedStyle(document.querySelector('.js-line')).stroke"))
        described = page.locator('[aria-label^="Line chart."], [aria-label^="Tile map"]').count()
        assert described >= 2
        context.close()
    assert colours == ["rgb(11, 92, 143)", "rgb(108, 184, 232)"]


def test_filter_by_keyboard_writes_the_link_and_the_link_shows_the_same_view(site: str, tab: Any, browser: Any) -> None:
    visit(tab, f"{site}/hprd")
    before = metrics(tab)
    box = tab.get_by_role("combobox", name=re.compile("State"))
    box.focus()
    tab.keyboard.type("Texas")
    tab.wait_for_timeout(300)
    tab.keyboard.press("Enter")
    tab.wait_for_url(re.compile("state=TX"))
    settle(tab)
    assert metrics(tab) != before
    assert "Texas" in metrics(tab)[0]
    other = browser.new_context().new_page()
    visit(other, tab.url)
    assert metrics(other) == metrics(tab)
    assert other.locator("h3").all_inner_texts() == tab.locator("h3").all_inner_texts()


def test_filters_go_along_through_the_menu(site: str, tab: Any) -> None:
    visit(tab, f"{site}/hprd?state=TX")
    tab.get_by_role("link", name="3 Contract staffing").click()
    tab.wait_for_url(re.compile("contract.*state=TX"))
    settle(tab)
    assert "Texas" in metrics(tab)[0]


def test_back_button_returns_to_the_view_before(site: str, tab: Any) -> None:
    visit(tab, f"{site}/hprd?state=TX")
    before = metrics(tab)
    tab.get_by_role("link", name="3 Contract staffing").click()
    tab.wait_for_url(re.compile("contract"))
    settle(tab)
    tab.go_back()
    tab.wait_for_url(re.compile("hprd.*state=TX"))
    settle(tab)
    assert metrics(tab) == before


def test_period_slider_by_keyboard(site: str, tab: Any) -> None:
    visit(tab, f"{site}/hprd")
    tab.get_by_role("slider").last.focus()
    tab.keyboard.press("ArrowLeft")
    tab.wait_for_url(re.compile("to=2024-04-01"))
    settle(tab)
    assert "2024 Q2" in metrics(tab)[0]


def download(page: Any, label: str, position: int) -> bytes:
    with page.expect_download() as started:
        page.get_by_role("button", name=label).nth(position).click()
    return Path(started.value.path()).read_bytes()


def facility_rows(home: Path) -> list[tuple[str, str, float]]:
    folder = home / "published" / "current"
    return (
        duckdb.connect()
        .execute(
            f"select ccn, any_value(state), sum(total_nurse_hours) / sum(resident_days) from "
            f"read_parquet('{folder}/kpi_hprd_by_facility_month.parquet') "
            "where quarter = '2024Q3' group by ccn order by 3 desc, 1"
        )
        .fetchall()
    )


def test_downloaded_csv_equals_gold(site: str, tab: Any, home: Path) -> None:
    visit(tab, f"{site}/hprd")
    text = download(tab, "Download CSV", -1).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    expected = facility_rows(home)
    assert [(line["ccn"], line["state"]) for line in lines] == [row[:2] for row in expected]
    assert [float(line["value"]) for line in lines] == pytest.approx([row[2] for row in expected])
    assert any(line["ccn"].startswith("0") for line in lines)
    assert all(line["provider_name"][0] not in "=+-@" for line in lines)


def test_downloaded_excel_keeps_ccn_as_text(site: str, tab: Any, home: Path) -> None:
    visit(tab, f"{site}/hprd")
    sheet = load_workbook(io.BytesIO(download(tab, "Download Excel", -1)))["Data"]
    header, *rows = sheet.iter_rows(values_only=True)
    position = header.index("ccn")
    assert [row[position] for row in rows] == [row[0] for row in facility_rows(home)]
    assert sheet.cell(2, position + 1).number_format == "@"


def test_unknown_ccn_and_strange_links_show_no_trace(site: str, tab: Any) -> None:
    for link in ("facility?ccn=' or 1=1 --", "hprd?state=%00&from=%27", "compare?ids=%3Cscript%3E", "nowhere"):
        visit(tab, f"{site}/{link}")
        assert "Traceback" not in tab.inner_text("body")
        assert tab.locator('[data-testid="stException"]').count() == 0


def test_refresh_published_meanwhile_is_shown_without_a_restart(site: str, tab: Any, home: Path) -> None:
    visit(tab, f"{site}/data_quality")
    from dataclasses import replace

    from tests.dashboard.national_gold import make_current

    try:
        publish(home, replace(SMALL, vintages=2), version="2")
        tab.get_by_role("combobox", name=re.compile("File family")).focus()
        tab.keyboard.type("nh_penalties")
        tab.wait_for_timeout(300)
        tab.keyboard.press("Enter")
        tab.wait_for_url(re.compile("family="))
        settle(tab)
        assert metrics(tab)[0].endswith("2")
    finally:
        make_current(home, "1")
