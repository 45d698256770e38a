"""One DynamoDB item a file version (Drive file id + md5): how far it is, who works on it, and why it was refused.

    DISCOVERED → LANDED → CERTIFIED → LOADED        or QUARANTINED, with a reason

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
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import reduce
from operator import and_
from typing import Any

from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError
from tenacity import Retrying, retry_if_exception_type, wait_fixed

from include.cms_contracts.errors import BadFileError
from include.cms_ingest.drive import DriveFile
from include.cms_ingest.errors import LeaseHeldError

#: DynamoDB deletes an item when the time in this attribute is over (the table's TTL). A checkpoint must never have it, only
#: the lease on a version of which nothing is landed yet: what a killed run has left there tells nothing that the folder does not.
TTL_ATTRIBUTE = "expires_at"
_ABANDONED_SECONDS = 30 * 24 * 3600
_LEASE = ("lease_owner", "lease_token", "lease_expires_at", TTL_ATTRIBUTE)
_COMPLAINT = ("error_code", "reason")


class Status(StrEnum):
    DISCOVERED = "DISCOVERED"
    LANDED = "LANDED"
    CERTIFIED = "CERTIFIED"
    LOADED = "LOADED"
    QUARANTINED = "QUARANTINED"


@dataclass(frozen=True)
class Checkpoint:
    """One item of the table; `attributes` holds what the steps have recorded so far (keys, counts, reason)."""

    file_id: str
    file_md5: str
    filename: str
    status: Status
    timestamp: str
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> dict[str, str]:
        return {"file_id": self.file_id, "file_md5": self.file_md5}


def _now() -> datetime:
    return datetime.now(UTC)


def _plain(value: Any) -> Any:
    """DynamoDB numbers come back as Decimal; every number we store is a whole one."""
    return int(value) if type(value).__name__ == "Decimal" else value


def _checkpoint(item: Mapping[str, Any]) -> Checkpoint:
    known = {"file_id", "file_md5", "filename", "status", "timestamp"}
    return Checkpoint(
        file_id=item["file_id"],
        file_md5=item["file_md5"],
        filename=item["filename"],
        status=Status(item["status"]),
        timestamp=item["timestamp"],
        attributes={name: _plain(value) for name, value in item.items() if name not in known},
    )


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

    def advance(self, status: Status, **attributes: Any) -> Checkpoint:
        """The step is done: writes the new status and gives the lease back."""
        return self.table.update(self, status, attributes, release=True)

    def quarantine(self, error: BadFileError, **attributes: Any) -> Checkpoint:
        return self.advance(Status.QUARANTINED, error_code=error.code, reason=str(error), **attributes)


class CheckpointTable:
    """The table, reached through a boto3 DynamoDB `Table` resource."""

    def __init__(self, table: Any, lease_seconds: int) -> None:
        self._table = table
        self._lease_seconds = lease_seconds

    def discover(self, file: DriveFile, **attributes: Any) -> Checkpoint:
        """The checkpoint of a version, made when it is new; an existing one is left as it is."""
        item = {
            "file_id": file.file_id,
            "file_md5": file.file_md5,
            "filename": file.name,
            "status": Status.DISCOVERED,
            "timestamp": _now().isoformat(),
            "size": file.size,
            "modified_at": file.modified_at,
            **attributes,
        }
        try:
            self._table.put_item(Item=item, ConditionExpression=Attr("file_id").not_exists())
        except ClientError as error:
            _raise_unless_condition_failed(error)
        return self.get(file.file_id, file.file_md5)

    def get(self, file_id: str, file_md5: str) -> Checkpoint:
        answer = self._table.get_item(Key={"file_id": file_id, "file_md5": file_md5}, ConsistentRead=True)
        return _checkpoint(answer["Item"])

    def all(self, **wanted: str) -> Iterator[Checkpoint]:
        """Every version whose attributes are the wanted ones. Of thousands of items only these are sent and unpacked."""
        arguments: dict[str, Any] = {"ConsistentRead": True}
        if wanted:
            arguments["FilterExpression"] = reduce(and_, (Attr(name).eq(value) for name, value in wanted.items()))
        while True:
            page = self._table.scan(**arguments)
            yield from map(_checkpoint, page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def versions_of(self, file_id: str) -> list[Checkpoint]:
        answer = self._table.query(KeyConditionExpression=Key("file_id").eq(file_id), ConsistentRead=True)
        return [_checkpoint(item) for item in answer["Items"]]

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

    def _expiry(self) -> int:
        return int(time.time()) + self._lease_seconds

    def _kept(self, lease: Lease) -> dict[str, int]:
        """What keeps a lease: its status is the item's, as nobody else can have changed it."""
        is_landed = lease.checkpoint.status is not Status.DISCOVERED
        ttl = {} if is_landed else {TTL_ATTRIBUTE: int(time.time()) + _ABANDONED_SECONDS}
        return {"lease_expires_at": self._expiry(), **ttl}

    def _lease_held(self, checkpoint: Checkpoint, others: _OthersLease | None = None) -> LeaseHeldError:
        held = self.get(checkpoint.file_id, checkpoint.file_md5).attributes
        if others:
            others.see(held)
        seconds_left = float(held.get("lease_expires_at", 0)) - time.time()
        return LeaseHeldError(checkpoint.filename, held.get("lease_owner", "?"), seconds_left)

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
        return _checkpoint(self._table.update_item(**arguments)["Attributes"])


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

    def see(self, attributes: Mapping[str, Any]) -> None:
        self._first_seen = min(self._first_seen, time.monotonic())
        now = {name: attributes[name] for name in _LEASE if name in attributes}
        if now != self._seen:
            self._seen, self._since = now, time.monotonic()

    def is_dead(self) -> bool:
        return bool(self._seen) and time.monotonic() - self._since >= self._lease_seconds

    def is_unchanged(self) -> Any:
        same: list[Any] = [Attr(name).eq(value) for name, value in self._seen.items()]
        return reduce(and_, same)


def _lease_is_free() -> Any:
    return Attr("lease_owner").not_exists() | Attr("lease_expires_at").lt(int(time.time()))


def _raise_unless_condition_failed(error: ClientError) -> None:
    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
        raise error
