"""What the folder holds: every page of it, each entry a file or ignored with a reason."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from pathlib import Path
from typing import Any

import pytest

from include.ingest import drive as drive_module
from include.ingest.drive import Listing, connect_drive
from include.ingest.errors import DriveAccessError, DriveQuotaError, DriveUnreachableError
from include.ingest.pipeline import Services
from local.emulators.drive_ids import file_id_of
from tests.emulators.drive_server import DriveServer

DOCUMENT = "application/vnd.google-apps.document"
SHORTCUT = "application/vnd.google-apps.shortcut"
FOLDER = "application/vnd.google-apps.folder"


def note(rawdata: Path, **notes: Any) -> None:
    (rawdata / ".drive.json").write_text(json.dumps(notes), encoding="utf-8")


def names(listing: Listing) -> list[str]:
    return sorted(file.name for file in listing.files)


def reasons(listing: Listing) -> dict[str, str]:
    return {entry.name: entry.reason for entry in listing.ignored}


def test_file_is_listed_with_md5_size_and_time(rawdata: Path, services: Services) -> None:
    (rawdata / "a.csv").write_bytes(b"hello")
    note(rawdata, files={"a.csv": {"modifiedTime": "2024-10-30T00:00:00Z"}})
    (file,) = services.drive.list_folder().files
    assert (file.file_id, file.name, file.size) == (file_id_of("a.csv"), "a.csv", 5)
    assert file.file_md5 == hashlib.md5(b"hello", usedforsecurity=False).hexdigest()
    assert file.modified_at == "2024-10-30T00:00:00.000Z"


def test_more_files_than_a_page_holds(
    rawdata: Path, services: Services, server: DriveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drive_module, "_PAGE_SIZE", 10)
    for number in range(25):
        (rawdata / f"{number:02}.csv").write_bytes(b"%d" % number)
    assert names(services.drive.list_folder()) == [f"{number:02}.csv" for number in range(25)]
    assert [("pageToken" in request.query) for request in server.requests] == [False, True, True]


def test_what_is_no_csv_file_is_ignored_with_a_reason(rawdata: Path, services: Services) -> None:
    for name in ("kept.CSV", "trashed.csv", "data.xlsx", "README"):
        (rawdata / name).write_bytes(b"x")
    (rawdata / "older").mkdir()
    (rawdata / "older" / "inside.csv").write_bytes(b"y")
    note(
        rawdata,
        files={"trashed.csv": {"trashed": True}},
        extra=[{"name": "Notes.csv", "mimeType": DOCUMENT}, {"name": "Sheet", "mimeType": DOCUMENT, "trashed": True}],
    )
    listing = services.drive.list_folder()
    assert names(listing) == ["kept.CSV"]
    assert reasons(listing) == {
        "trashed.csv": "in the trash",
        "data.xlsx": "not a .csv file",
        "README": "not a .csv file",
        "older": "a folder (set DRIVE_INCLUDE_SUBFOLDERS=1 to read the files in folders)",
        "Notes.csv": "a Google document, not a file (download it as CSV and upload that)",
        "Sheet": "in the trash",
    }


def test_files_of_subfolders_are_listed_when_asked_for(rawdata: Path, services: Services) -> None:
    (rawdata / "a" / "b").mkdir(parents=True)
    for path in ("top.csv", "a/one.csv", "a/b/two.csv"):
        (rawdata / path).write_bytes(path.encode())
    deep = connect_drive(services.settings.model_copy(update={"drive_include_subfolders": True}))
    assert names(deep.list_folder()) == ["one.csv", "top.csv", "two.csv"]


def test_shortcut_is_followed_under_its_own_name_or_that_of_its_target(rawdata: Path, services: Services) -> None:
    (rawdata / "elsewhere").mkdir()
    for name in ("target.csv", "second.csv"):
        (rawdata / "elsewhere" / name).write_bytes(name.encode())
    note(
        rawdata,
        extra=[
            {"name": "renamed.csv", "mimeType": SHORTCUT, "target": "elsewhere/target.csv"},
            {"name": "link", "mimeType": SHORTCUT, "target": "elsewhere/second.csv"},
        ],
    )
    files = {file.name: file.file_id for file in services.drive.list_folder().files}
    assert files == {"renamed.csv": file_id_of("elsewhere/target.csv"), "second.csv": file_id_of("elsewhere/second.csv")}


def test_shortcuts_that_lead_to_no_file_are_ignored_with_a_reason(rawdata: Path, services: Services) -> None:
    (rawdata / "folder").mkdir()
    (rawdata / "folder" / "thrown.csv").write_bytes(b"x")
    note(
        rawdata,
        files={"folder/thrown.csv": {"trashed": True}},
        extra=[
            {"name": "dangling.csv", "mimeType": SHORTCUT, "target": "gone.csv"},
            {"name": "to folder.csv", "mimeType": SHORTCUT, "target": "folder"},
            {"name": "to trash.csv", "mimeType": SHORTCUT, "target": "folder/thrown.csv"},
        ],
    )
    listing = services.drive.list_folder()
    assert listing.files == ()
    assert {name: reason for name, reason in reasons(listing).items() if name != "folder"} == {
        "dangling.csv": "a shortcut whose target is gone or not shared with us",
        "to folder.csv": "a shortcut to a folder or to another shortcut",
        "to trash.csv": "in the trash",
    }


def test_file_beside_its_shortcut_goes_by_its_own_name(rawdata: Path, services: Services) -> None:
    """`Shortcut to …` sorts before many names; the file itself must not be taken for the repeat."""
    (rawdata / "Swing_Bed.csv").write_bytes(b"x")
    note(rawdata, extra=[{"name": "Shortcut to Swing_Bed.csv", "mimeType": SHORTCUT, "target": "Swing_Bed.csv"}])
    listing = services.drive.list_folder()
    assert names(listing) == ["Swing_Bed.csv"]
    assert reasons(listing) == {"Shortcut to Swing_Bed.csv": "a shortcut to a file that is listed already"}


def test_two_files_of_one_name_are_kept_apart(rawdata: Path, services: Services) -> None:
    for name in ("first", "second"):
        (rawdata / f"{name}.csv").write_bytes(name.encode())
    note(rawdata, files={"first.csv": {"name": "same.csv"}, "second.csv": {"name": "same.csv"}})
    files = services.drive.list_folder().files
    assert [file.name for file in files] == ["same.csv", "same.csv"]
    assert {file.file_id for file in files} == {file_id_of("first.csv"), file_id_of("second.csv")}


def test_folder_on_a_shared_drive(rawdata: Path, services: Services) -> None:
    (rawdata / "a.csv").write_bytes(b"hello")
    note(rawdata, driveId="0AShared")
    (file,) = services.drive.list_folder().files
    assert services.drive.read_range(file, 0, 5) == b"hello"
    assert services.drive.current_version(file).file_md5 == file.file_md5


def test_empty_folder(services: Services) -> None:
    assert services.drive.list_folder() == Listing((), ())


def test_folder_that_is_not_there_is_a_clear_error(services: Services) -> None:
    elsewhere = connect_drive(services.settings.model_copy(update={"drive_folder_id": "no-such-folder"}))
    with pytest.raises(DriveAccessError, match=r"the folder 'no-such-folder': 404 .*DRIVE_FOLDER_ID"):
        elsewhere.list_folder()


@pytest.mark.parametrize(
    ("status", "reason"),
    [(429, "rateLimitExceeded"), (403, "rateLimitExceeded"), (403, "userRateLimitExceeded"), (500, ""), (503, "")],
)
def test_refusal_that_passes_by_itself_is_tried_again(
    rawdata: Path, services: Services, server: DriveServer, status: int, reason: str
) -> None:
    (rawdata / "a.csv").write_bytes(b"hello")
    server.fail_next(times=services.settings.drive_attempts - 1, status=status, reason=reason or "backendError")
    assert names(services.drive.list_folder()) == ["a.csv"]
    assert len(server.requests) == services.settings.drive_attempts


@pytest.mark.parametrize(
    ("status", "reason"), [(403, "insufficientFilePermissions"), (401, "authError"), (404, "notFound"), (400, "badRequest")]
)
def test_refusal_that_stays_is_a_clear_error_at_once(services: Services, server: DriveServer, status: int, reason: str) -> None:
    server.fail_next(times=10, status=status, reason=reason)
    with pytest.raises(DriveAccessError, match=f"Google Drive refused the folder 'RAWDATA': {status} .*service account"):
        services.drive.list_folder()
    assert len(server.requests) == 1


def test_rate_limit_that_does_not_pass_is_given_up(services: Services, server: DriveServer) -> None:
    server.fail_next(times=100, status=429)
    with pytest.raises(DriveUnreachableError, match="429"):
        services.drive.list_folder()
    assert len(server.requests) == services.settings.drive_attempts


def test_each_failed_try_is_logged_and_the_error_names_the_endpoint(
    services: Services, server: DriveServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.fail_next(times=100, status=503, reason="backendError")
    with pytest.raises(DriveUnreachableError) as raised, caplog.at_level(logging.WARNING, "include.ingest.drive"):
        services.drive.list_folder()
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == services.settings.drive_attempts - 1
    assert said[0].startswith(
        f"Drive at {server.url}: try 1 of {services.settings.drive_attempts} for the folder 'RAWDATA' failed (503 backendError); "
        "the next one in 0.0"
    )
    error = raised.value
    assert (error.endpoint, error.tries, error.detail) == (server.url, services.settings.drive_attempts, "503 backendError")
    assert server.url in str(error)


def test_drive_that_never_answers_is_given_up_within_the_longest_time(services: Services, server: DriveServer) -> None:
    hurried = {"drive_answer_seconds": 0.3, "drive_longest_minutes": 1 / 60, "drive_attempts": 1000}
    server.hang_next(times=1000)
    began = time.monotonic()
    with pytest.raises(DriveUnreachableError, match="timed out") as raised:
        connect_drive(services.settings.model_copy(update=hurried)).list_folder()
    assert 2 <= raised.value.tries <= 4
    assert time.monotonic() - began < 5


def test_drive_that_answers_again_after_a_hung_request_is_read(rawdata: Path, services: Services, server: DriveServer) -> None:
    (rawdata / "a.csv").write_bytes(b"x")
    server.hang_next()
    drive = connect_drive(services.settings.model_copy(update={"drive_answer_seconds": 0.3}))
    assert names(drive.list_folder()) == ["a.csv"]


def test_page_of_a_proxy_instead_of_a_listing_is_asked_for_again(rawdata: Path, services: Services, server: DriveServer) -> None:
    (rawdata / "a.csv").write_bytes(b"x")
    server.answer_next(b"<html>Please wait</html>", times=2, matching="/files?")
    assert names(services.drive.list_folder()) == ["a.csv"]


def test_page_of_a_proxy_that_stays_is_told_as_what_it_is(services: Services, server: DriveServer) -> None:
    server.answer_next(b"<html>Sign in</html>", times=100, matching="/files?")
    with pytest.raises(DriveUnreachableError, match="proxy or a sign-in page"):
        services.drive.list_folder()


def test_used_up_download_quota_is_told_with_the_time_it_takes(rawdata: Path, services: Services, server: DriveServer) -> None:
    (rawdata / "a.csv").write_bytes(b"x")
    (file,) = services.drive.list_folder().files
    server.fail_next(status=403, reason="downloadQuotaExceeded", matching="alt=media")
    with pytest.raises(DriveQuotaError, match="within 24 hours"):
        services.drive.read_range(file, 0, 1)
