"""files.list and files.get of the local Drive, as Google's client sees them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from googleapiclient.errors import HttpError

from local.emulators import file_hashes
from local.emulators.drive_folder import DriveFolder
from tests.emulators.drive_server import DriveServer, running_drive_server

Connect = Callable[[str], Any]

FIELDS = "id, name, mimeType, md5Checksum, size, modifiedTime, trashed, shortcutDetails(targetId, targetMimeType)"
IN_FOLDER = "'RAWDATA' in parents"


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def names(drive: Any, q: str = IN_FOLDER, **more: Any) -> list[str]:
    return [file["name"] for file in drive.files().list(q=q, **more).execute()["files"]]


def entries(drive: Any, q: str = IN_FOLDER, **more: Any) -> list[dict[str, Any]]:
    return list(drive.files().list(q=q, fields=f"nextPageToken, files({FIELDS})", **more).execute()["files"])


def entry(drive: Any, name: str, **more: Any) -> dict[str, Any]:
    (found,) = [file for file in entries(drive, **more) if file["name"] == name]
    return found


def reason_of(error: HttpError) -> dict[str, str]:
    return dict(json.loads(error.content)["error"]["errors"][0])


def describe(folder: Path, **notes: Any) -> None:
    (folder / ".drive.json").write_text(json.dumps(notes))


def test_file_is_described_as_drive_describes_it(rawdata: Path, drive: Any) -> None:
    (rawdata / "NH_ProviderInfo_Oct2024.csv").write_bytes(b"CCN\r\n015009\r\n")
    os.utime(rawdata / "NH_ProviderInfo_Oct2024.csv", (1730289600.25, 1730289600.25))
    file = entry(drive, "NH_ProviderInfo_Oct2024.csv")
    assert file["mimeType"] == "text/csv"
    assert file["size"] == "13"
    assert file["md5Checksum"] == md5(b"CCN\r\n015009\r\n")
    assert file["modifiedTime"] == "2024-10-30T12:00:00.250Z"
    assert file["trashed"] is False


def test_listing_pages_through_any_number_of_files(rawdata: Path, drive: Any) -> None:
    expected = {f"file_{number:04d}.csv" for number in range(257)}
    for name in expected:
        (rawdata / name).touch()
    request = drive.files().list(q=IN_FOLDER, pageSize=50)
    pages = []
    while request is not None:
        answer = request.execute()
        pages.append([file["name"] for file in answer["files"]])
        request = drive.files().list_next(request, answer)
    assert [len(page) for page in pages] == [50, 50, 50, 50, 50, 7]
    assert {name for page in pages for name in page} == expected


def test_page_goes_on_after_the_last_file_seen_when_others_are_deleted(rawdata: Path, drive: Any) -> None:
    for name in "abcdef":
        (rawdata / f"{name}.csv").touch()
    first = drive.files().list(q=IN_FOLDER, pageSize=3, orderBy="name").execute()
    (rawdata / "a.csv").unlink()
    token = first["nextPageToken"]
    second = drive.files().list(q=IN_FOLDER, pageSize=3, orderBy="name", pageToken=token).execute()
    assert [file["name"] for file in second["files"]] == ["d.csv", "e.csv", "f.csv"]
    assert "nextPageToken" not in second


def test_a_page_holds_100_files_unless_asked_and_1000_at_most(rawdata: Path, drive: Any) -> None:
    for number in range(1001):
        (rawdata / f"{number}.csv").touch()
    assert len(names(drive)) == 100
    assert len(names(drive, pageSize=5000)) == 1000


@pytest.mark.parametrize(
    ("bad", "location"),
    [
        ({"pageToken": "nonsense"}, "pageToken"),
        ({"orderBy": "modifiedTime"}, "orderBy"),
        ({"fields": "files(id,md5checksum)"}, "fields"),
        ({"q": "name = 'a.csv'"}, "q"),
    ],
)
def test_parameter_that_is_not_understood_is_refused_with_its_name(drive: Any, bad: dict[str, Any], location: str) -> None:
    with pytest.raises(HttpError) as caught:
        drive.files().list(**({"q": IN_FOLDER} | bad)).execute()
    assert caught.value.status_code == 400
    assert reason_of(caught.value)["location"] == location


def test_order_is_by_name_whatever_its_case(rawdata: Path, drive: Any) -> None:
    for name in ("b.csv", "A.csv", "c.csv"):
        (rawdata / name).touch()
    assert names(drive, orderBy="name") == ["A.csv", "b.csv", "c.csv"]


def test_answer_holds_the_fields_asked_for_and_no_others(rawdata: Path, drive: Any) -> None:
    (rawdata / "a.csv").write_text("x")
    answer = drive.files().list(q=IN_FOLDER, fields="files(name,size)").execute()
    assert answer == {"files": [{"name": "a.csv", "size": "1"}]}
    file_id = entry(drive, "a.csv")["id"]
    assert drive.files().get(fileId=file_id, fields="md5Checksum").execute() == {"md5Checksum": md5(b"x")}
    assert set(drive.files().get(fileId=file_id).execute()) == {"id", "name", "mimeType"}


def test_listing_of_names_reads_no_content_and_an_unchanged_file_is_hashed_once(
    rawdata: Path, drive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = []
    hash_stream = file_hashes.md5_of_stream

    def count_and_hash(stream: BinaryIO) -> str:
        hashed.append(stream.name)
        return hash_stream(stream)

    monkeypatch.setattr(file_hashes, "md5_of_stream", count_and_hash)
    (rawdata / "a.csv").write_text("one")
    names(drive)
    assert hashed == []
    for _ in range(3):
        assert entry(drive, "a.csv")["md5Checksum"] == md5(b"one")
    assert len(hashed) == 1


def test_changed_content_has_a_new_md5_even_with_the_same_size_and_time(rawdata: Path, drive: Any) -> None:
    (rawdata / "a.csv").write_text("one")
    os.utime(rawdata / "a.csv", (1000, 1000))
    before = entry(drive, "a.csv")
    (rawdata / "a.csv").write_text("two")
    os.utime(rawdata / "a.csv", (1000, 1000))
    after = entry(drive, "a.csv")
    assert after["md5Checksum"] == md5(b"two")
    assert after["id"] == before["id"]


@pytest.mark.parametrize("is_restarted", [False, True])
def test_renamed_file_keeps_its_id_and_a_new_one_under_its_old_name_gets_another(
    tmp_path: Path, rawdata: Path, is_restarted: bool
) -> None:
    folder = DriveFolder(rawdata, tmp_path / "ids.json")
    (rawdata / "a.csv").write_text("one")
    (rawdata / "2024").mkdir()
    (rawdata / "2024" / "b.csv").write_text("two")
    before = {found.name: found.id for found in folder.entries()}
    (rawdata / "a.csv").rename(rawdata / "2024" / "renamed.csv")
    (rawdata / "a.csv").write_text("another")
    (rawdata / "2024").rename(rawdata / "2025")
    folder = DriveFolder(rawdata, tmp_path / "ids.json") if is_restarted else folder
    after = {found.name: found for found in folder.entries()}
    assert after["renamed.csv"].id == before["a.csv"]
    assert after["b.csv"].id == before["b.csv"]
    assert after["b.csv"].parent_id == after["2025"].id
    assert after["a.csv"].id not in before.values()
    assert {found.name: found.id for found in folder.entries()} == {name: found.id for name, found in after.items()}


def test_hard_links_are_files_of_their_own(rawdata: Path) -> None:
    folder = DriveFolder(rawdata)
    (rawdata / "a.csv").write_text("one")
    (rawdata / "b.csv").hardlink_to(rawdata / "a.csv")
    before = {found.name: found.id for found in folder.entries()}
    assert len(set(before.values())) == 2
    assert {found.name: found.id for found in folder.entries()} == before


def test_ids_stay_when_the_server_is_started_again(rawdata: Path, connect: Connect) -> None:
    (rawdata / "a.csv").write_text("one")
    ids = []
    for _ in range(2):
        with running_drive_server(rawdata) as server:
            ids.append(entry(connect(server.url), "a.csv")["id"])
    assert ids[0] == ids[1]


def test_files_of_a_subfolder_are_listed_under_the_subfolder(rawdata: Path, drive: Any) -> None:
    (rawdata / "2024").mkdir()
    (rawdata / "2024" / "a.csv").write_text("inner")
    (rawdata / "a.csv").write_text("outer")
    assert sorted(names(drive)) == ["2024", "a.csv"]
    folder = entry(drive, "2024")
    assert folder["mimeType"] == "application/vnd.google-apps.folder"
    assert not {"size", "md5Checksum"} & set(folder)
    inner = entries(drive, f"'{folder['id']}' in parents")
    assert [file["md5Checksum"] for file in inner] == [md5(b"inner")]


def test_dot_files_links_that_lead_nowhere_and_link_loops_are_not_listed(rawdata: Path, drive: Any) -> None:
    (rawdata / ".hidden").touch()
    (rawdata / ".git").mkdir()
    (rawdata / "dangling.csv").symlink_to(rawdata / "nowhere")
    (rawdata / "loop").symlink_to(rawdata)
    describe(rawdata)
    (rawdata / "a.csv").touch()
    assert names(drive) == ["a.csv"]


def test_unknown_ids_are_not_found(rawdata: Path, drive: Any) -> None:
    for request in (drive.files().get(fileId="1nothing"), drive.files().list(q="'1nothing' in parents")):
        with pytest.raises(HttpError) as caught:
            request.execute()
        assert caught.value.status_code == 404
        assert reason_of(caught.value)["reason"] == "notFound"


def test_notes_give_a_file_another_name_and_time(rawdata: Path, drive: Any) -> None:
    for name in ("evil.csv", "control.csv", "twin.csv"):
        (rawdata / name).write_text(name)
    describe(
        rawdata,
        files={
            "evil.csv": {"name": "../../etc/passwd"},
            "control.csv": {"name": "a\nb\u0000.csv", "modifiedTime": "2024-01-02T03:04:05+02:00"},
            "twin.csv": {"name": "a\nb\u0000.csv"},
        },
    )
    files = entries(drive)
    assert sorted(file["name"] for file in files) == ["../../etc/passwd", "a\nb\0.csv", "a\nb\0.csv"]
    assert len({file["id"] for file in files}) == 3
    by_md5 = {file["md5Checksum"]: file for file in files}
    assert by_md5[md5(b"control.csv")]["modifiedTime"] == "2024-01-02T01:04:05.000Z"


def test_google_documents_and_shortcuts_are_listed_without_bytes(rawdata: Path, drive: Any) -> None:
    (rawdata / "a.csv").write_text("x")
    shortcut = "application/vnd.google-apps.shortcut"
    describe(
        rawdata,
        extra=[
            {"name": "Notes", "mimeType": "application/vnd.google-apps.document"},
            {"name": "link", "mimeType": shortcut, "target": "a.csv"},
            {"name": "dead", "mimeType": shortcut, "target": "gone.csv"},
        ],
    )
    assert not {"size", "md5Checksum"} & set(entry(drive, "Notes"))
    target = entry(drive, "a.csv")["id"]
    assert entry(drive, "link")["shortcutDetails"] == {"targetId": target, "targetMimeType": "text/csv"}
    with pytest.raises(HttpError, match="File not found"):
        drive.files().get(fileId=entry(drive, "dead")["shortcutDetails"]["targetId"]).execute()


def test_shared_drive_is_only_seen_by_those_who_ask_for_it(rawdata: Path, drive: Any) -> None:
    (rawdata / "a.csv").write_text("x")
    describe(rawdata, driveId="0AShared")
    both: dict[str, Any] = {"includeItemsFromAllDrives": True, "supportsAllDrives": True}
    assert names(drive) == []
    assert names(drive, supportsAllDrives=True) == []
    file = entry(drive, "a.csv", **both)
    with pytest.raises(HttpError, match="File not found"):
        drive.files().get(fileId=file["id"]).execute()
    assert drive.files().get(fileId=file["id"], supportsAllDrives=True).execute()["name"] == "a.csv"


def test_misspelt_notes_are_refused_by_name(rawdata: Path, drive: Any) -> None:
    describe(rawdata, files={"a.csv": {"trashd": True}})
    with pytest.raises(HttpError, match=r"\.drive\.json.*trashd"):
        names(drive)


def test_drive_is_read_only_and_answers_below_both_endpoints(rawdata: Path, server: DriveServer, connect: Connect) -> None:
    (rawdata / "a.csv").touch()
    assert names(connect(server.url + "/drive/v3/")) == ["a.csv"]
    with pytest.raises(HttpError) as caught:
        connect(server.url).files().delete(fileId="any").execute()
    assert caught.value.status_code == 403
    assert [seen.path for seen in server.requests] == ["/drive/v3/files"]
