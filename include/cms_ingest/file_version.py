"""One content of one file, and what its name says: the value that travels from the plan through landing and certification."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any, Self

from include.cms_contracts.contract import Contract, load_contract
from include.cms_contracts.errors import AmbiguousFileNameError, UnknownFamilyError
from include.cms_contracts.file_name import families_named, period_in_name
from include.cms_contracts.file_name import ignored_because as neighbor_reason

_IN_ARCHIVE = "/"  # which no Drive id holds


@dataclass(frozen=True)
class FileVersion:
    """`modified_at` is RFC 3339 in UTC. `families` are those that the name fits, `period` the one that it tells ("" if none).

    A member of an archive has `<Drive id>/<path within>` for its `file_id`, and the md5 of the archive that holds it.
    """

    file_id: str
    file_md5: str
    name: str
    size: int
    modified_at: str
    families: tuple[str, ...] = ()
    period: str = ""
    archive_md5: str = ""

    @classmethod
    def named(cls, file_id: str, file_md5: str, name: str, size: int, modified_at: str, archive_md5: str = "") -> Self:
        """The only place where a file's name is read for its family and period."""
        families = families_named(name) if not is_archive_name(name) else ()
        period = period_in_name(name, load_contract(families[0]).period.kind) if len(families) == 1 else None
        return cls(file_id, file_md5, name, size, modified_at, families, period or "", archive_md5)

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """From XCom, which knows lists only."""
        return cls(**{**value, "families": tuple(value["families"])})

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "families": list(self.families)}

    @property
    def is_archive(self) -> bool:
        return is_archive_name(self.name)

    @property
    def archive_id(self) -> str:
        """The Drive id of the archive that holds the file; "" for a file of the folder itself."""
        return self.file_id.partition(_IN_ARCHIVE)[0] if _IN_ARCHIVE in self.file_id else ""

    @property
    def family(self) -> str:
        """ "" where the name fits none, or more than one."""
        return self.families[0] if len(self.families) == 1 else ""

    @property
    def contract(self) -> Contract:
        """Raises UnknownFamilyError or AmbiguousFileNameError."""
        if not self.families:
            raise UnknownFamilyError(self.name)
        if len(self.families) > 1:
            raise AmbiguousFileNameError(self.name, self.families)
        return load_contract(self.families[0])

    def member(self, path: str, file_md5: str, size: int) -> FileVersion:
        """A file within this archive; `path` leads through the archives in between."""
        name = PurePosixPath(path).name
        return FileVersion.named(f"{self.file_id}{_IN_ARCHIVE}{path}", file_md5, name, size, self.modified_at, self.file_md5)


def is_archive_name(name: str) -> bool:
    return name.lower().endswith(".zip")


def ignored_because(name: str) -> str | None:
    """Why a file of this name is left alone; None when it is a CSV file or an archive of such."""
    if not name.lower().endswith((".csv", ".zip")):
        return "not a .csv file"
    return neighbor_reason(name)
