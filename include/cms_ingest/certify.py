"""Certifies a landed file: finds its encoding, maps its header by name, checks every record, writes bronze Parquet.

Records in the file = certified + rejected, or the file does not pass.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from include.cms_contracts.contract import Contract, contracts_version
from include.cms_contracts.errors import BadFileError, UnknownPeriodError, WrongPeriodError
from include.cms_contracts.file_name import match_family, period_in_name, period_of_cell
from include.cms_contracts.header import HeaderMap, map_header
from include.cms_ingest.cells import unreadable_rows
from include.cms_ingest.checkpoints import Checkpoint, CheckpointTable, Status
from include.cms_ingest.errors import (
    EmptyFileError,
    HeaderOnlyError,
    NotCsvError,
    NothingCertifiedError,
    RecordCountError,
    StoredBytesDifferError,
    UnsafeFileNameError,
)
from include.cms_ingest.object_store import ObjectStore
from include.cms_ingest.parse import parse_block
from include.cms_ingest.records import BLOCK_BYTES, Block, Reject, detect_encoding, read_blocks

_log = logging.getLogger(__name__)

_MAGIC = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"PAR1": "a Parquet file",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"<": "a web page",
}
_BINARY_SHARE = 0.05  # control characters in the first bytes; a CSV file has none, a damaged record has few
_REJECTS_SCHEMA = pa.schema(
    [("file_md5", pa.string()), ("source_row", pa.int64()), ("reason", pa.string()), ("raw_line", pa.string())]
)


@dataclass(frozen=True)
class Certified:
    """What certification found and where it put it; the keys are S3 keys."""

    family: str
    period: str
    encoding: str
    rows_in_file: int
    rows_certified: int
    rows_rejected: int
    bronze_key: str
    rejects_key: str


@dataclass
class _Tally:
    """Counts of one file while its blocks pass by."""

    counted: int = 0
    certified: int = 0
    period: str | None = None
    rejects: list[Reject] = field(default_factory=list)


def certify_file(checkpoint: Checkpoint, store: ObjectStore, checkpoints: CheckpointTable, owner: str) -> Checkpoint:
    """Certifies a LANDED version and records the result; quarantines it and raises BadFileError when it cannot pass, and
    again whenever it is asked to certify what is quarantined.

    Raises StoredBytesDifferError when S3 no longer holds what was landed; the version then waits to be landed again.
    """
    with checkpoints.claim(checkpoint, owner) as lease:
        known = lease.checkpoint.attributes
        if lease.checkpoint.status is Status.QUARANTINED:
            raise BadFileError.again(known["error_code"], known["reason"])
        if lease.checkpoint.status is not Status.LANDED:
            return lease.checkpoint
        try:
            certified = _certify(lease.checkpoint, store, on_block=lease.renew)
        except BadFileError as error:
            lease.quarantine(error, contracts_version=contracts_version())
            raise
        except StoredBytesDifferError as error:
            lease.advance(Status.DISCOVERED, error_code="stored_bytes_differ", reason=str(error))
            raise
        _log.info("certified %s: %s rows, %s rejected", checkpoint.filename, certified.rows_certified, certified.rows_rejected)
        return lease.advance(Status.CERTIFIED, **asdict(certified))


def _certify(checkpoint: Checkpoint, store: ObjectStore, on_block: Callable[[], None]) -> Certified:
    _check_name(checkpoint.filename)
    contract = match_family(checkpoint.filename)
    with TemporaryDirectory(prefix="certify-") as folder:
        raw = Path(folder) / "raw.csv"
        _fetch(checkpoint, store, raw, on_block)
        _check_is_text(checkpoint.filename, raw)
        encoding = detect_encoding(_chunks(raw))
        writer = _BronzeWriter(checkpoint, contract, Path(folder) / "bronze.parquet")
        tally = writer.write(read_blocks(checkpoint.filename, _chunks(raw), encoding), on_block)
        _check_counts(checkpoint.filename, tally)
        where = f"{contract.family}/{tally.period}/{checkpoint.file_md5}.parquet"
        store.upload_file(writer.path, f"bronze/{where}")
        store.upload_file(_write_rejects(Path(folder), checkpoint.file_md5, tally.rejects), f"rejects/{where}")
    return Certified(
        contract.family, str(tally.period), encoding, tally.counted, tally.certified, len(tally.rejects),
        f"bronze/{where}", f"rejects/{where}",
    )  # fmt: skip


def _check_name(file_name: str) -> None:
    if PurePath(file_name).name != file_name or "\\" in file_name or not file_name.isprintable():
        raise UnsafeFileNameError(file_name)


def _fetch(checkpoint: Checkpoint, store: ObjectStore, path: Path, on_chunk: Callable[[], None]) -> None:
    """The landed bytes, hashed on the way: what is certified is what Drive had."""
    digest = hashlib.md5(usedforsecurity=False)
    key = str(checkpoint.attributes["raw_key"])
    if store.size_of(key) is None:
        raise StoredBytesDifferError(key, checkpoint.file_md5, "none: the object is gone")
    with path.open("wb") as file:
        for chunk in store.read_chunks(key):
            digest.update(chunk)
            file.write(chunk)
            on_chunk()
    if digest.hexdigest() != checkpoint.file_md5:
        raise StoredBytesDifferError(key, checkpoint.file_md5, digest.hexdigest())


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

    def __init__(self, checkpoint: Checkpoint, contract: Contract, path: Path) -> None:
        self.path = path
        self._checkpoint, self._contract = checkpoint, contract
        self._types = {column.name: column.type for column in contract.columns}
        self._landed_at = datetime.fromisoformat(checkpoint.attributes["landed_at"]).replace(tzinfo=None)
        self._named_period = period_in_name(checkpoint.filename, contract.period.kind)
        lineage = [
            ("_source_file", pa.string()), ("_source_row", pa.int64()), ("_file_md5", pa.string()),
            ("_period", pa.string()), ("_landed_at", pa.timestamp("us")),
        ]  # fmt: skip
        self._schema = pa.schema([(name, pa.string()) for name in contract.column_names] + lineage)
        # No row number comes twice: a dictionary of them takes more room than they do, a tenth of the file.
        self._repeating = [name for name in self._schema.names if name != "_source_row"]

    def write(self, blocks: Iterable[Block], on_block: Callable[[], None]) -> _Tally:
        tally, header = _Tally(), None
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
                if header is None:
                    header = map_header(self._contract, _read_header(self._checkpoint.filename, block))
                    rows = block.without_first()
                table = self._certify_block(rows, header, tally)
                written.result()
                if table.num_rows:
                    written = writer.submit(parquet.write_table, table)
                on_block()
            written.result()
        return tally

    def _certify_block(self, block: Block, header: HeaderMap, tally: _Tally) -> pa.Table:
        parsed, lines, ragged = parse_block(self._checkpoint.filename, block, header.positions)
        types = {name: self._types[name] for name in header.positions}
        reasons = unreadable_rows(parsed, types)
        unreadable = [Reject(int(lines[i]), reason, self._raw_line(block, int(lines[i]))) for i, reason in reasons.items()]
        if reasons:
            keep = pc.invert(pc.is_in(pa.array(range(parsed.num_rows)), value_set=pa.array(list(reasons))))
            parsed, lines = parsed.filter(keep), lines.filter(keep)
        tally.counted += block.counted
        tally.certified += parsed.num_rows
        tally.rejects += sorted([*block.rejects, *ragged, *unreadable], key=lambda reject: reject.source_row)
        tally.period = self._check_period(parsed, tally.period)
        return self._with_lineage(parsed, lines, header.constants, tally.period)

    @staticmethod
    def _raw_line(block: Block, line: int) -> str:
        return block.record(int(block.lines.searchsorted(line)))

    def _check_period(self, rows: pa.Table, so_far: str | None) -> str | None:
        """The one period of the file; name and column must agree, and so must all rows."""
        name, period = self._checkpoint.filename, self._contract.period
        expected = self._named_period or so_far
        if period.column and period.column in rows.column_names and rows.num_rows:
            values = pc.unique(rows.column(period.column)).to_pylist()
            found = {period_of_cell(value, period.kind) for value in values}
            if len(found) > 1 or (expected and found != {expected}):
                raise WrongPeriodError(name, self._named_period, period.column, map(str, found))
            expected = found.pop()
        if rows.num_rows and (expected is None or period_in_name(expected, period.kind) != expected):
            raise UnknownPeriodError(name, period.kind, period.column)
        return expected

    def _with_lineage(self, rows: pa.Table, lines: pa.Array, constants: Mapping[str, str], period: str | None) -> pa.Table:
        count = rows.num_rows
        filled: dict[str, pa.Array] = {name: rows.column(name) for name in rows.column_names}
        filled |= {name: pa.repeat(value, count) for name, value in constants.items()}
        filled |= {
            "_source_file": pa.repeat(self._checkpoint.filename, count),
            "_source_row": lines,
            "_file_md5": pa.repeat(self._checkpoint.file_md5, count),
            "_period": pa.repeat(pa.scalar(period, pa.string()), count),
            "_landed_at": pa.repeat(pa.scalar(self._landed_at, pa.timestamp("us")), count),
        }
        arrays = [filled.get(column.name, pa.nulls(count, column.type)) for column in self._schema]
        return pa.Table.from_arrays(arrays, schema=self._schema)


def _check_counts(file_name: str, tally: _Tally) -> None:
    rejected = len(tally.rejects)
    if tally.counted == 0:
        raise HeaderOnlyError(file_name)
    if tally.counted != tally.certified + rejected:
        raise RecordCountError(file_name, tally.counted, tally.certified, rejected)
    if tally.certified == 0:
        raise NothingCertifiedError(file_name, rejected, tally.rejects[0].reason)


def _write_rejects(folder: Path, file_md5: str, rejects: list[Reject]) -> Path:
    path = folder / "rejects.parquet"
    rows = [{"file_md5": file_md5, **asdict(reject)} for reject in rejects]
    pq.write_table(pa.Table.from_pylist(rows, schema=_REJECTS_SCHEMA), path)
    return path
