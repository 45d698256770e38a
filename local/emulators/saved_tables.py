"""DynamoDB tables to and from the saved state: one line of JSON per item, in DynamoDB's own typed form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from local.emulators.aws_clients import LocalAws
from local.emulators.aws_resources import create_table
from local.emulators.cloud_state import SavedCloud, SavedTable, StateFolder

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_LARGEST_BATCH = 25


def save_tables(dynamodb: DynamoDBClient, folder: StateFolder) -> tuple[SavedTable, ...]:
    pages = dynamodb.get_paginator("list_tables").paginate()
    return tuple(_save_table(dynamodb, folder, name) for page in pages for name in page["TableNames"])


def restore_tables(aws: LocalAws, folder: StateFolder, cloud: SavedCloud) -> None:
    for table in cloud.tables:
        create_table(aws, table.name)
        with folder.path(table.file).open("rb") as lines:
            while batch := list(islice(lines, _LARGEST_BATCH)):
                puts: list[Any] = [{"PutRequest": {"Item": json.loads(line)}} for line in batch]
                aws.dynamodb.batch_write_item(RequestItems={table.name: puts})


def _save_table(dynamodb: DynamoDBClient, folder: StateFolder, name: str) -> SavedTable:
    # The name of an items file is its content's digest, known only when all is written.
    digest = hashlib.sha256(name.encode())
    unnamed = f"items/{digest.hexdigest()}.part"
    count = 0
    with folder.writing(unnamed) as stream:
        for item in _items(dynamodb, name):
            line = json.dumps(item, sort_keys=True).encode() + b"\n"
            digest.update(line)
            stream.write(line)
            count += 1
    file = f"items/{digest.hexdigest()}.jsonl"
    folder.path(unnamed).replace(folder.path(file))
    return SavedTable(name=name, file=file, items=count)


def _items(dynamodb: DynamoDBClient, name: str) -> Iterator[dict[str, Any]]:
    for page in dynamodb.get_paginator("scan").paginate(TableName=name, ConsistentRead=True):
        yield from page["Items"]
