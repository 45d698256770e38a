"""What can be wrong with a file by its name and header: each error carries its facts and says what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar


class PipelineError(Exception):
    """An error of ours: a sentence for the engineer on call that says what is wrong, where, and what to do next.

    `code` is its section in docs/runbook.md: the name of the class, unless it sets one. `same_cause` names the fields that are
    equal wherever one cause strikes: alerts of one code with equal such facts are one alert.
    """

    code = ""
    same_cause: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls.code = cls.__dict__.get("code", cls.__name__)

    @property
    def facts(self) -> tuple[str, ...]:
        return tuple(str(getattr(self, name)) for name in self.same_cause)


class BadFileError(PipelineError):
    """A file that cannot be loaded as it is. It is quarantined under `code`; the other files continue."""

    code = "bad_file"

    @classmethod
    def again(cls, code: str, reason: str, facts: tuple[str, ...]) -> BadFileError:
        """The error that a file was quarantined with, as its checkpoint remembers it."""
        error = _RememberedError(reason)
        error.code, error.remembered = code, facts
        return error

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else self.code


class _RememberedError(BadFileError):
    code = BadFileError.code
    remembered: tuple[str, ...]

    @property
    def facts(self) -> tuple[str, ...]:
        return self.remembered


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)


class UnknownFamilyError(BadFileError):
    code = "unknown_family"

    def __init__(self, file_name: str) -> None:
        self.file_name = file_name
        super().__init__(
            f"{file_name!r} matches no CMS file family. Rename it as CMS published it, take it out of the folder, "
            "or add its name to `file_names` of a contract in include/contracts/families/."
        )


class AmbiguousFileNameError(BadFileError):
    code = "ambiguous_file_name"

    def __init__(self, file_name: str, families: Iterable[str]) -> None:
        self.file_name, self.families = file_name, tuple(families)
        super().__init__(
            f"{file_name!r} matches more than one family ({', '.join(sorted(self.families))}). "
            "Rename the file, or make `file_names` of those contracts more exact."
        )


class NoHeaderError(BadFileError):
    code = "no_header"
    same_cause = ("found",)

    def __init__(self, found: str) -> None:
        self.found = found
        super().__init__(
            f"The first line is not the header of this family. It holds {found}. "
            "Save the file as a CSV with commas and with the header in its first line, or download it from CMS again."
        )


def _renamed(formerly: Mapping[str, Sequence[str]]) -> str:
    """What to write into a contract where CMS has renamed columns: the names that each has had, by its header."""
    if not formerly:
        return "add its new name to `formerly` in the line of the column"
    asked = " and ".join(
        f'`formerly: {json.dumps(list(names))}` into the line of "{header}"' for header, names in formerly.items()
    )
    return f"write {asked} (in the place of a `formerly` that is there)"


def _asked(formerly: Mapping[str, Sequence[str]]) -> str:
    return "".join(f" {names[-1]!r} for {header!r}?" for header, names in formerly.items())


def _withdrawn(period: str, headers: Iterable[str]) -> str:
    return f'`withdrawn: "{period}"` into the line of ' + " and ".join(f'"{header}"' for header in headers)


class MissingColumnsError(BadFileError):
    """`formerly`: by header of a missing column the names that it has had, with its likely new one as the last."""

    code = "missing_columns"
    same_cause = ("contract_file", "missing")

    def __init__(
        self, contract_file: str, missing: Sequence[str], unknown: Sequence[str], formerly: Mapping[str, Sequence[str]]
    ) -> None:
        self.contract_file = contract_file
        self.formerly = dict(formerly)
        self.missing = tuple(missing)
        self.unknown = tuple(unknown)
        super().__init__(
            f"Required columns that the file does not have: {_quoted(missing)}. Columns that the contract does not know: "
            f"{_quoted(unknown) or 'none'}.{_asked(formerly)} If CMS renamed a column, {_renamed(formerly)} in {contract_file} "
            "and run `make contracts`; if not, download the file again."
        )


class PossibleRenameError(BadFileError):
    """Held, not refused for good: `accept` loads the file with the missing columns empty. `formerly` as above."""

    code = "possible_rename"
    same_cause = ("contract_file", "missing")

    def __init__(
        self,
        contract_file: str,
        period: str,
        missing: Sequence[str],
        unknown: Sequence[str],
        formerly: Mapping[str, Sequence[str]],
    ) -> None:
        self.contract_file = contract_file
        self.period = period
        self.formerly = dict(formerly)
        self.missing = tuple(missing)
        self.unknown = tuple(unknown)
        self.pairs = {header: names[-1] for header, names in formerly.items()}
        super().__init__(
            f"The file lacks columns that KPIs are made of: {_quoted(missing)}, and has unknown ones: {_quoted(unknown)}. "
            f"CMS may have renamed them.{_asked(formerly)} If so, {_renamed(formerly)} in {contract_file} and run "
            f"`make contracts`. If CMS withdrew a column, write {_withdrawn(period, missing)}, or `accept` this one file. "
            "The next run then takes the file."
        )


class ChangedLayoutError(BadFileError):
    """HEADER_DRIFT=refuse: the strict setting."""

    code = "changed_layout"
    same_cause = ("contract_file", "unknown", "missing")

    def __init__(self, contract_file: str, period: str, unknown: Sequence[str], missing: Sequence[str]) -> None:
        self.contract_file, self.period, self.unknown, self.missing = contract_file, period, tuple(unknown), tuple(missing)
        found = [f"columns that the contract does not know: {_quoted(unknown)}"] if unknown else []
        found += [f"no {_quoted(missing)}"] if missing else []
        lines = " and ".join(f"`{_new_line(header, period)}`" for header in unknown)
        advice = [f"add {lines}, or a new name of a known column to its `formerly`"] if unknown else []
        advice += [f"write {_withdrawn(period, missing)}"] if missing else []
        super().__init__(
            f"The file has {' and '.join(found)}. HEADER_DRIFT=refuse refuses it. In {contract_file}, {', and '.join(advice)}; "
            "then run `make contracts`."
        )


def _new_line(header: str, period: str) -> str:
    """The line of a column that CMS has added, to go behind the others."""
    name = re.sub(r"[^a-z0-9]+", "_", header.lower()).strip("_")
    return f'  - {{name: {name}, type: text, header: {json.dumps(header)}, since: "{period}"}}'


class DoubledColumnsError(BadFileError):
    code = "doubled_columns"
    same_cause = ("contract_file", "columns")

    def __init__(self, contract_file: str, columns: Iterable[str]) -> None:
        self.contract_file, self.columns = contract_file, tuple(columns)
        super().__init__(
            f"More than one column of the file means the same: {_quoted(self.columns)}. Which one is right cannot be guessed: "
            f"remove one from the file, or describe the vintage under `relabelled` in {contract_file}."
        )


class UnknownPeriodError(BadFileError):
    code = "unknown_period"

    def __init__(self, file_name: str, kind: str, column: str | None) -> None:
        self.file_name, self.kind, self.column = file_name, kind, column
        where = f"nor in its column {column!r}" if column else "and this family has no column that says it"
        super().__init__(
            f"The {kind} of {file_name!r} stands neither in its name {where}. "
            "Rename the file as CMS published it (for example …_Oct2024.csv, …_Q2_2024.csv, FY_2024_….csv)."
        )


class WrongPeriodError(BadFileError):
    code = "wrong_period"

    def __init__(self, file_name: str, named: str | None, column: str, found: Iterable[str]) -> None:
        self.file_name, self.named, self.column, self.found = file_name, named, column, tuple(found)
        said = f"says {named}" if named else "names one period at most"
        super().__init__(
            f"The name {file_name!r} {said}, but its column {column!r} holds {', '.join(sorted(self.found))}. "
            "Rename the file to the period it holds, or split it: one file, one period."
        )
