"""The two pictures at the top of the README: `python -m local.pages.pictures`, beside a `make up` on sample data."""

from __future__ import annotations

import argparse
import io
import shutil
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from include.settings import REPOSITORY

IMAGES = REPOSITORY / "docs" / "images"
_VIEW = {"width": 1280, "height": 800}
_COLORS = 128  # so few make a screenshot small, and nobody sees it
_PATIENCE_MS = 120_000


def take_dashboard(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_text("Total nurse hours").first.wait_for()
    page.wait_for_load_state("networkidle")


def take_airflow(page: Page, url: str) -> None:
    """The newest run with the names of the files that it certified."""
    page.goto(f"{url}/dags/healthcare_pipeline")
    task = page.locator("a[href$='/tasks/certify/mapped']").first
    task.wait_for()
    page.goto(f"{url}{task.get_attribute('href')}")
    page.get_by_text(".csv").first.wait_for()


def take(page: Page, open_page: Callable[[Page, str], None], url: str, path: Path) -> None:
    open_page(page, url)
    page.wait_for_timeout(3000)  # animations end
    shot = Image.open(io.BytesIO(page.screenshot()))
    shot.convert("RGB").quantize(_COLORS).save(path, optimize=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m local.pages.pictures", description=__doc__)
    parser.add_argument("--dashboard", default="http://127.0.0.1:8501", help="as `make status` says")
    parser.add_argument("--airflow", default="http://127.0.0.1:8080")
    arguments = parser.parse_args()
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = chromium.new_page(viewport=_VIEW, color_scheme="light")  # type: ignore[arg-type]
        page.set_default_timeout(_PATIENCE_MS)
        take(page, take_dashboard, arguments.dashboard, IMAGES / "dashboard.png")
        take(page, take_airflow, arguments.airflow, IMAGES / "airflow.png")
        chromium.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
