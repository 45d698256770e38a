"""Certifies a landed file: finds its encoding, maps its header by name, checks every record, writes bronze Parquet.

Records in the file = certified + rejected, or the file does not pass.
"""

from __future__ import annotations

import codecs
import csv
import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from include.contracts.contract import UNMAPPED_COLUMN, Contract
from include.contracts.drift import LayoutNotice, layout_notices, refuse_any_change, refuse_possible_renames
from include.contracts.errors import BadFileError, UnknownPeriodError, WrongPeriodError
from include.contracts.file_name import period_in_name, period_of_cell
from include.contracts.header import HeaderMap, map_header
from include.ingest.block_parser import parse_block
from include.ingest.cells import has_content, unmapped_cells, unreadable_rows
from include.ingest.checkpoints import CERTIFICATION, Certified, Checkpoint, CheckpointTable, Landed, Status
from include.ingest.errors import (
    EmptyFileError,
    HeaderOnlyError,
    NotCsvError,
    NothingCertifiedError,
    RecordCountError,
    StoredBytesDifferError,
    UnsafeFileNameError,
)
from include.ingest.file_version import FileVersion
from include.ingest.object_keys import certified_keys
from include.ingest.object_store import ObjectStore
from include.ingest.occurrences import number_occurrences
from include.ingest.record_scanner import BLOCK_BYTES, Block, Reject, detect_encoding, read_blocks

_log = logging.getLogger(__name__)

_MAGIC = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"PAR1": "a Parquet file",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"<": "a web page, as a sign-in or virus-scan page saved in place of the file",
    b"{": "JSON, as an error message of the API saved in place of the file",
    b"[": "JSON",
}
_SHOWN_REJECTS = 5
_BINARY_SHARE = 0.05  # control characters in the first bytes; a CSV file has none, a damaged record has few
_REJECTS_SCHEMA = pa.schema(
    [("file_md5", pa.string()), ("source_row", pa.int64()), ("reason", pa.string()), ("raw_line", pa.string())]
)


@dataclass
class _Tally:
    """Counts of one file while its blocks pass by; `filled` are the unmapped columns that hold any cell."""

    counted: int = 0
    certified: int = 0
    period: str | None = None
    header: HeaderMap | None = None
    filled: set[str] = field(default_factory=set)
    facilities: set[str] = field(default_factory=set)
    rejects: list[Reject] = field(default_factory=list)


def certify_file(
    file: FileVersion, store: ObjectStore, checkpoints: CheckpointTable, owner: str, *, refuse_drift: bool = False
) -> Checkpoint:
    """Certifies a LANDED version and records the result; quarantines it and raises BadFileError when it cannot pass, and
    again whenever it is asked to certify what is quarantined.

    Raises StoredBytesDifferError when S3 no longer holds what was landed; the version then waits to be landed again.
    """
    with checkpoints.claim(checkpoints.get(file.file_id, file.file_md5), owner) as lease:
        checkpoint = lease.checkpoint
        if checkpoint.status is Status.QUARANTINED and checkpoint.refusal:
            refusal = checkpoint.refusal
            raise BadFileError.again(refusal.error_code, refusal.reason, refusal.facts)
        if checkpoint.status is not Status.LANDED or checkpoint.landed is None:
            return checkpoint
        strictness = _Strictness(refuse_drift, checkpoint.accepted)
        try:
            certified = _certify(file, checkpoint.landed, strictness, store, on_block=lease.renew)
        except BadFileError as error:
            lease.quarantine(error)
            raise
        except StoredBytesDifferError as error:
            lease.advance(Status.DISCOVERED, error_code="stored_bytes_differ", reason=str(error))
            raise
        _log.info("certified %s: %s rows, %s rejected", file.name, certified.rows_certified, certified.rows_rejected)
        return lease.advance(Status.CERTIFIED, certified)


@dataclass(frozen=True)
class _Strictness:
    """What a layout that the contract does not know leads to: a notice, unless the setting or a possible rename refuses it."""

    refuse_drift: bool
    is_accepted: bool

    def check(self, contract: Contract, header: HeaderMap, period: str) -> None:
        if self.is_accepted:
            return
        if self.refuse_drift:
            refuse_any_change(contract, header, period)
        refuse_possible_renames(contract, header, period)


