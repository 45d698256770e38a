"""`make data`: downloads CMS's newest files into RAWDATA; run again, it continues.

A file gets its name when all of it is there, and the time at which CMS changed it, by which the next run knows it again.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from email.utils import mktime_tz, parsedate_tz
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import unquote

import httpx
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from include.contracts.contract import Contract, load_contracts
from local.download.cms_site import (
    BASE_URL,
    CmsAnswerError,
    CmsDownloadError,
    CmsUnreachableError,
    NewestFile,
    connect,
    explained,
    find_newest,
    patiently,
)

_PAGES = {b"<": "a web page", b"{": "JSON", b"[": "JSON"}
_NO_FOLDER = "Name the folder that the files should go to: RAWDATA=/data/cms make data"

ReportProgress = Callable[[int, int], None]


class NotInCatalogueError(CmsDownloadError):
    def __init__(self, family: str, listed: Sequence[str]) -> None:
        self.family = family
        super().__init__(f"CMS's catalogue has no family {family}. It has: {', '.join(listed)}.")


class DownloadedTwiceError(CmsDownloadError):
    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"another `make data` is downloading {name} into this folder. Let it end, then run this again.")


@dataclass(frozen=True)
class RemoteFile:
    """One version of a file, as the headers of an answer describe it."""

    url: str
    name: str
    size: int
    etag: str
    last_modified: str

    @classmethod
    def of(cls, response: httpx.Response) -> RemoteFile:
        headers = response.headers
        if "content-length" not in headers:
            raise CmsAnswerError(response.url, "a file of unknown length")
        size, etag = int(headers["content-length"]), headers.get("etag", "")
        return cls(str(response.url), _file_name(response), size, etag, headers.get("last-modified", ""))

    @property
    def validator(self) -> str:
        """What `If-Range` takes: a strong ETag or a date."""
        return self.etag if self.etag.startswith('"') else self.last_modified

    @property
    def changed_at(self) -> int | None:
        parsed = parsedate_tz(self.last_modified)
        return mktime_tz(parsed) if parsed else None

    def is_at(self, path: Path) -> bool:
        """Without a date nothing shows that the file is still the same."""
        return path.is_file() and (path.stat().st_size, path.stat().st_mtime) == (self.size, self.changed_at)

    def part_in(self, folder: Path) -> Path:
        """One for each version, so that two are never put together; hidden, so that the local Drive does not list it."""
        version = hashlib.sha256(f"{self.url} {self.validator} {self.size}".encode()).hexdigest()[:12]
        return folder / f".{self.name}.{version}.part"

    def rest_after(self, size: int) -> dict[str, str]:
        """The headers that ask for the rest of this version, or for all of a later one."""
        return {"Range": f"bytes={size}-", "If-Range": self.validator} if size and self.validator else {}


def _file_name(response: httpx.Response) -> str:
    """What the server asks to be saved as, else the end of the address; never a path."""
    message = Message()
    message["Content-Disposition"] = response.headers.get("content-disposition", "")
    for name in (message.get_filename(), unquote(response.url.path)):
        if last := PurePosixPath((name or "").replace("\\", "/")).name.lstrip("."):
            return last
    raise CmsAnswerError(response.url, "a file without a name")


@dataclass(frozen=True)
class Arrival:
    path: Path
    size: int
    was_there: bool


@patiently
def download(http: httpx.Client, url: str, folder: Path, report: ReportProgress) -> Arrival:
    """The file, whole, under CMS's name; what an earlier attempt left of this version is continued."""
    remote = RemoteFile.of(http.head(url).raise_for_status())
    if remote.is_at(folder / remote.name):
        return Arrival(folder / remote.name, remote.size, was_there=True)
    received = _receive(http, remote, folder, report)
    return Arrival(_settle(received, folder), received.size, was_there=False)


def _receive(http: httpx.Client, remote: RemoteFile, folder: Path, report: ReportProgress) -> RemoteFile:
    """The version whose part is now complete: another one when it has changed since it was looked at."""
    part = remote.part_in(folder)
    have = part.stat().st_size if part.exists() else 0
    if have == remote.size:
        return remote
    with http.stream("GET", remote.url, headers=remote.rest_after(have)) as response:
        response.raise_for_status()
        if not response.headers.get("content-range", "").startswith(f"bytes {have}-"):
            have, remote = 0, RemoteFile.of(response)
        with _part_of_size(remote.part_in(folder), have) as file:
            for chunk in response.iter_bytes():
                have += file.write(chunk)
                report(have, remote.size)
            file.flush()
            os.fsync(file.fileno())
    return remote


