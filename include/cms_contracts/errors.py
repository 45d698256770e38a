"""What can be wrong with a file by its name and header: each error carries its facts and says what to do."""

from __future__ import annotations

from collections.abc import Iterable


class BadFileError(Exception):
    """A file that cannot be loaded as it is. It is quarantined under `code`; the other files go on.

    Subclasses build the sentence that the on-call engineer reads: what is wrong, where, and what to do next.
    """

    code = "bad_file"

    @classmethod
    def again(cls, code: str, reason: str) -> BadFileError:
        """The error that a file was quarantined with, as its checkpoint remembers it."""
        error = BadFileError(reason)
        error.code = code
        return error

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else self.code


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)


class UnknownFamilyError(BadFileError):
    code = "unknown_family"

    def __init__(self, file_name: str) -> None:
        super().__init__(
            f"{file_name!r} matches no CMS file family. Rename it as CMS published it, take it out of the folder, "
            "or add its name to `file_names` of a contract in include/cms_contracts/families/."
        )


class AmbiguousFileNameError(BadFileError):
    code = "ambiguous_file_name"

    def __init__(self, file_name: str, families: Iterable[str]) -> None:
        super().__init__(
            f"{file_name!r} matches more than one family ({', '.join(sorted(families))}). "
            "Rename the file, or make `file_names` of those contracts more exact."
        )


class UnknownColumnsError(BadFileError):
    code = "unknown_columns"

    def __init__(self, contract_file: str, columns: Iterable[str]) -> None:
        super().__init__(
            f"Columns that the contract does not know: {_quoted(columns)}. If CMS added or renamed them, add a line or "
            f"a former header in {contract_file} and run `make contracts`; then retry the file."
        )


class MissingColumnsError(BadFileError):
    code = "missing_columns"

    def __init__(self, contract_file: str, columns: Iterable[str]) -> None:
        super().__init__(
            f"Required columns that the file does not have: {_quoted(columns)}. If CMS renamed them, add the new name "
            f"to `formerly` (or mark the column `optional: true`) in {contract_file}; if not, download the file again."
        )


class DoubledColumnsError(BadFileError):
    code = "doubled_columns"

    def __init__(self, contract_file: str, columns: Iterable[str]) -> None:
        super().__init__(
            f"More than one column of the file means the same: {_quoted(columns)}. Which one is right cannot be guessed: "
            f"remove one from the file, or describe the vintage under `relabelled` in {contract_file}."
        )


class UnknownPeriodError(BadFileError):
    code = "unknown_period"

    def __init__(self, file_name: str, kind: str, column: str | None) -> None:
        where = f"nor in its column {column!r}" if column else "and this family has no column that tells it"
        super().__init__(
            f"The {kind} of {file_name!r} stands neither in its name {where}. "
            "Rename the file as CMS published it (for example …_Oct2024.csv, …_Q2_2024.csv, FY_2024_….csv)."
        )


class WrongPeriodError(BadFileError):
    code = "wrong_period"

    def __init__(self, file_name: str, named: str | None, column: str, found: Iterable[str]) -> None:
        said = f"says {named}" if named else "names one period at most"
        super().__init__(
            f"The name {file_name!r} {said}, but its column {column!r} holds {', '.join(sorted(found))}. "
            "Rename the file to the period it holds, or split it: one file, one period."
        )
