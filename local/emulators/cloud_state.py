"""The saved state on disk: `state.json` names every file that belongs to it, and replacing it is the commit.

<home>/cloud_state/state.json              tables, buckets, objects and where their contents lie
<home>/cloud_state/objects/<digest>        the bytes of one version of one S3 object, compressed, never changed
<home>/cloud_state/items/<digest>.jsonl    the items of one DynamoDB table, never changed
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal

import pyarrow as pa
from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field, ValidationError

from local.errors import CloudStateUnreadableError

_COMPRESSION = "zstd"


class _Saved(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")  # former versions saved more


class SavedObject(_Saved):
    key: str
    etag: str
    size: int
    last_modified: datetime
    file: str
    metadata: dict[str, str]
    part_sizes: tuple[int, ...]
    stored_size: int | None = None  # bytes on disk, compressed; None is not compressed, as former versions saved it


class SavedBucket(_Saved):
    name: str
    objects: tuple[SavedObject, ...]


class SavedTable(_Saved):
    name: str = Field(validation_alias=AliasChoices("name", AliasPath("definition", "TableName")))
    file: str
    items: int


class SavedCloud(_Saved):
    format: Literal[1] = 1
    tables: tuple[SavedTable, ...] = ()
    buckets: tuple[SavedBucket, ...] = ()

    def objects(self) -> Iterator[tuple[str, SavedObject]]:
        for bucket in self.buckets:
            for saved in bucket.objects:
                yield bucket.name, saved

    def files(self) -> set[str]:
        return {saved.file for _, saved in self.objects()} | {table.file for table in self.tables}


class StateFolder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = folder / "state.json"

    def read(self) -> SavedCloud:
        try:
            return SavedCloud.model_validate_json(self.manifest.read_bytes())
        except FileNotFoundError:
            return SavedCloud()
        except ValidationError as error:
            raise CloudStateUnreadableError(self.manifest, str(error)) from error

    def holds(self, saved: SavedObject) -> bool:
        path = self.path(saved.file)
        on_disk = saved.size if saved.stored_size is None else saved.stored_size
        return path.is_file() and path.stat().st_size == on_disk

    def check_contents(self, cloud: SavedCloud) -> None:
        """Before anything is restored: a cloud that holds half of the objects looks like a whole one."""
        for bucket, saved in cloud.objects():
            if not self.holds(saved):
                reason = f"the content of s3://{bucket}/{saved.key} is not there"
                raise CloudStateUnreadableError(self.path(saved.file), reason)
        for table in cloud.tables:
            if not self.path(table.file).is_file():
                reason = f"the items of table {table.name} are not there"
                raise CloudStateUnreadableError(self.path(table.file), reason)

    def commit(self, cloud: SavedCloud) -> None:
        """From here on the new state is the saved one; what only the old one needed is removed."""
        with self.writing("state.json") as stream:
            stream.write(cloud.model_dump_json(indent=1).encode())
        keep = cloud.files()
        for path in [*self.folder.glob("objects/*"), *self.folder.glob("items/*")]:
            if path.relative_to(self.folder).as_posix() not in keep:
                path.unlink()

    def path(self, file: str) -> Path:
        return self.folder / file

    def reading(self, saved: SavedObject) -> pa.NativeFile:
        """The bytes as S3 has them."""
        return pa.input_stream(str(self.path(saved.file)), compression=None if saved.stored_size is None else _COMPRESSION)

    @contextmanager
    def writing_compressed(self, file: str) -> Iterator[pa.NativeFile]:
        """CSV files take a sixth of their size."""
        with self.writing(file) as stream:
            own = os.fdopen(os.dup(stream.fileno()), "wb")  # Arrow closes what it has been given
            with pa.output_stream(own, compression=_COMPRESSION) as compressed:
                yield compressed

    @contextmanager
    def writing(self, file: str) -> Iterator[BinaryIO]:
        """The file appears whole, and on the disk, or not at all."""
        path = self.path(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        half_written = path.with_name(path.name + ".new")
        try:
            with half_written.open("wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            half_written.replace(path)
        finally:
            half_written.unlink(missing_ok=True)
        _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
