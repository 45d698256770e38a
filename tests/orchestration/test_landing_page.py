"""The "Data landing" page shows what is wrong first, and shows nothing to strangers."""

from __future__ import annotations

from fastapi.testclient import TestClient

from include.cms_ingest.checkpoints import Checkpoint, Status
from include.orchestration.landing_page import app, render


def _checkpoint(name: str, status: Status, **attributes: object) -> Checkpoint:
    return Checkpoint("id", "md5", name, status, "2026-01-02T03:04:05+00:00", attributes)


def test_refused_files_stand_first_with_their_reason() -> None:
    page = render(
        [
            _checkpoint("a.csv", Status.LOADED, rows_certified=1234, rows_rejected=0),
            _checkpoint("z.csv", Status.QUARANTINED, reason="'z.csv' is empty. Download it from CMS again."),
        ]
    )

    assert page.index("z.csv") < page.index("a.csv")
    assert "1,234" in page
    assert "is empty" in page


def test_file_names_cannot_smuggle_markup_into_the_page() -> None:
    page = render([_checkpoint("<script>alert(1)</script>.csv", Status.LANDED)])

    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_page_asks_strangers_for_a_login() -> None:
    answer = TestClient(app).get("/")

    assert answer.status_code in {401, 403}
