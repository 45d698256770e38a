"""Takes the CSV files out of a landed zip archive (also a zip of zips) and lands each as a version of its own.

Everything is streamed through one temporary file per level, so memory stays flat. The archive's directory is checked before
a byte is unpacked.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, ClassVar

from include.ingest.checkpoints import Checkpoint, CheckpointTable, Lease, Status, Unpacked
from include.ingest.errors import BadArchiveError, StoredBytesDifferError
from include.ingest.file_version import FileVersion, is_archive_name, left_alone_because
from include.ingest.landing import land_file
from include.ingest.object_store import ObjectStore

MOST_MEMBERS = 10_000
DEEPEST = 2  # an archive, and archives in it: CMS's yearly archive holds monthly ones
HIGHEST_RATIO = 200  # CMS's CSV files shrink to a tenth or a fortieth
_SMALL = 64 * 1024 * 1024  # below this, whatever the ratio, nothing can be filled up
_MOST_NAMED = 200  # of the ignored members, as a checkpoint has room for 400 KB
_CHUNK_BYTES = 8 * 1024 * 1024
_CHUNKS_PER_SIGN_OF_LIFE = 8  # a second's work: to say so behind each chunk took as long as half of the unpacking
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800


@dataclass(frozen=True)
class Member:
    """One file of an archive; `path` leads through archives in between. `reason`: why it is left alone, without content then."""

    path: str
    content: Path | None
    md5: str = ""
    reason: str = ""


@dataclass(frozen=True)
class _Unpacked:
    """A member's bytes on this machine, as a source of landing."""

    content: Path
    on_read: Callable[[], None]
    is_verified: ClassVar[bool] = True

    def read_range(self, file: FileVersion, start: int, stop: int) -> bytes:  # noqa: ARG002 - there is one file only
        self.on_read()
        with self.content.open("rb") as content:
            content.seek(start)
            return content.read(stop - start)

    def current_version(self, file: FileVersion) -> FileVersion:
        return file


def unpack_archive(
    file: FileVersion, store: ObjectStore, checkpoints: CheckpointTable, owner: str, part_bytes: int
) -> Checkpoint:
    """Lands the CSV files of a LANDED archive; quarantines it and raises BadArchiveError when it cannot be read as a whole.

    Members that an earlier try has landed are left as they are.
    """
    with checkpoints.claim(checkpoints.get(file.file_id, file.file_md5), owner) as lease:
        if lease.checkpoint.status is not Status.LANDED or lease.checkpoint.landed is None:
            return lease.checkpoint
        ignored: list[tuple[str, str]] = []
        try:
            with TemporaryDirectory(prefix="unpack-") as folder:
                path = Path(folder) / "archive.zip"
                store.fetch(lease.checkpoint.landed.raw_key, file.file_md5, path, lease.renew)
                for member in members_of(path, file.name, lease.renew):
                    if member.content is None:
                        ignored.append((member.path, member.reason))
                    else:
                        version = file.member(member.path, member.md5, member.content.stat().st_size)
                        _land_member(version, member.content, store, checkpoints, lease, part_bytes)
        except BadArchiveError as error:
            lease.quarantine(error)
            raise
        except StoredBytesDifferError as error:
            lease.advance(Status.DISCOVERED, error_code="stored_bytes_differ", reason=str(error))
            raise
        return lease.advance(Status.UNPACKED, Unpacked(tuple(ignored[:_MOST_NAMED])))


def _land_member(
    version: FileVersion, content: Path, store: ObjectStore, checkpoints: CheckpointTable, lease: Lease, part_bytes: int
) -> None:
    known = checkpoints.discover(version)
    if known.archive_md5 != version.archive_md5:  # the same bytes at the same path of an earlier version of the archive
        checkpoints.move_to_archive(known, version.archive_md5)
    land_file(version, _Unpacked(content, lease.renew), store, checkpoints, lease.owner, part_bytes)


def members_of(path: Path, archive_name: str, on_chunk: Callable[[], None] = lambda: None) -> Iterator[Member]:
    """Every file of the archive, in its order; the content of one is there until the next is asked for.

    Raises BadArchiveError.
    """
    yield from _members(path, archive_name, "", 1, on_chunk)