@contextmanager
def _part_of_size(part: Path, size: int) -> Iterator[BinaryIO]:
    with part.open("ab") as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError as error:
            raise DownloadedTwiceError(part.name) from error
        if file.tell() < size:
            raise DownloadedTwiceError(part.name)
        file.truncate(size)
        yield file


def _settle(remote: RemoteFile, folder: Path) -> Path:
    """Checks what has arrived and gives it its name."""
    part, path = remote.part_in(folder), folder / remote.name
    with part.open("rb") as file:
        start, size = file.read(512).lstrip()[:1], part.stat().st_size
    if start in _PAGES or size != remote.size:
        part.unlink()
        fault = f"{_PAGES[start]} instead of the file" if start in _PAGES else f"{size:,} of {remote.size:,} bytes"
        raise CmsAnswerError(remote.url, fault)
    if remote.changed_at is not None:
        os.utime(part, (remote.changed_at, remote.changed_at))
    part.replace(path)
    for outdated in folder.glob(f".{remote.name}.*.part"):
        outdated.unlink()
    return path


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    if arguments.rawdata is None:
        print(_NO_FOLDER, file=sys.stderr)
        return 2
    try:
        contracts = _chosen(arguments.families)
        arguments.rawdata.mkdir(parents=True, exist_ok=True)
        with connect(os.environ.get("CMS_BASE_URL") or BASE_URL) as http:  # the variable is for tests
            return _download_all(http, contracts, arguments.quarters, arguments.rawdata)
    except (CmsUnreachableError, NotInCatalogueError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename or arguments.rawdata}: {error.strerror}. Put that right and run it again.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. Run it again: it continues where it stopped.", file=sys.stderr)
        return 130


def _chosen(families: Sequence[str]) -> list[Contract]:
    contracts = load_contracts()
    listed = [contract.family for contract in contracts if contract.dataset_id]
    if absent := [family for family in families if family not in listed]:
        raise NotInCatalogueError(absent[0], listed)
    return [contract for contract in contracts if not families or contract.family in families]


def _download_all(http: httpx.Client, contracts: Sequence[Contract], quarters: int, folder: Path) -> int:
    """The exit code: 1 when a file is missing at the end."""
    found = [_list_newest(http, contract, quarters) for contract in contracts]
    print(f"Into {folder}", flush=True)
    arrivals = [_fetch(http, file, folder) for files in found for file in files or ()]
    arrived = [arrival for arrival in arrivals if arrival]
    new = [arrival.size for arrival in arrived if not arrival.was_there]
    missing = found.count(None) + arrivals.count(None)
    there = len(arrived) - len(new)
    print(f"{len(new)} downloaded ({sum(new) / 1e6:,.1f} MB), {there} already there, {missing} missing")
    if missing:
        print("Run it again for what is missing: what is there stays as it is.", file=sys.stderr)
    return 1 if missing else 0


def _list_newest(http: httpx.Client, contract: Contract, quarters: int) -> list[NewestFile] | None:
    """None when the catalogue gives no answer for this family alone."""
    if contract.dataset_id is None:
        print(f"{contract.family:32} withdrawn by CMS")
        return []
    try:
        files = find_newest(http, contract, quarters)
    except CmsUnreachableError:
        raise
    except CmsDownloadError as error:
        print(f"{contract.family:32} MISSING: {error}", flush=True)
        return None
    for file in files:
        print(f"{file.family:32} {file.edition:10}  {file.name}", flush=True)
    return files


def _fetch(http: httpx.Client, file: NewestFile, folder: Path) -> Arrival | None:
    """None when this file alone does not arrive."""
    try:
        with explained(), _progress(file.name) as report:
            arrival = download(http, file.url, folder, report)
    except CmsUnreachableError:
        raise
    except CmsDownloadError as error:
        print(f"  {file.name}: MISSING: {error}", flush=True)
        return None
    outcome = "already there" if arrival.was_there else f"downloaded, {arrival.size / 1e6:,.1f} MB"
    print(f"  {arrival.path.name}: {outcome}", flush=True)
    return arrival


@contextmanager
def _progress(name: str) -> Iterator[ReportProgress]:
    console = Console()
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(name, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make data", description="Downloads CMS's newest files of all families.")
    named = os.environ.get("RAWDATA")
    parser.add_argument("--rawdata", type=Path, default=Path(named) if named else None, help="the folder they go to")
    parser.add_argument("--families", nargs="+", default=[], metavar="FAMILY", help="only these families")
    parser.add_argument("--quarters", type=_count, default=1, help="how many quarters of daily staffing, the newest first")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is no number of quarters, give 1 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
