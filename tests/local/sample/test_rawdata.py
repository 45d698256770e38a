"""Sample data goes into the default folder only: what the user names is never written to."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from include.settings import REPOSITORY
from local.sample.rawdata import Rawdata

PUT_FILES_THERE = "holds no files: put CMS files into it (CSV or zip, as downloaded), or run without RAWDATA for sample data."


def run_python(*arguments: str, cwd: Path = REPOSITORY, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**without_rawdata(), "PYTHONPATH": str(REPOSITORY), **variables}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=120)


def without_rawdata() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("RAWDATA", "MAKEFLAGS", "MAKEOVERRIDES")}


@pytest.fixture
def named(tmp_path: Path) -> Path:
    folder = tmp_path / "my files"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("command", [("local.run.run",), ("local.run", "up")], ids=["run", "up"])
def test_empty_named_folder_ends_the_run_before_it_starts_anything(command: tuple[str, ...], named: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"

    done = run_python(*command, RAWDATA=str(named), HEALTHCARE_HOME=str(home))

    assert done.returncode == 1
    assert f"{named} {PUT_FILES_THERE}" in done.stdout + done.stderr
    assert list(named.iterdir()) == []
    assert not home.exists()


def test_named_folder_that_does_not_exist_is_not_made(tmp_path: Path) -> None:
    done = run_python("local.run.run", "--rawdata", str(tmp_path / "typo"), HEALTHCARE_HOME=str(tmp_path / "home"))

    assert done.returncode == 1
    assert f"does not exist: {tmp_path / 'typo'}. Create it and put CMS files in it" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["nursing_homes_including_rehab_services_07_2026.zip", "2019/ProviderInfo_Download.csv", "a.xlsx"]
)
def test_any_file_makes_a_folder_one_that_is_not_filled(name: str, named: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(named.parent)
    for rawdata in (Rawdata.of(named), Rawdata.of(None)):
        file = rawdata.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()

        assert rawdata.make_ready() is False
        assert [path for path in rawdata.path.rglob("*") if path.is_file()] == [file]


def test_default_folder_without_a_file_is_filled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rawdata").mkdir()
    (tmp_path / "rawdata" / ".DS_Store").touch()

    assert Rawdata.of(None).make_ready() is True

    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "rawdata").iterdir()}
    assert len(written) > 40
    assert Rawdata.of(None).make_ready() is False
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "rawdata").iterdir()} == written


def test_sample_is_written_where_it_is_told_unless_something_is_there(named: Path) -> None:
    command = ("local.sample", "--facilities", "60", "--quarters", "1", "--vintages", "1")
    first = run_python(*command, RAWDATA=str(named))
    assert first.returncode == 0, first.stderr
    assert any(named.glob("NH_ProviderInfo_*.csv"))
    before = sorted(named.iterdir())

    again = run_python(*command, str(named))

    assert again.returncode == 1
    assert f"{named} is not empty" in again.stderr
    assert sorted(named.iterdir()) == before


def make(tmp_path: Path, *words: str, **variables: str) -> str:
    """What the Python that `make run` starts has as RAWDATA; `-` when it has none."""
    python = tmp_path / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "RAWDATA=${RAWDATA--}"\n')
    python.chmod(0o755)
    for installed in (".uv", ".runtime"):
        (tmp_path / installed).touch()
    command = ["make", "--no-print-directory", "run", f"VENV={tmp_path}", f"BIN={python.parent}", *words]
    return _output(command, {**without_rawdata(), **variables})


def _output(command: list[str], environment: Mapping[str, str]) -> str:
    return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def test_make_names_a_folder_only_where_the_user_has(tmp_path: Path) -> None:
    assert make(tmp_path / "default") == "RAWDATA=-"
    assert make(tmp_path / "environment", RAWDATA="/data/cms") == "RAWDATA=/data/cms"
    assert make(tmp_path / "command_line", "RAWDATA=/data/cms") == "RAWDATA=/data/cms"
