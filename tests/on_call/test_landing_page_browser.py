"""The page "Data landing" in Debian's Chromium, inside Airflow's UI: found, filtered, in both themes, its buttons pressed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from include.ingest.checkpoints import Status
from tests.browser import serious_violations
from tests.checkpoints import recorded
from tests.on_call.conftest import COVID, HOSTILE, OWNERSHIP, PENALTIES, WRONG_COLUMNS
from tests.on_call.landing_site import LandingSite

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

Open = Callable[..., Any]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1360, "height": 850}
RED_LIGHT, RED_DARK = "rgb(179, 38, 30)", "rgb(255, 156, 148)"


@pytest.fixture
def tab(browser: Any, site: LandingSite) -> Iterator[Open]:
    """A tab of somebody who has logged in; `defects` collects scripts that failed or were forbidden."""
    contexts = []

    def open_tab(user: str = "admin", size: dict[str, int] = DESK, theme: str = "light", *, scripts: bool = True) -> Any:
        context = browser.new_context(viewport=size, color_scheme=theme, java_script_enabled=scripts)
        contexts.append(context)
        context.add_cookies([{"name": "_token", "value": site.token(user), "url": site.url, "sameSite": "Lax", "httpOnly": True}])
        page = context.new_page()
        page.defects = []
        page.on("pageerror", lambda defect: page.defects.append(str(defect)))
        page.on("console", lambda line: page.defects.append(line.text) if "violates" in line.text else None)
        return page

    yield open_tab
    for context in contexts:
        context.close()


def in_airflow(page: Any, site: LandingSite) -> Any:
    """Opens the page in Airflow's UI; its frame."""
    page.goto(f"{site.url}/plugin/data-landing")
    frame = page.frame_locator("iframe[title='Data landing']")
    frame.locator("table").wait_for(timeout=60_000)
    return frame


def names(where: Any) -> list[str]:
    return [str(text) for text in where.locator("th.file bdi").all_inner_texts()]


def violations(page: Any) -> list[str]:
    # As the browser's own tools do: the page's policy forbids scripts that are put into it.
    page.context.new_cdp_session(page).send("Page.setBypassCSP", {"enabled": True})
    page.reload()
    return serious_violations(page)


def test_admin_finds_the_page_in_airflows_menu(site: LandingSite, tab: Open) -> None:
    page = tab()
    page.goto(site.url)
    page.get_by_role("button", name="Browse").click(timeout=60_000)
    page.get_by_text("Data landing").click()
    frame = page.frame_locator("iframe[title='Data landing']")
    frame.locator("table").wait_for(timeout=60_000)
    assert names(frame) == [HOSTILE, OWNERSHIP, WRONG_COLUMNS, COVID, PENALTIES]
    assert page.title() != "taken"
    assert page.defects == []


def test_filter_is_kept_in_airflows_address_and_survives_a_reload(site: LandingSite, tab: Open) -> None:
    page = tab()
    frame = in_airflow(page, site)
    frame.get_by_role("link", name="Quarantined 3").click()
    page.wait_for_url("**/plugin/data-landing/data-landing/?status=QUARANTINED")
    frame.get_by_role("searchbox").fill("penalties")
    frame.get_by_role("searchbox").press("Enter")
    page.wait_for_url("**/plugin/data-landing/data-landing/?status=QUARANTINED&q=penalties")
    page.reload()
    frame.locator("table").wait_for(timeout=60_000)
    assert names(frame) == [WRONG_COLUMNS]
    frame.get_by_role("searchbox").fill("no such thing")
    frame.get_by_role("button", name="Filter").click()
    frame.get_by_text("None of the 5 file versions is quarantined and has").wait_for()
    frame.get_by_role("link", name="Show all").first.click()
    frame.get_by_text(PENALTIES).first.wait_for()
    assert len(names(frame)) == 5


def test_it_filters_without_scripts(site: LandingSite, tab: Open) -> None:
    page = tab(scripts=False)
    page.goto(site.page)
    page.get_by_role("searchbox").fill("covid")
    page.get_by_role("button", name="Filter").click()
    assert names(page) == [COVID]
    assert page.locator("button.copy").first.is_hidden()


