"""One DynamoDB item a file version (Drive file id + md5): how far it is, who works on it, and why it was refused.

    DISCOVERED → LANDED → CERTIFIED → LOADED        or QUARANTINED, with a reason
                 LANDED → UNPACKED                  an archive, whose members are versions of their own

Every change is a conditional write. Whoever works on a version holds its lease (owner, token and expiry), renews it while
working, and loses it when silent for `lease_seconds`: two runs never land or load the same version twice, and a killed
run is taken over. A cleared task takes the lease of its own run up at once, with a new token: should the first try still
live somewhere, it can write nothing any more.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import MISSING, asdict, dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from functools import reduce
from operator import and_
from typing import Any, Self

from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError
from pydantic import TypeAdapter
from tenacity import Retrying, retry_if_exception_type, wait_fixed

from include.contracts.contract import contracts_version
from include.contracts.drift import LayoutNotice
from include.contracts.errors import BadFileError
from include.ingest.errors import LeaseHeldError
from include.ingest.file_version import FileVersion

#: DynamoDB deletes an item when the time in this attribute is over (the table's TTL). A checkpoint must never have it, only
#: the lease on a version of which nothing is landed yet: what a killed run has left there is in the folder too.
TTL_ATTRIBUTE = "expires_at"
_ABANDONED_SECONDS = 30 * 24 * 3600
_LEASE = ("lease_owner", "lease_token", "lease_expires_at", TTL_ATTRIBUTE)
_COMPLAINT = ("error_code", "reason", "facts")

#: To be raised when certification writes something else into bronze, or a column of ours gets another name: versions that an
#: earlier certification made are then certified again by the next run.
CERTIFICATION = 2


class Status(StrEnum):
    DISCOVERED = "DISCOVERED"
    LANDED = "LANDED"
    UNPACKED = "UNPACKED"
    CERTIFIED = "CERTIFIED"
    LOADED = "LOADED"
    QUARANTINED = "QUARANTINED"


@dataclass(frozen=True)
class Landed:
    raw_key: str
    landed_at: str


@dataclass(frozen=True)
class Certified:
    """What certification found and where it put it; the keys are S3 keys.

    `facilities`: distinct CCNs. `columns`: those that the contract knows. `unmapped`: headers that it did not know.
    `first_rejects`: line and reason of the first records that were rejected.
    `certification`: see CERTIFICATION.
    """

    family: str
    period: str
    encoding: str
    rows_in_file: int
    rows_certified: int
    rows_rejected: int
    bronze_key: str
    rejects_key: str
    facilities: int = 0
    columns: int = 0
    unmapped: tuple[str, ...] = ()
    notices: tuple[LayoutNotice, ...] = ()
    certification: int = 1
    first_rejects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Loaded:
    run_id: str
    loaded_at: str


@dataclass(frozen=True)
class Refusal:
    """Why a version was quarantined, or what went wrong with the step that it waits for."""

    error_code: str
    reason: str
    facts: tuple[str, ...] = ()
    contracts_version: str = ""


@dataclass(frozen=True)
class Holder:
    """Who works on a version; `lease_expires_at` is in seconds since 1970."""

    lease_owner: str
    lease_token: str
    lease_expires_at: int

    @property
    def seconds_left(self) -> float:
        return self.lease_expires_at - time.time()


@dataclass(frozen=True)
class Upload:
    """A multipart upload that has begun."""

    upload_id: str
    upload_part_bytes: int


@dataclass(frozen=True)
class Unpacked:
    """What an archive holds beside the files that were taken from it: [name, reason]."""

    ignored: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Checkpoint:
    """One item of the table: what the steps have recorded so far.

    `accepted`: a person wants the version although it looks like a part, or like one with renamed columns.
    `replaces`: its rows are in bronze as an earlier certification made them, and are to be replaced.
    `gone_since`: when a run first missed the file in the Drive folder; its rows stay until `forget`.
    """

    file_id: str
    file_md5: str
    filename: str
    status: Status
    timestamp: str
    size: int = 0
    modified_at: str = ""
    archive_md5: str = ""
    duplicate_of: str = ""
    accepted: bool = False
    replaces: bool = False
    gone_since: str = ""
    landed: Landed | None = None
    certified: Certified | None = None
    loaded: Loaded | None = None
    refusal: Refusal | None = None
    holder: Holder | None = None
    upload: Upload | None = None
    unpacked: Unpacked | None = None

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """The item is flat, so that a table of an earlier version is read as it is; a part is there when all of it is."""
        parts = {
            name: adapter.validate_python(item)
            for name, (adapter, needed) in _PARTS.items()
            if all(attribute in item for attribute in needed)
        }
        return cls(
            **{name: item[name] for name in _PLAIN if name in item},
            size=int(item.get("size", 0)),
            status=Status(item["status"]),
            **parts,
        )

    @property
    def version(self) -> FileVersion:
        return FileVersion.named(self.file_id, self.file_md5, self.filename, self.size, self.modified_at, self.archive_md5)

    @property
    def object_keys(self) -> tuple[str, ...]:
        """Everything that S3 holds of the version."""
        made = self.certified
        return ((self.landed.raw_key,) if self.landed else ()) + ((made.bronze_key, made.rejects_key) if made else ())

    @property
    def is_leased(self) -> bool:
        return self.holder is not None and self.holder.seconds_left > 0

    def refuse_while_leased(self) -> None:
        """Raises LeaseHeldError while somebody works on the version."""
        if self.holder and self.is_leased:
            raise LeaseHeldError(self.filename, self.holder.lease_owner, self.holder.seconds_left)

    @property
    def key(self) -> dict[str, str]:
        return {"file_id": self.file_id, "file_md5": self.file_md5}


def _now() -> datetime:
    return datetime.now(UTC)


_PARTS: Mapping[str, tuple[TypeAdapter[Any], tuple[str, ...]]] = {
    name: (TypeAdapter(part), tuple(field.name for field in fields(part) if field.default is MISSING))
    for name, part in {
        "landed": Landed, "certified": Certified, "loaded": Loaded, "refusal": Refusal, "holder": Holder, "upload": Upload,
        "unpacked": Unpacked,
    }.items()
}  # fmt: skip
_PLAIN = tuple(field.name for field in fields(Checkpoint) if field.name not in {*_PARTS, "status", "size"})


def certified_of(checkpoint: Checkpoint) -> Certified:
    """What is known of a version that is certified or loaded."""
    if checkpoint.certified is None:
        raise ValueError(f"{checkpoint.filename} has not been certified")
    return checkpoint.certified


@dataclass
class Lease:
    """The right to work on one file version until it is released or runs out; `checkpoint` is what was last written."""

    table: CheckpointTable
    checkpoint: Checkpoint
    owner: str
    token: str = field(default_factory=lambda: uuid.uuid4().hex)

    def renew(self) -> None:
        self.table.renew(self)

    def record(self, **attributes: Any) -> None:
        """Keeps attributes without a change of status: the id of an upload under way, or what went wrong."""
        self.checkpoint = self.table.update(self, self.checkpoint.status, attributes, release=False)

    def advance(
        self, status: Status, done: Landed | Certified | Loaded | Unpacked | None = None, **attributes: Any
    ) -> Checkpoint:
        """The step is done: writes the new status with what it has found, and gives the lease back."""
        found = _storable(done) if done else {}
        return self.table.update(self, status, found | attributes, release=True)

    def quarantine(self, error: BadFileError, **attributes: Any) -> Checkpoint:
        """Under this version of the contracts; another one is a reason to try again."""
        refusal = Refusal(error.code, str(error), error.facts, contracts_version())
        return self.advance(Status.QUARANTINED, **asdict(refusal), **attributes)


class CheckpointTable:
    """The table, reached through a boto3 DynamoDB `Table` resource."""

    def __init__(self, table: Any, lease_seconds: int) -> None:
        self._table = table
        self._lease_seconds = lease_seconds

    def discover(self, file: FileVersion) -> Checkpoint:
        """The checkpoint of a version, made when it is new; an existing one is left as it is."""
        item = {
            "file_id": file.file_id,
            "file_md5": file.file_md5,
            "filename": file.name,
            "status": Status.DISCOVERED,
            "timestamp": _now().isoformat(),
            "size": file.size,
            "modified_at": file.modified_at,
            **({"archive_md5": file.archive_md5} if file.archive_md5 else {}),
        }
        try:
            self._table.put_item(Item=item, ConditionExpression=Attr("file_id").not_exists())
        except ClientError as error:
            _raise_unless_condition_failed(error)
        return self.get(file.file_id, file.file_md5)

    def get(self, file_id: str, file_md5: str) -> Checkpoint:
        answer = self._table.get_item(Key={"file_id": file_id, "file_md5": file_md5}, ConsistentRead=True)
        return Checkpoint.from_item(answer["Item"])

    def all(self, **wanted: str) -> Iterator[Checkpoint]:
        """Every version whose attributes are the wanted ones. Of thousands of items only these are sent and unpacked."""
        arguments: dict[str, Any] = {"ConsistentRead": True}
        if wanted:
            arguments["FilterExpression"] = reduce(and_, (Attr(name).eq(value) for name, value in wanted.items()))
        while True:
            page = self._table.scan(**arguments)
            yield from map(Checkpoint.from_item, page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def versions_of(self, file_id: str) -> list[Checkpoint]:
        answer = self._table.query(KeyConditionExpression=Key("file_id").eq(file_id), ConsistentRead=True)
        return [Checkpoint.from_item(item) for item in answer["Items"]]

    def delete(self, checkpoint: Checkpoint) -> None:
        self._table.delete_item(Key=checkpoint.key)

    @contextmanager
    def claim(self, checkpoint: Checkpoint, owner: str) -> Iterator[Lease]:
        """Holds the lease of a version; waits for one that a dead run left behind, and gives it back on errors.

        Raises LeaseHeldError when a living run keeps it.
        """
        lease, others = Lease(self, checkpoint, owner), _OthersLease(self._lease_seconds)
        attempts = Retrying(
            retry=retry_if_exception_type(LeaseHeldError),
            wait=wait_fixed(1),
            stop=lambda _: others.has_been_watched_long_enough(),
            reraise=True,
        )
        lease.checkpoint = attempts(self._try_claim, lease, others)
        try:
            yield lease
        except BaseException:
            self._release(lease)
            raise
        self._release(lease)

    def renew(self, lease: Lease) -> None:
        self._write(lease, self._kept(lease))

    def update(self, lease: Lease, status: Status, attributes: Mapping[str, Any], *, release: bool) -> Checkpoint:
        values = {"status": status, "timestamp": _now().isoformat(), **attributes}
        if not release:
            return self._write(lease, values | self._kept(lease))
        try:
            return self._write(lease, values, remove=(*_LEASE, *(name for name in _COMPLAINT if name not in attributes)))
        except LeaseHeldError:
            # The answer to this very write may have been lost: boto3 then sends it again, and the lease is given back already.
            found = self.get(lease.checkpoint.file_id, lease.checkpoint.file_md5)
            if (found.status, found.timestamp) == (status, values["timestamp"]):
                return found
            raise

    def reset(self, checkpoint: Checkpoint, status: Status, filename: str | None = None, **attributes: Any) -> None:
        """Sends a version back to an earlier status, without its complaint, under its present name.

        Raises LeaseHeldError while a run works on it.
        """
        values = {"status": status, "timestamp": _now().isoformat(), "filename": filename or checkpoint.filename}
        values |= attributes
        try:
            self._update(checkpoint, values, (*_COMPLAINT, *_LEASE, "duplicate_of"), Attr("file_id").exists() & _lease_is_free())
        except ClientError as error:
            _raise_unless_condition_failed(error)
            raise self._lease_held(checkpoint) from error

    def move_to_archive(self, checkpoint: Checkpoint, archive_md5: str) -> None:
        """A member that stands in a newer version of its archive too."""
        self._update(checkpoint, {"archive_md5": archive_md5}, (), Attr("file_id").exists())

    def note_gone(self, checkpoint: Checkpoint) -> None:
        """The file is no longer in the Drive folder."""
        self._update(checkpoint, {"gone_since": _now().isoformat(timespec="seconds")}, (), Attr("file_id").exists())

    def note_back(self, checkpoint: Checkpoint) -> None:
        self._update(checkpoint, {}, ("gone_since",), Attr("file_id").exists())

    def _expiry(self) -> int:
        return int(time.time()) + self._lease_seconds

    def _kept(self, lease: Lease) -> dict[str, int]:
        """What keeps a lease: its status is the item's, as nobody else can have changed it."""
        is_landed = lease.checkpoint.status is not Status.DISCOVERED
        ttl = {} if is_landed else {TTL_ATTRIBUTE: int(time.time()) + _ABANDONED_SECONDS}
        return {"lease_expires_at": self._expiry(), **ttl}

    def _lease_held(self, checkpoint: Checkpoint, others: _OthersLease | None = None) -> LeaseHeldError:
        holder = self.get(checkpoint.file_id, checkpoint.file_md5).holder or Holder("?", "", 0)
        if others:
            others.see(holder)
        return LeaseHeldError(checkpoint.filename, holder.lease_owner, holder.seconds_left)

    def _try_claim(self, lease: Lease, others: _OthersLease) -> Checkpoint:
        others.look()
        free = _lease_is_free() | Attr("lease_owner").eq(lease.owner)
        if others.is_dead():
            free |= others.is_unchanged()
        values = {"lease_owner": lease.owner, "lease_token": lease.token, "lease_expires_at": self._expiry()}
        try:
            return self._update(lease.checkpoint, values, (), Attr("file_id").exists() & free)
        except ClientError as error:
            _raise_unless_condition_failed(error)
            raise self._lease_held(lease.checkpoint, others) from error

    def _release(self, lease: Lease) -> None:
        with suppress(LeaseHeldError):  # given back by `advance` already, or run out and held by somebody else now
            self._write(lease, {}, remove=_LEASE)

    def _write(self, lease: Lease, values: Mapping[str, Any], remove: tuple[str, ...] = ()) -> Checkpoint:
        """Writes only while the lease is ours, so that a run that was thought dead cannot overwrite its successor."""
        try:
            return self._update(lease.checkpoint, values, remove, Attr("lease_token").eq(lease.token))
        except ClientError as error:
            _raise_unless_condition_failed(error)
            raise LeaseHeldError(lease.checkpoint.filename, "another run", 0) from error

    def _update(self, checkpoint: Checkpoint, values: Mapping[str, Any], remove: tuple[str, ...], condition: Any) -> Checkpoint:
        names = {name: f"#{i}" for i, name in enumerate((*values, *remove))}
        expression = "SET " + ", ".join(f"{names[name]} = :{names[name][1:]}" for name in values) if values else ""
        expression += " REMOVE " + ", ".join(names[name] for name in remove) if remove else ""
        arguments: dict[str, Any] = {
            "Key": checkpoint.key,
            "UpdateExpression": expression.strip(),
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {alias: name for name, alias in names.items()},
            "ReturnValues": "ALL_NEW",
        }
        if values:
            arguments["ExpressionAttributeValues"] = {f":{i}": value for i, value in enumerate(values.values())}
        return Checkpoint.from_item(self._table.update_item(**arguments)["Attributes"])


