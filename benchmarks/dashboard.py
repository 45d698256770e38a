"""The dashboard on national data: server time of every page, memory of many sessions, and the first page in a browser."""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.dashboard_pages import page_names
from benchmarks.figures import Figure, result_of, run_python
from include.settings import REPOSITORY

_SESSIONS = 20
_FIRST_VISITS = 3


def measure(folder: Path) -> list[Figure]:
    current = folder / "national" / "published" / "current"
    if not current.exists():
        run_python("tests/dashboard/national_gold.py", str(folder / "national"))
    visits = [_first_visit(current) for _ in range(_FIRST_VISITS)]
    spread = f"median of {_FIRST_VISITS} fresh servers and browsers, {min(visits):.2f} to {max(visits):.2f} s"
    return [
        *_server_time(current),
        Figure("first page usable in a browser", statistics.median(visits), "s", 3.0, spread),
        Figure("dashboard with 20 open sessions", _memory_under_load(current), "GB", 1.5, "peak resident memory of the server"),
    ]


def _server_time(current: Path) -> list[Figure]:
    pages: dict[str, dict[str, float]] = result_of("-m", "benchmarks.dashboard_pages", environment={"GOLD_DIR": str(current)})
    figures = []
    for kind, words, target in (("warm_p95", "warm, 95th percentile", 1.0), ("cold", "cold", 3.0)):
        slowest = max(pages, key=lambda page: pages[page][kind])
        figures.append(Figure(f"slowest page, {words}", pages[slowest][kind], "s", target, f"`{slowest}` of {len(pages)} pages"))
    return figures


@contextmanager
def _server(current: Path) -> Iterator[tuple[str, int]]:
    """Address and process id of a dashboard that nobody has visited yet."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    with subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboard/server.py", *options],
        cwd=REPOSITORY,
        env={**os.environ, "GOLD_DIR": str(current)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()


def _wait_for(address: str) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(address, timeout=2)  # noqa: S310 - our own server
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(address)


@contextmanager
def _browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only this part needs a browser

    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("Chromium is missing: apt-get install chromium")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


def _first_visit(current: Path) -> float:
    """Seconds from a fresh browser on an unvisited server to the first figure and a filter that can be opened."""
    with _server(current) as (address, _), _browser() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        begun = time.perf_counter()
        page.goto(address)
        page.wait_for_selector('[data-testid="stMetricValue"]', timeout=60_000)
        page.get_by_role("combobox").first.wait_for(timeout=60_000)
        return time.perf_counter() - begun


def _memory_under_load(current: Path) -> float:
    """Each session stays open, on pages and filters of its own."""
    pages = page_names()
    with _server(current) as (address, pid), _browser() as browser:
        tabs = [browser.new_context(viewport={"width": 800, "height": 600}).new_page() for _ in range(_SESSIONS)]
        for turn in range(2):
            for number, tab in enumerate(tabs):
                page = pages[(number + 7 * turn) % len(pages)]
                state = ("CA", "TX", "NY", "FL", "US")[(number + turn) % 5]
                tab.goto(f"{address}/{'' if page == 'overview' else page}?state={state}")
                tab.wait_for_selector("h1", timeout=60_000)
        time.sleep(2)
        return _peak_resident_gb(pid)


def _peak_resident_gb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]
    return int(kilobytes) / 1024**2