@pytest.mark.parametrize(("theme", "red"), [("light", RED_LIGHT), ("dark", RED_DARK)])
def test_page_wears_airflows_theme(site: LandingSite, tab: Open, theme: str, red: str) -> None:
    page = tab(theme=theme)
    frame = in_airflow(page, site)
    color = "element => getComputedStyle(element).color"
    assert frame.locator(".QUARANTINED .badge").first.evaluate(color) == red
    other = "dark" if theme == "light" else "light"
    page.evaluate(f"document.documentElement.className = '{other}'")  # as Airflow's own switch does
    page.wait_for_timeout(200)
    assert frame.locator(".QUARANTINED .badge").first.evaluate(color) == (RED_DARK if other == "dark" else RED_LIGHT)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("path", ["", "?q=nothing", "forget"])
def test_no_serious_violation_and_nothing_sticks_out(
    site: LandingSite, tab: Open, size: dict[str, int], theme: str, path: str
) -> None:
    page = tab(size=size, theme=theme)
    page.goto(f"{site.page}{path}" + (f"?file_id={site.checkpoint(HOSTILE).file_id}" if path == "forget" else ""))
    page.locator("h1").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert violations(page) == []
    assert page.defects == []


def test_link_to_a_run_opens_it_in_airflow_and_not_in_the_frame(site: LandingSite, tab: Open) -> None:
    page = tab()
    frame = in_airflow(page, site)
    frame.get_by_role("link", name=f"Run that loaded {PENALTIES}").click()
    page.wait_for_url("**/dags/healthcare_pipeline/runs/**", timeout=60_000)
    page.get_by_text("copy_to_bronze").first.wait_for(timeout=60_000)
    assert page.locator("iframe[title='Data landing']").count() == 0


def test_md5_is_copied_whole(site: LandingSite, tab: Open) -> None:
    page = tab()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    page.goto(site.page)
    page.get_by_role("button", name=f"Copy the md5 of {PENALTIES}").click()
    page.get_by_text("copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == site.checkpoint(PENALTIES).file_md5


def test_viewer_sees_the_files_and_no_buttons(site: LandingSite, tab: Open) -> None:
    page = tab("viewer")
    frame = in_airflow(page, site)
    assert len(names(frame)) == 5
    assert frame.get_by_role("button", name="Retry").count() == 0
    assert frame.get_by_role("button", name="Forget").count() == 0


def test_form_on_another_sites_page_does_nothing(site: LandingSite, tab: Open, tmp_path: Path) -> None:
    """localhost and 127.0.0.1 are two sites to a browser, and SameSite=Lax is all that keeps the login cookie at home."""
    found = site.checkpoint(OWNERSHIP)
    (tmp_path / "trap.html").write_text(
        f'<form method="post" action="{site.page}retry"><input name="file_id" value="{found.file_id}">'
        f'<input name="file_md5" value="{found.file_md5}"></form><script>document.forms[0].submit()</script>',
        encoding="utf-8",
    )
    page = tab()
    cookie = {"name": "_token", "value": site.token("admin"), "url": site.url, "sameSite": "None", "secure": True}
    page.context.add_cookies([cookie])  # as if the cookie came along
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page.goto(f"http://localhost:{server.server_port}/trap.html")
    page.get_by_text("This was not sent by the page itself, so nothing was done.").wait_for()
    server.shutdown()
    assert site.checkpoint(OWNERSHIP) == found


def test_retried_file_is_waiting_for_the_next_run(site: LandingSite, tab: Open) -> None:
    page = tab()
    frame = in_airflow(page, site)
    frame.get_by_role("button", name=f"Retry {WRONG_COLUMNS}").click()
    frame.get_by_text(f"'{WRONG_COLUMNS}' was QUARANTINED; the next run takes it.").wait_for()
    assert site.checkpoint(WRONG_COLUMNS).status is Status.DISCOVERED
    frame.get_by_text("Not loaded yet; the next run continues from here.").wait_for()


def test_forgotten_file_is_gone_after_the_question_is_answered(site: LandingSite, tab: Open) -> None:
    page = tab()
    frame = in_airflow(page, site)
    found = site.checkpoint(COVID)
    forget = frame.get_by_role("button", name=f"Forget {COVID}")
    forget.click()
    frame.get_by_role("heading", name=f"Forget {COVID}?").wait_for()
    frame.get_by_role("link", name="Keep it").click()
    forget.wait_for()
    assert site.checkpoint(COVID) == found
    forget.click()
    frame.get_by_role("button", name="Forget it").click()
    frame.get_by_text(f"{COVID} ({found.file_md5}) is forgotten; the next run lands it again.").wait_for(timeout=60_000)
    assert COVID not in names(frame)
    assert COVID not in site.names()
    assert site.objects_of(found.file_md5) == []
    assert site.rows_of(found.file_md5, recorded(found.certified).family) == 0
    assert site.rows_of(found.file_md5, "load_ledger") == 0
