"""The pages on Snowflake: Streamlit's own connection and the real connector, against an emulator that holds the same gold."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest

from tests.dashboard.conftest import PAGES
from tests.dashboard.test_pages import APP
from tests.emulators.snowflake_emulator import SnowflakeEmulator, running_emulator

REPOSITORY = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def emulator(homes: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnowflakeEmulator]:
    with running_emulator(tmp_path_factory.mktemp("snowflake"), "http://127.0.0.1:1", "no-bucket") as running:
        use = "use schema HEALTHCARE.published"
        running.run([use, *(f"create table {path.stem} as select * from read_parquet('{path}')" for path in _tables(homes))])
        manifest = (homes["full"] / "manifest.json").read_text(encoding="utf-8")
        running.run(["create table HEALTHCARE.published.publication (manifest varchar)"])
        running.run([f"insert into HEALTHCARE.published.publication values ('{manifest}')"])
        yield running


def _tables(homes: dict[str, Path]) -> list[Path]:
    return sorted(homes["full"].glob("*.parquet"))


@pytest.fixture
def on_snowflake(
    emulator: SnowflakeEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gold_at: Callable[[Path], None]
) -> Iterator[Callable[..., AppTest]]:
    """Opens a page with the emulator in secrets.toml, as the guide says to write it; `changed`: other secrets."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(emulator.certificate))

    def open_page(page: str, link: dict[str, str], **changed: object) -> AppTest:
        path = tmp_path / "secrets.toml"
        secrets = {**SECRETS, "port": emulator.port, **changed}
        lines = (f"{name} = {json.dumps(value)}" for name, value in secrets.items())
        path.write_text("\n".join(["[connections.snowflake]", *lines]), encoding="utf-8")
        config.set_option("secrets.files", [str(path)])
        st.secrets._reset()
        return opened(page, link)

    gold_at(tmp_path)  # no folder of files to fall back on
    yield open_page
    config.set_option("secrets.files", [])
    st.secrets._reset()


SECRETS = {
    "account": "emulator",
    "user": "HEALTHCARE_DASHBOARD",
    "password": "test",
    "role": "DASHBOARD_READER",
    "warehouse": "HEALTHCARE_WH",
    "database": "HEALTHCARE",
    "schema": "PUBLISHED",
    "host": "127.0.0.1",
    "login_timeout": 5,
    "network_timeout": 60,
    "disable_ocsp_checks": True,
}


def opened(page: str, link: dict[str, str]) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=120).switch_page(f"app_pages/{page}.py")
    for name, value in link.items():
        app.query_params[name] = value
    return app.run()


def figures_of(app: AppTest) -> list[tuple[str, str]]:
    return [(metric.label, str(metric.value)) for metric in app.metric]


@pytest.fixture(scope="module")
def on_files(homes: dict[str, Path]) -> dict[str, AppTest]:
    """Every page as it reads the published files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOLD_DIR", str(homes["full"]))
        return {page: opened(page, LINKS.get(page, {})) for page in PAGES}


LINKS = {"facility": {"ccn": "015009"}, "compare": {"ids": "CA,US,015009"}, "hprd": {"state": "CA"}}


@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_the_same_on_snowflake(
    on_files: dict[str, AppTest], on_snowflake: Callable[..., AppTest], page: str
) -> None:
    there = on_snowflake(page, LINKS.get(page, {}))
    assert not there.exception, [problem.value for problem in there.exception]
    assert not there.error, [problem.value for problem in there.error]
    assert figures_of(there) == figures_of(on_files[page])
    assert [frame.value.shape for frame in there.dataframe] == [frame.value.shape for frame in on_files[page].dataframe]


def test_a_wrong_address_is_a_sentence_and_a_log_entry(
    on_snowflake: Callable[..., AppTest], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        app = on_snowflake("hprd", {}, port=1, login_timeout=3)
    assert not app.exception
    assert any("warehouse" in str(problem.value).lower() for problem in (*app.error, *app.warning, *app.info))
    assert "Snowflake did not answer" in caplog.text


def preflight(folder: Path, emulator: SnowflakeEmulator, **changed: object) -> subprocess.CompletedProcess[str]:
    """As the guide says to run it in the dashboard's container; the whole process takes less than a minute."""
    secrets = {**SECRETS, "port": emulator.port, **changed}
    lines = ["[connections.snowflake]", *(f"{name} = {json.dumps(value)}" for name, value in secrets.items())]
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "secrets.toml").write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, str(REPOSITORY / "dashboard" / "preflight.py")]
    environment = {**os.environ, "REQUESTS_CA_BUNDLE": str(emulator.certificate), "HOME": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_preflight_says_who_reads_how_many_tables(emulator: SnowflakeEmulator, homes: dict[str, Path], tmp_path: Path) -> None:
    done = preflight(tmp_path, emulator)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("ok    Snowflake dashboard")
    assert f"reads {len(_tables(homes))} tables of PUBLISHED" in done.stdout
    assert "streamlit" not in done.stderr, "the guide promises one line"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("390144", "JWT token is invalid."),
        ("390189", "Role 'DASHBOARD_READER' specified in the connect string is not granted to this user."),
    ],
)
def test_preflight_that_is_refused_is_one_line_without_a_secret(
    emulator: SnowflakeEmulator, tmp_path: Path, code: str, message: str
) -> None:
    emulator.refuse({"matching": "login", "code": code, "message": message})
    done = preflight(tmp_path, emulator, password="not-to-be-shown")
    emulator.refuse()
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert line.startswith("FAIL  Snowflake dashboard     connections.snowflake: ")
    assert message in line
    assert "not-to-be-shown" not in done.stdout + done.stderr


def test_preflight_without_a_way_to_snowflake_ends_by_itself(emulator: SnowflakeEmulator, tmp_path: Path) -> None:
    done = preflight(tmp_path, emulator, port=1, login_timeout=3)
    assert done.returncode == 1
    assert "does not answer" in done.stdout
