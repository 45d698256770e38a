"""What the page says of each file version: chosen, ordered and put into words; knows neither the web nor Airflow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from include.ingest.checkpoints import Checkpoint, Status
from include.on_call.landing_page.runs import Runs

#: What needs a person stands first.
ORDER = (Status.QUARANTINED, Status.DISCOVERED, Status.LANDED, Status.CERTIFIED, Status.LOADED, Status.UNPACKED)
#: A browser draws so many at once; the sentence below the table says that there are more.
MOST_SHOWN = 500
_LONGEST_REASON = 2000


@dataclass(frozen=True)
class Filter:
    """What the page is asked for: words that must all occur, and a status."""

    text: str = ""
    status: Status | None = None

    @classmethod
    def of_query(cls, text: str, status: str) -> Filter:
        """A status that does not exist, as in a link typed by hand, filters nothing."""
        return cls(" ".join(text.split()), next((known for known in Status if known == status), None))

    def as_query(self) -> str:
        """With its question mark; "" when nothing is filtered."""
        wanted = {"q": self.text, "status": self.status}
        query = urlencode({name: value for name, value in wanted.items() if value})
        return f"?{query}" if query else ""

    def with_status(self, status: Status | None) -> Filter:
        return Filter(self.text, status)

    def has_words_of(self, checkpoint: Checkpoint) -> bool:
        fields = (*family_and_period(checkpoint), checkpoint.refusal.error_code if checkpoint.refusal else "")
        heap = " ".join((checkpoint.filename, checkpoint.file_md5, checkpoint.status, *fields)).casefold()
        return all(word in heap for word in self.text.casefold().split())


@dataclass(frozen=True)
class Link:
    """A run of Airflow in which something happened to the version."""

    what: str
    run_id: str
    is_there: bool


@dataclass(frozen=True)
class Version:
    """One row of the page. `rows_loaded` needs no look at the warehouse: the COPY rolls back unless all certified rows arrive."""

    checkpoint: Checkpoint
    is_replaced: bool
    runs: tuple[Link, ...]

    @property
    def name(self) -> str:
        """Characters that turn the writing direction or break the line are shown as what they are."""
        return printable(self.checkpoint.filename)

    @property
    def family(self) -> str:
        return family_and_period(self.checkpoint)[0]

    @property
    def period(self) -> str:
        return family_and_period(self.checkpoint)[1]

    @property
    def status(self) -> Status:
        return self.checkpoint.status

    @property
    def since(self) -> str:
        return self.checkpoint.timestamp[:19].replace("T", " ")

    @property
    def rows_loaded(self) -> int | None:
        made = self.checkpoint.certified
        return made.rows_certified if made and self.status is Status.LOADED else None

    @property
    def can_be_retried(self) -> bool:
        """A discovered version stands at the start already; one that another has replaced is in no folder to be taken from."""
        at_an_end = self.status in (Status.DISCOVERED, Status.UNPACKED, Status.LOADED)
        return not (at_an_end or self.is_replaced or self.is_worked_on)

    @property
    def can_be_forgotten(self) -> bool:
        return not self.is_worked_on

    @property
    def is_worked_on(self) -> bool:
        """A lease that has run out is nobody's."""
        return self.checkpoint.is_leased

    @property
    def note(self) -> str:
        """What is wrong and what to do, or what is special; "" for most."""
        known = self.checkpoint
        if self.is_worked_on and known.holder:
            return f"Worked on now by {known.holder.lease_owner}."
        if known.refusal:
            reason = known.refusal.reason
            return reason if len(reason) <= _LONGEST_REASON else f"{reason[:_LONGEST_REASON]}…"
        return self._about_rows() if self.status is Status.LOADED else self._what_next()

    def _about_rows(self) -> str:
        known = self.checkpoint
        if known.gone_since:
            return f"No longer in the Drive folder since {known.gone_since[:10]}. Its rows stay; Forget removes them."
        if known.duplicate_of:
            return f"Holds the same bytes as {printable(known.duplicate_of)}, which is loaded."
        rejected = known.certified.rows_rejected if known.certified else 0
        records = "record was" if rejected == 1 else "records were"
        return f"{rejected:,} {records} rejected: bronze.rejected_rows has line and reason." if rejected else ""

    def _what_next(self) -> str:
        if self.status is Status.UNPACKED:
            return "An archive; each CSV file in it is a row of its own."
        if self.is_replaced:
            return "A later version of this file has taken its place, so no run takes this one any more."
        return "Not loaded yet; the next run continues from here."


def printable(name: str) -> str:
    return name if name.isprintable() else repr(name)


def family_and_period(checkpoint: Checkpoint) -> tuple[str, str]:
    """As certified; of a file that is not, what its name says."""
    if checkpoint.certified:
        return checkpoint.certified.family, checkpoint.certified.period
    version = checkpoint.version
    return version.family, version.period


def describe_versions(chosen: Iterable[Checkpoint], among: Iterable[Checkpoint], runs: Runs) -> list[Version]:
    """Refused ones first, then by name, the latest version of a file before its older ones."""
    latest: dict[str, str] = {}
    for known in among:
        latest[known.file_id] = max(latest.get(known.file_id, ""), known.modified_at)
    newest_first = sorted(chosen, key=lambda found: found.timestamp, reverse=True)
    ordered = sorted(newest_first, key=lambda found: (ORDER.index(found.status), found.filename))
    return [Version(found, found.modified_at < latest[found.file_id], _links(found, runs)) for found in ordered]


def count_by_status(checkpoints: Iterable[Checkpoint]) -> dict[Status, int]:
    counts = dict.fromkeys(ORDER, 0)
    for checkpoint in checkpoints:
        counts[checkpoint.status] += 1
    return counts


def _links(checkpoint: Checkpoint, runs: Runs) -> tuple[Link, ...]:
    happened = {
        "landed": runs.at(checkpoint.landed.landed_at if checkpoint.landed else None),
        "refused": runs.at(checkpoint.timestamp) if checkpoint.status is Status.QUARANTINED else None,
        "loaded": checkpoint.loaded.run_id if checkpoint.loaded else None,
    }
    return tuple(Link(what, run_id, runs.has(run_id)) for what, run_id in happened.items() if run_id)
