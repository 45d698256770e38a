"""The folder that the local Drive serves: the one that the user named, or the default, the only one that is ever filled."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from local.errors import RawdataFolderEmptyError, RawdataFolderMissingError

_DEFAULT = Path("rawdata")


@dataclass(frozen=True)
class Rawdata:
    """`is_named`: the user said which folder, so it is theirs and nothing is written to it."""

    path: Path
    is_named: bool

    @classmethod
    def of(cls, named: Path | None) -> Self:
        return cls((named or _DEFAULT).resolve(), named is not None)

    def make_ready(self) -> bool:
        """Whether sample data was written; raises RawdataFolderMissingError or RawdataFolderEmptyError for a named folder."""
        if self.is_named and not self.path.is_dir():
            raise RawdataFolderMissingError(self.path)
        if holds_files(self.path):
            return False
        if self.is_named:
            raise RawdataFolderEmptyError(self.path)
        _write_sample(self.path)
        return True


def add_rawdata_argument(parser: argparse.ArgumentParser) -> None:
    """No default: `Rawdata.of` must see whether somebody named a folder."""
    meaning = f"folder of CMS files ({_DEFAULT}/, with sample data at first)"
    parser.add_argument("--rawdata", type=Path, default=named_in_environment(), help=meaning)


def named_in_environment() -> str | None:
    return os.environ.get("RAWDATA") or None


def holds_files(folder: Path) -> bool:
    """Hidden files do not count: the Drive does not show them."""
    return any(path.is_file() and not _is_hidden(path.relative_to(folder)) for path in folder.rglob("*"))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _write_sample(folder: Path) -> None:
    from local.sample import SampleSize, write_sample  # noqa: PLC0415 - only on the first run

    write_sample(folder, SampleSize.small())
