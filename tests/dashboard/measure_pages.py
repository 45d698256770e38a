"""Measures the dashboard on national data: server time of every page cold and warm, memory under many sessions, first page
in a browser. Prints one JSON document; exits 1 when a limit is broken.

    python tests/dashboard/measure_pages.py [folder with the national gold; made when absent]
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

HERE = Path(__file__).parent
DASHBOARD = HERE.parents[1] / "dashboard"
sys.path[:0] = [str(HERE), str(DASHBOARD)]

LIMITS = {"warm_p95_s": 1.0, "cold_s": 3.0, "memory_gb": 1.5, "first_page_s": 3.0}
SESSIONS = 20
_WARM_RUNS = 4
_FILTERS = ({}, {"state": "CA"}, {"state": "TX", "ownership": "For profit"}, {"ownership": "Non profit"})
_LINKS = {"facility": {"ccn": "015009"}, "compare": {"ids": "CA,US,015009,TX,NY"}}


def measure(current: Path) -> dict[str, Any]:
    """All measurements on one published folder."""
    os.environ["GOLD_DIR"] = str(current)
    pages = sorted(path.stem for path in (DASHBOARD / "app_pages").glob("*.py"))
    result: dict[str, Any] = {"server_seconds": {page: _page_times(page) for page in pages}}
    with _server(current) as (address, process):
        result["first_page_s"] = round(_first_page(address), 2)
        result["memory_gb"] = round(_memory_under_load(address, process, pages), 3)
    result["warm_p95_s"] = max(times["warm_p95"] for times in result["server_seconds"].values())
    result["cold_s"] = max(times["cold"] for times in result["server_seconds"].values())
    result["load_average"] = os.getloadavg()
    result["within_limits"] = {name: result[name] <= limit for name, limit in LIMITS.items()}
    return result


# ------------------------------------------------------------------------------------------------------ server time


def _page_times(page: str) -> dict[str, float]:
    """Cold: a new session, nothing cached, a new database. Warm: the same sessions run again, as after a click."""
    import streamlit as st

    cold: list[tuple[float, float]] = []
    warm: list[tuple[float, float]] = []
    for parameters in _FILTERS:
        st.cache_data.clear()
        st.cache_resource.clear()
        session = _session(page, parameters)
        cold.append(_run(session))
        warm.extend(_run(session) for _ in range(_WARM_RUNS))
    times, work = (sorted(column) for column in zip(*warm, strict=True))
    return {
        "cold": round(max(cold)[0], 3),
        "cold_cpu": round(max(work for _, work in cold), 3),
        "warm_p95": round(_p95(times), 3),
        "warm_p95_cpu": round(_p95(work), 3),
    }


def _p95(ordered: list[float]) -> float:
    return ordered[int(0.95 * (len(ordered) - 1))]


def _session(page: str, parameters: dict[str, str]) -> AppTest:
    app = AppTest.from_file(str(DASHBOARD / "streamlit_app.py"), default_timeout=60).switch_page(f"app_pages/{page}.py")
    for name, value in {**_LINKS.get(page, {}), **parameters}.items():
        app.query_params[name] = value
    return app


def _run(session: AppTest) -> tuple[float, float]:
    """Seconds by the clock, and seconds of processor: the latter do not grow when others use the machine."""
    begun, worked = time.perf_counter(), time.process_time()
    session.run()
    taken = (time.perf_counter() - begun, time.process_time() - worked)
    if session.exception or session.error:
        raise RuntimeError("the page failed")
    return taken


# ---------------------------------------------------------------------------------------------- browser and memory


@contextmanager
def _server(current: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(DASHBOARD / "streamlit_app.py"), f"--server.port={port}"]
    with subprocess.Popen(
        [*command, "--server.address=127.0.0.1", "--server.fileWatcherType=none"],
        env={**os.environ, "GOLD_DIR": str(current)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            yield f"http://127.0.0.1:{port}", process
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
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        raise FileNotFoundError("Chromium is missing: apt-get install chromium")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


def _first_page(address: str) -> float:
    """From a fresh browser on a server that nobody has visited to the first figure and the first filter."""
    with _browser() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        begun = time.perf_counter()
        page.goto(address)
        page.wait_for_selector('[data-testid="stMetricValue"]', timeout=60_000)
        page.get_by_role("combobox").first.wait_for(timeout=60_000)
        return time.perf_counter() - begun


def _memory_under_load(address: str, process: subprocess.Popen[bytes], pages: list[str]) -> float:
    """Highest resident memory while sessions stay open, each on pages and filters of its own."""
    highest = 0.0
    with _browser() as browser:
        tabs = [browser.new_context(viewport={"width": 800, "height": 600}).new_page() for _ in range(SESSIONS)]
        for turn in range(2):
            for number, tab in enumerate(tabs):
                page = pages[(number + 7 * turn) % len(pages)]
                state = ("CA", "TX", "NY", "FL", "US")[(number + turn) % 5]
                tab.goto(f"{address}/{'' if page == 'overview' else page}?state={state}")
                tab.wait_for_selector("h1", timeout=60_000)
                highest = max(highest, _resident_gb(process.pid))
        time.sleep(2)
        return max(highest, _resident_gb(process.pid))


def _resident_gb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]
    return int(kilobytes) / 1024**2


def main() -> int:
    """Measures, prints, and says by its exit code whether the limits hold."""
    from national_gold import NATIONAL, publish

    with tempfile.TemporaryDirectory() as spare:
        current = Path(sys.argv[1]) if len(sys.argv) > 1 else publish(Path(spare), NATIONAL)
        result = measure(current)
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 0 if all(result["within_limits"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
