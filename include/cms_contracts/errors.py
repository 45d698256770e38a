"""What can be wrong with a file by its name and header: each error carries its facts and says what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


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


class NoHeaderError(BadFileError):
    code = "no_header"

    def __init__(self, found: str) -> None:
        super().__init__(
            f"The first line is not the header of this family. It holds {found}. "
            "Save the file as a CSV with commas and with the header in its first line, or download it from CMS again."
        )


class MissingColumnsError(BadFileError):
    code = "missing_columns"

    def __init__(self, contract_file: str, columns: Iterable[str]) -> None:
        super().__init__(
            f"Required columns that the file does not have: {_quoted(columns)}. If CMS renamed them, add the new name "
            f"to `formerly` in {contract_file} and run `make contracts`; if not, download the file again."
        )


class PossibleRenameError(BadFileError):
    """Held, not refused for good: `accept` loads the file with the missing columns empty."""

    code = "possible_rename"

    def __init__(
        self, contract_file: str, period: str, missing: Sequence[str], unknown: Sequence[str], pairs: Mapping[str, str]
    ) -> None:
        self.missing, self.unknown, self.pairs = tuple(missing), tuple(unknown), dict(pairs)
        asked = "".join(f" {new!r} for {old!r}?" for old, new in pairs.items())
        lines = "; ".join(f'formerly: ["{new}"] in the line of "{old}"' for old, new in pairs.items())
        advice = f"add {lines}" if lines else "add the new name to `formerly` of the missing column"
        super().__init__(
            f"The file lacks columns that KPIs are made of: {_quoted(missing)}, and has unknown ones: {_quoted(unknown)}. "
            f"CMS may have renamed them.{asked} If so, {advice} in {contract_file} and run `make contracts`. If CMS withdrew a "
            f'column, write `withdrawn: "{period}"` into its line, or `accept` this one file. The next run then takes the file.'
        )


class ChangedLayoutError(BadFileError):
    """HEADER_DRIFT=refuse: the strict setting."""

    code = "changed_layout"

    def __init__(self, contract_file: str, period: str, unknown: Sequence[str], missing: Sequence[str]) -> None:
        self.unknown, self.missing = tuple(unknown), tuple(missing)
        found = [f"columns that the contract does not know: {_quoted(unknown)}"] if unknown else []
        found += [f"no {_quoted(missing)}"] if missing else []
        super().__init__(
            f"The file has {' and '.join(found)}. HEADER_DRIFT=refuse refuses it. In {contract_file}, add a line for a "
            f'new column with `since: "{period}"`, add a new name to `formerly` of its column, or write `withdrawn: "{period}"` '
            "into the line of one that CMS withdrew; then run `make contracts`."
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