def _members(path: Path, name: str, prefix: str, depth: int, on_chunk: Callable[[], None]) -> Iterator[Member]:
    with _opened(path, name) as archive:
        for inside, entry in _checked(archive, name).items():
            reason = _left_alone(inside)
            if reason:
                yield Member(prefix + inside, None, reason=reason)
                continue
            if is_archive_name(inside) and depth == DEEPEST:
                raise BadArchiveError(name, f"{prefix + inside!r} is an archive within an archive within an archive")
            content = path.with_name(f"level-{depth}")
            md5 = _unpack(archive, entry, content, name, on_chunk)
            if is_archive_name(inside):
                yield from _members(content, name, f"{prefix}{inside}/", depth + 1, on_chunk)
            else:
                yield Member(prefix + inside, content, md5)


@contextmanager
def _opened(path: Path, name: str) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise BadArchiveError(name, f"it is damaged or no zip archive ({error})") from error
    with archive:
        yield archive


def _checked(archive: zipfile.ZipFile, name: str) -> dict[str, zipfile.ZipInfo]:
    """Its files by path; nothing has been unpacked yet."""
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_MEMBERS:
        raise BadArchiveError(name, f"it holds {len(entries):,} files, and {MOST_MEMBERS:,} are the most")
    for entry in entries:
        _check_entry(entry, name)
    paths = {_path_of(entry): entry for entry in entries}
    counts = Counter(_path_of(entry) for entry in entries)
    for path in (path for path, count in counts.items() if count > 1):
        if len({(entry.CRC, entry.file_size) for entry in entries if _path_of(entry) == path}) > 1:
            raise BadArchiveError(name, f"it holds {counts[path]} different files of the name {path!r}")
    return paths


def _check_entry(entry: zipfile.ZipInfo, name: str) -> None:
    path = _path_of(entry)
    if entry.flag_bits & _ENCRYPTED:
        raise BadArchiveError(name, f"{path!r} is encrypted")
    if path.startswith("/") or ":" in path or ".." in PurePosixPath(path).parts or not path.isprintable():
        raise BadArchiveError(name, f"the name {path!r} leads out of the archive or holds control characters")
    if entry.file_size > max(_SMALL, HIGHEST_RATIO * entry.compress_size):
        raise BadArchiveError(name, f"{path!r} would grow from {entry.compress_size:,} to {entry.file_size:,} bytes")


def _path_of(entry: zipfile.ZipInfo) -> str:
    """Where the name is not marked as UTF-8, Python reads it in code page 437; most tools have written UTF-8 all the same.

    Old Windows tools write backslashes between folders.
    """
    name = entry.orig_filename
    if not (entry.flag_bits & _UTF8_NAME or name.isascii()):
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _left_alone(path: str) -> str | None:
    if "__MACOSX" in PurePosixPath(path).parts or PurePosixPath(path).name.startswith("."):
        return "written by the computer that packed the archive"
    return left_alone_because(PurePosixPath(path).name)


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, to: Path, name: str, on_chunk: Callable[[], None]) -> str:
    """Returns the md5. Python reads no more than the directory says, and checks the CRC."""
    try:
        with archive.open(entry) as packed, to.open("wb") as content:
            return _copy(packed, content, on_chunk)
    except NotImplementedError as error:  # Deflate64 and the like
        raise BadArchiveError(name, f"{_path_of(entry)!r} is packed in a way that cannot be read here ({error})") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise BadArchiveError(name, f"{_path_of(entry)!r} is damaged ({error})") from error


def _copy(packed: IO[bytes], content: IO[bytes], on_chunk: Callable[[], None]) -> str:
    """One thread hashes and writes a chunk while the next one is unpacked; never more than one waits, so memory stays flat."""
    digest = hashlib.md5(usedforsecurity=False)

    def keep(chunk: bytes) -> None:
        digest.update(chunk)
        content.write(chunk)

    with ThreadPoolExecutor(max_workers=1) as keeper:
        kept = keeper.submit(keep, b"")
        for number, chunk in enumerate(iter(partial(packed.read, _CHUNK_BYTES), b""), start=1):
            kept.result()
            kept = keeper.submit(keep, chunk)
            if number % _CHUNKS_PER_SIGN_OF_LIFE == 0:
                on_chunk()
        kept.result()
    return digest.hexdigest()
