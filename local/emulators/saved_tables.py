"""DynamoDB tables to and from the saved state: one line of JSON an item, in DynamoDB's own typed form."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from local.emulators.cloud_state import SavedCloud, SavedTable, StateFolder

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_LARGEST_BATCH = 25
_BINARY = "__base64__"
_DEFINITION_KEYS = ("TableName", "KeySchema", "AttributeDefinitions")
_INDEX_KEYS = ("IndexName", "KeySchema", "Projection")


def save_tables(dynamodb: DynamoDBClient, folder: StateFolder) -> tuple[SavedTable, ...]:
    pages = dynamodb.get_paginator("list_tables").paginate()
    return tuple(_save_table(dynamodb, folder, name) for page in pages for name in page["TableNames"])


def restore_tables(dynamodb: DynamoDBClient, folder: StateFolder, cloud: SavedCloud) -> None:
    for table in cloud.tables:
        dynamodb.create_table(**table.definition)
        name = table.definition["TableName"]
        items = _saved_items(folder, table)
        while batch := list(islice(items, _LARGEST_BATCH)):
            _write(dynamodb, name, batch)
        if table.expiry_attribute is not None:
            expiry = {"Enabled": True, "AttributeName": table.expiry_attribute}
            dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=expiry)  # type: ignore[arg-type]  # a plain dict


def _save_table(dynamodb: DynamoDBClient, folder: StateFolder, name: str) -> SavedTable:
    # The name of an items file is its content's digest, known only when all is written.
    digest = hashlib.sha256()
    unnamed = f"items/{hashlib.sha256(name.encode()).hexdigest()}.part"
    count = 0
    with folder.writing(unnamed) as stream:
        for item in _items(dynamodb, name):
            line = json.dumps(item, default=_binary_to_json, sort_keys=True).encode() + b"\n"
            digest.update(line)
            stream.write(line)
            count += 1
    file = f"items/{hashlib.sha256(name.encode() + digest.digest()).hexdigest()}.jsonl"
    folder.path(unnamed).replace(folder.path(file))
    definition = _definition(dynamodb, name)
    return SavedTable(definition=definition, expiry_attribute=_expiry_attribute(dynamodb, name), file=file, items=count)


def _items(dynamodb: DynamoDBClient, name: str) -> Iterator[dict[str, Any]]:
    for page in dynamodb.get_paginator("scan").paginate(TableName=name, ConsistentRead=True):
        yield from page["Items"]


def _definition(dynamodb: DynamoDBClient, name: str) -> dict[str, Any]:
    """What create_table must be given to make the same table again."""
    described: dict[str, Any] = dict(dynamodb.describe_table(TableName=name)["Table"])
    definition = {key: described[key] for key in _DEFINITION_KEYS}
    on_demand = described.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST"
    definition |= {"BillingMode": "PAY_PER_REQUEST"} if on_demand else _throughput(described)
    for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        indexes = [
            {key: index[key] for key in _INDEX_KEYS}
            | ({} if on_demand or kind == "LocalSecondaryIndexes" else _throughput(index))
            for index in described.get(kind) or ()
        ]
        definition |= {kind: indexes} if indexes else {}
    return definition


def _throughput(described: dict[str, Any]) -> dict[str, Any]:
    provisioned = described["ProvisionedThroughput"]
    units = {key: provisioned[key] for key in ("ReadCapacityUnits", "WriteCapacityUnits")}
    return {"ProvisionedThroughput": units}


def _expiry_attribute(dynamodb: DynamoDBClient, name: str) -> str | None:
    expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    return expiry.get("AttributeName") if expiry.get("TimeToLiveStatus") == "ENABLED" else None


def _saved_items(folder: StateFolder, table: SavedTable) -> Iterator[dict[str, Any]]:
    with folder.path(table.file).open("rb") as lines:
        for line in lines:
            yield json.loads(line, object_hook=_binary_from_json)


def _write(dynamodb: DynamoDBClient, table: str, items: list[dict[str, Any]]) -> None:
    waiting: Any = {table: [{"PutRequest": {"Item": item}} for item in items]}
    while waiting:
        waiting = dynamodb.batch_write_item(RequestItems=waiting).get("UnprocessedItems")


def _binary_to_json(value: bytes) -> dict[str, str]:
    return {_BINARY: base64.b64encode(value).decode()}


def _binary_from_json(value: dict[str, Any]) -> Any:
    # A map of the user's never looks like this: its values are typed ({"S": …}), not plain text.
    binary = value.get(_BINARY)
    return base64.b64decode(binary) if isinstance(binary, str) and len(value) == 1 else value
