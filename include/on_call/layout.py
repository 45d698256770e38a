"""The on-call verb `layout`: what a file on this machine holds, before anybody drops it into Drive."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from include.contracts.contract import UNMAPPED_COLUMN
from include.contracts.drift import LayoutNotice, NoticeKind, refuse_possible_renames
from include.contracts.errors import BadFileError
from include.ingest.archives import members_of
from include.ingest.certify import CertifiedTable, certify_table
from include.ingest.file_version import FileVersion, is_archive_name, left_alone_because
from include.on_call.profile import ColumnProfile, profile_table

_SHOWN_REJECTS = 10
_LONGEST_VALUE = 24
_PROFILE_HEADINGS = ("column", "blank", "distinct", "least", "greatest", "mean", "most frequent")
_INDENT = "  "


@dataclass(frozen=True)
class FileLayout:
    """One CSV file, or an archive that cannot be read; `refusal` says why a run would not load it."""

    name: str
    table: CertifiedTable | None = None
    refusal: str = ""
    ignored: str = ""
    profile: Sequence[ColumnProfile] = ()

    @property
    def is_fine(self) -> bool:
        return not self.refusal and not (self.table and self.table.rejects)

    def lines(self) -> Iterator[str]:
        yield self.name
        if self.ignored:
            yield f"{_INDENT}ignored: {self.ignored}"
        if self.table:
            yield from (_INDENT + line for line in _described(self.table))
        if self.refusal:
            yield f"{_INDENT}refused: {self.refusal}"
        yield from (_INDENT + line for line in _profile_lines(self.profile))


def describe_files(path: Path, *, with_profile: bool = False) -> Iterator[FileLayout]:
    """The file, or each file of an archive."""
    if not is_archive_name(path.name):
        yield _describe(path, path.name, with_profile=with_profile)
        return
    with TemporaryDirectory(prefix="layout-") as folder:
        local = Path(folder) / "archive.zip"
        local.symlink_to(path.resolve())
        try:
            for member in members_of(local, path.name):
                name = f"{path.name}/{member.path}"
                if member.content is None:
                    yield FileLayout(name, ignored=member.reason)
                else:
                    yield _describe(member.content, name, with_profile=with_profile)
        except BadFileError as error:
            yield FileLayout(path.name, refusal=str(error))


def _describe(path: Path, name: str, *, with_profile: bool) -> FileLayout:
    plain = Path(name).name
    if reason := left_alone_because(plain):
        return FileLayout(name, ignored=reason)
    with path.open("rb") as content:
        md5 = hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    now = datetime.now(UTC)
    file = FileVersion.named("local", md5, plain, path.stat().st_size, now.isoformat())
    with TemporaryDirectory(prefix="layout-") as folder:
        bronze = Path(folder) / "bronze.parquet"
        try:
            table = certify_table(file, now, path, bronze)
        except BadFileError as error:
            return FileLayout(name, refusal=str(error))
        profile = _of_the_file(profile_table(bronze), table) if with_profile else ()
    try:
        refuse_possible_renames(table.contract, table.header, table.period)
    except BadFileError as error:
        return FileLayout(name, table, str(error), profile=profile)
    return FileLayout(name, table, profile=profile)


def _of_the_file(profile: Sequence[ColumnProfile], table: CertifiedTable) -> Sequence[ColumnProfile]:
    """Without the columns that the contract knows and the file does not have."""
    there = {*table.header.mapped, *table.header.constants, *([UNMAPPED_COLUMN] if table.header.unmapped else [])}
    return [column for column in profile if column.name in there]


def _described(table: CertifiedTable) -> Iterator[str]:
    yield f"{table.contract.title}, {table.period} (family {table.contract.family}), {table.encoding}"
    rejected = f", {len(table.rejects):,} would be rejected" if table.rejects else ""
    facilities = f" of {table.facilities:,} facilities" if table.facilities else ""
    yield f"{table.rows_in_file:,} records{facilities}{rejected}"
    yield f"{len(table.header.mapped)} columns mapped"
    for kind in NoticeKind:
        if names := _names(table.notices, kind):
            yield f"{kind}: {names}"
    yield from (str(reject) for reject in table.rejects[:_SHOWN_REJECTS])
    if (more := len(table.rejects) - _SHOWN_REJECTS) > 0:
        yield f"and {more:,} more"


def _profile_lines(profile: Sequence[ColumnProfile]) -> Iterator[str]:
    """A table: one line per column that the file has."""
    if not profile:
        return
    rows = [_PROFILE_HEADINGS, *(_profile_row(column) for column in profile)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_PROFILE_HEADINGS))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _profile_row(column: ColumnProfile) -> tuple[str, ...]:
    frequent = ", ".join(f"{_short(value)} × {count:,}" for value, count in column.most_frequent)
    mean = "" if column.mean is None else f"{column.mean:,.4g}"
    bounds = (_short(column.least or ""), _short(column.greatest or ""))
    return (column.name, f"{column.blanks:,}", f"{column.distinct_values:,}", *bounds, mean, frequent)


def _short(value: str) -> str:
    """On one line, whatever the cell holds."""
    line = " ".join(value.split())
    return line if len(line) <= _LONGEST_VALUE else f"{line[:_LONGEST_VALUE]}…"


def _names(notices: Sequence[LayoutNotice], kind: NoticeKind) -> str:
    return ", ".join(repr(notice.column_name) for notice in notices if notice.kind is kind)
