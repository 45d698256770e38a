"""One content of one file, and what its name says: the value that travels from the plan through landing and certification."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Self

from include.contracts.contract import Contract, load_contract
from include.contracts.errors import BadFileError
from include.contracts.file_name import ignored_because, match_family, period_in_name

_IN_ARCHIVE = "/"  # which no Drive id holds


@dataclass(frozen=True)
class FileVersion:
    """`modified_at` is RFC 3339 in UTC. `family` and `period` are those that the name says, "" where it says none.

    A member of an archive has `<Drive id>/<path within>` for its `file_id`, and the md5 of the archive that holds it.
    """

    file_id: str
    file_md5: str
    name: str
    size: int
    modified_at: str
    family: str = ""
    period: str = ""
    archive_md5: str = ""

    @classmethod
    def named(cls, file_id: str, file_md5: str, name: str, size: int, modified_at: str, archive_md5: str = "") -> Self:
        """The only place where a file's name is read for its family and period."""
        try:
            contract = match_family(name)
        except BadFileError:  # certification says what is wrong with the name
            return cls(file_id, file_md5, name, size, modified_at, archive_md5=archive_md5)
        period = period_in_name(name, contract.period.kind) or ""
        return cls(file_id, file_md5, name, size, modified_at, contract.family, period, archive_md5)

    @property
    def is_archive(self) -> bool:
        return is_archive_name(self.name)

    @property
    def archive_id(self) -> str:
        """The Drive id of the archive that holds the file; "" for a file of the folder itself."""
        return self.file_id.partition(_IN_ARCHIVE)[0] if _IN_ARCHIVE in self.file_id else ""

    @property
    def contract(self) -> Contract:
        """Raises UnknownFamilyError or AmbiguousFileNameError."""
        return load_contract(self.family) if self.family else match_family(self.name)

    def member(self, path: str, file_md5: str, size: int) -> FileVersion:
        """A file within this archive; `path` leads through the archives in between."""
        name = PurePosixPath(path).name
        return FileVersion.named(f"{self.file_id}{_IN_ARCHIVE}{path}", file_md5, name, size, self.modified_at, self.file_md5)


def is_archive_name(name: str) -> bool:
    return name.lower().endswith(".zip")


def left_alone_because(name: str) -> str | None:
    """Why a file of this name is not read; None when it is a CSV file or an archive of such."""
    if not name.lower().endswith((".csv", ".zip")):
        return "not a .csv file"
    return ignored_because(name)