def _certify(
    file: FileVersion, landed: Landed, strictness: _Strictness, store: ObjectStore, on_block: Callable[[], None]
) -> Certified:
    with TemporaryDirectory(prefix="certify-") as folder:
        raw, bronze = Path(folder) / "raw.csv", Path(folder) / "bronze.parquet"
        store.fetch(landed.raw_key, file.file_md5, raw, on_block)
        table = certify_table(file, datetime.fromisoformat(landed.landed_at), raw, bronze, on_block)
        strictness.check(table.contract, table.header, table.period)
        bronze_key, rejects_key = certified_keys(table.contract.family, table.period, file.file_md5)
        store.upload_file(bronze, bronze_key)
        store.upload_file(_write_rejects(Path(folder), file.file_md5, table.rejects), rejects_key)
    return Certified(
        table.contract.family,
        table.period,
        table.encoding,
        table.rows_in_file,
        table.rows_certified,
        len(table.rejects),
        bronze_key,
        rejects_key,
        facilities=table.facilities,
        columns=len(table.header.mapped),
        unmapped=tuple(table.header.unmapped.values()),
        notices=table.notices,
        certification=CERTIFICATION,
        first_rejects=tuple(map(str, table.rejects[:_SHOWN_REJECTS])),
    )


@dataclass(frozen=True)
class CertifiedTable:
    """A CSV file as certification sees it; its rows are in the Parquet file that the caller has named."""

    contract: Contract
    period: str
    encoding: str
    header: HeaderMap
    rows_in_file: int
    rows_certified: int
    facilities: int
    rejects: list[Reject]

    @property
    def notices(self) -> tuple[LayoutNotice, ...]:
        return layout_notices(self.contract, self.header, self.period)


def certify_table(
    file: FileVersion, landed_at: datetime, raw: Path, bronze: Path, on_block: Callable[[], None] = lambda: None
) -> CertifiedTable:
    """Reads `raw`, writes `bronze`; raises BadFileError when the file cannot be understood."""
    _check_name(file.name)
    contract = file.contract
    _check_is_text(file.name, raw)
    encoding = detect_encoding(_chunks(raw))
    tally = _BronzeWriter(file, landed_at, contract, bronze).write(read_blocks(file.name, _chunks(raw), encoding), on_block)
    _put_doubled_keys_aside(contract, bronze, read_blocks(file.name, _chunks(raw), encoding), tally)
    header, period = _check_counts(file.name, tally)
    return CertifiedTable(
        contract, period, encoding, header, tally.counted, tally.certified, len(tally.facilities), tally.rejects
    )


def _put_doubled_keys_aside(contract: Contract, bronze: Path, blocks: Iterable[Block], tally: _Tally) -> None:
    """Rows of one key with different cells are rejected, as nobody can say which is right; copies are numbered."""
    conflicts = number_occurrences(bronze, contract)
    if conflicts:
        wanted = set(conflicts)
        raw = {int(line): block.record(i) for block in blocks for i, line in enumerate(block.lines) if int(line) in wanted}
        tally.rejects += [Reject(line, reason, raw[line]) for line, reason in sorted(conflicts.items())]
        tally.certified -= len(conflicts)


def _check_name(file_name: str) -> None:
    if PurePath(file_name).name != file_name or "\\" in file_name or not file_name.isprintable():
        raise UnsafeFileNameError(file_name)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(BLOCK_BYTES):
            yield chunk