class _OthersLease:
    """A lease that somebody waits for.

    Seen without a renewal for `lease_seconds` of the waiting one's own time it is a dead run's, whatever its expiry says: the
    clock of the run that wrote it may be an hour ahead.
    """

    def __init__(self, lease_seconds: int) -> None:
        self._lease_seconds = lease_seconds
        self._seen: dict[str, Any] = {}
        self._since = self._look_began = time.monotonic()
        self._first_seen = float("inf")

    def look(self) -> None:
        """A try to take it begins."""
        self._look_began = time.monotonic()

    def has_been_watched_long_enough(self) -> bool:
        """Whether the last look would have found it dead: by the looks themselves, as DynamoDB may take long to answer."""
        return self._look_began - self._first_seen >= self._lease_seconds

    def see(self, holder: Holder) -> None:
        self._first_seen = min(self._first_seen, time.monotonic())
        now = asdict(holder)
        if now != self._seen:
            self._seen, self._since = now, time.monotonic()

    def is_dead(self) -> bool:
        return bool(self._seen) and time.monotonic() - self._since >= self._lease_seconds

    def is_unchanged(self) -> Any:
        same: list[Any] = [Attr(name).eq(value) for name, value in self._seen.items()]
        return reduce(and_, same)


def _lease_is_free() -> Any:
    return Attr("lease_owner").not_exists() | Attr("lease_expires_at").lt(int(time.time()))


def _storable(part: Any) -> dict[str, Any]:
    """DynamoDB has lists and no tuples."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(part).items()}


def _raise_unless_condition_failed(error: ClientError) -> None:
    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
        raise error