def _check_is_text(file_name: str, path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(4096)
    content = start.removeprefix(codecs.BOM_UTF8).lstrip()
    if not content:
        raise EmptyFileError(file_name)
    for magic, looks_like in _MAGIC.items():
        if content.startswith(magic):
            raise NotCsvError(file_name, looks_like)
    control = sum(byte < 32 and byte not in b"\r\n\t" for byte in start)
    if control > _BINARY_SHARE * len(start):
        raise NotCsvError(file_name, "binary data")


def _read_header(file_name: str, block: Block) -> list[str]:
    """The names of the first record; one that cannot be read is no header."""
    if block.rejects and (not len(block.lines) or block.rejects[0].source_row < block.lines[0]):
        raise NotCsvError(file_name, f"text with an unreadable header ({block.rejects[0].reason})")
    try:
        return next(csv.reader([block.record(0)]))
    except csv.Error as error:
        raise NotCsvError(file_name, f"text with an unreadable header ({error})") from error


class _BronzeWriter:
    """Writes the certified rows of one file: every column text under contract names, with their lineage."""

    def __init__(self, file: FileVersion, landed_at: datetime, contract: Contract, path: Path) -> None:
        self.path = path
        self._file, self._contract = file, contract
        self._columns = {column.name: column for column in contract.columns}
        self._landed_at = landed_at.replace(tzinfo=None)
        self._schema = bronze_schema(contract)
        # No row number comes twice: a dictionary of them takes more room than they do, a tenth of the file.
        self._repeating = [name for name in self._schema.names if name != "_source_row"]

    def write(self, blocks: Iterable[Block], on_block: Callable[[], None]) -> _Tally:
        tally = _Tally()
        # One thread compresses a block while the next one is checked; never more than one waits, so memory stays flat.
        with (
            pq.ParquetWriter(self.path, self._schema, compression="zstd", use_dictionary=self._repeating) as parquet,
            ThreadPoolExecutor(max_workers=1) as writer,
        ):
            written = writer.submit(lambda: None)
            for block in blocks:
                if not block.counted:
                    continue
                rows = block
                if tally.header is None:
                    tally.header = map_header(self._contract, _read_header(self._file.name, block))
                    rows = block.without_first()
                table = self._certify_block(rows, tally.header, tally)
                written.result()
                if table.num_rows:
                    written = writer.submit(parquet.write_table, table)
                on_block()
            written.result()
        return tally

    def _certify_block(self, block: Block, header: HeaderMap, tally: _Tally) -> pa.Table:
        parsed, lines, ragged = parse_block(self._file.name, block, header.positions)
        reasons = unreadable_rows(parsed, [self._columns[name] for name in header.mapped])
        unreadable = [Reject(int(lines[i]), reason, self._raw_line(block, int(lines[i]))) for i, reason in reasons.items()]
        if reasons:
            keep = pc.invert(pc.is_in(pa.array(range(parsed.num_rows)), value_set=pa.array(list(reasons))))
            parsed, lines = parsed.filter(keep), lines.filter(keep)
        tally.counted += block.counted
        tally.certified += parsed.num_rows
        tally.rejects += sorted([*block.rejects, *ragged, *unreadable], key=lambda reject: reject.source_row)
        tally.period = self._check_period(parsed, tally.period)
        tally.filled.update(name for name in header.unmapped if has_content(parsed.column(name)))
        if "ccn" in header.mapped:
            tally.facilities.update(pc.unique(parsed.column("ccn")).to_pylist())
        return self._with_lineage(parsed, lines, header, tally.period)

    @staticmethod
    def _raw_line(block: Block, line: int) -> str:
        return block.record(int(block.lines.searchsorted(line)))

    def _check_period(self, rows: pa.Table, so_far: str | None) -> str | None:
        """The one period of the file; name and column must agree, and so must all rows."""
        name, named, period = self._file.name, self._file.period or None, self._contract.period
        expected = named or so_far
        if period.column and period.column in rows.column_names and rows.num_rows:
            values = pc.unique(rows.column(period.column)).to_pylist()
            found = {period_of_cell(value, period.kind) for value in values}
            if len(found) > 1 or (expected and found != {expected}):
                raise WrongPeriodError(name, named, period.column, map(str, found))
            expected = found.pop()
        if rows.num_rows and (expected is None or period_in_name(expected, period.kind) != expected):
            raise UnknownPeriodError(name, period.kind, period.column)
        return expected

    def _with_lineage(self, rows: pa.Table, lines: pa.Array, header: HeaderMap, period: str | None) -> pa.Table:
        count = rows.num_rows
        filled: dict[str, pa.Array] = {name: rows.column(name) for name in header.mapped}
        filled |= {name: pa.repeat(value, count) for name, value in header.constants.items()}
        filled |= {
            "_source_file": pa.repeat(self._file.name, count),
            "_source_row": lines,
            "_file_md5": pa.repeat(self._file.file_md5, count),
            "_period": pa.repeat(pa.scalar(period, pa.string()), count),
            "_landed_at": pa.repeat(pa.scalar(self._landed_at, pa.timestamp("us")), count),
            "_occurrence": pa.repeat(pa.scalar(1, pa.int64()), count),
        }
        if header.unmapped:
            filled[UNMAPPED_COLUMN] = unmapped_cells(rows, header.unmapped)
        arrays = [filled.get(column.name, pa.nulls(count, column.type)) for column in self._schema]
        return pa.Table.from_arrays(arrays, schema=self._schema)


def bronze_schema(contract: Contract) -> pa.Schema:
    """What a certified Parquet file holds."""
    lineage = [
        ("_source_file", pa.string()), ("_source_row", pa.int64()), ("_file_md5", pa.string()), ("_period", pa.string()),
        ("_landed_at", pa.timestamp("us")), ("_occurrence", pa.int64()), (UNMAPPED_COLUMN, pa.string()),
    ]  # fmt: skip
    return pa.schema([(name, pa.string()) for name in contract.column_names] + lineage)


def _check_counts(file_name: str, tally: _Tally) -> tuple[HeaderMap, str]:
    rejected = len(tally.rejects)
    if tally.counted == 0 or tally.header is None:
        raise HeaderOnlyError(file_name)
    if tally.counted != tally.certified + rejected:
        raise RecordCountError(file_name, tally.counted, tally.certified, rejected)
    if tally.certified == 0:
        raise NothingCertifiedError(file_name, rejected, tally.rejects[0].reason)
    return tally.header.without_empty(tally.filled), str(tally.period)


def _write_rejects(folder: Path, file_md5: str, rejects: list[Reject]) -> Path:
    path = folder / "rejects.parquet"
    rows = [{"file_md5": file_md5, **asdict(reject)} for reject in rejects]
    pq.write_table(pa.Table.from_pylist(rows, schema=_REJECTS_SCHEMA), path)
    return path
