"""The run that nothing disturbs, and a snapshot of it behind every step.

A first run has loaded and published the files of September; the run that faults are about takes those of October: new
vintages of every family, a corrected file under an old name, a record that is rejected, files larger than a part, and an
archive: a small table, a copy of one that is loaded already, a dictionary, and a zip that holds a table larger than a part.
"""

from __future__ import annotations

import base64
import io
import os
import random
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.sample import SampleSize, write_sample
from tests.faults.worlds import File, World, WorldMaker, running

MIB = 1024 * 1024
SIZE = SampleSize(facilities=60, quarters=1, vintages=2)
PENALTIES = "NH_Penalties_Oct2024.csv"
CORRECTED = "NH_SurveyDates_Sep2024.csv"
LARGE = tuple(f"NH_CitationDescriptions_{month}2024.csv" for month in ("Oct", "Nov", "Dec"))
ARCHIVE = "nursing_homes_including_rehab_services_2024.zip"
SMALL_MEMBER, LARGE_MEMBER = "NH_Ownership_Oct2024.csv", "NH_CitationDescriptions_Aug2024.csv"
_LOADED_MEMBER = "NH_Ownership_Sep2024.csv"
RUN = "run-1"
_FIRST_RUN = 1_727_784_000  # seconds since 1970: when the files of September were put into the folder
_A_DAY = 86_400


@dataclass(frozen=True)
class Undisturbed:
    """Snapshots of the run behind its steps. `first_certified`: of the run before it.

    `late` are the files that it takes, the archive among them, and `members` what it takes out of the archive.
    """

    first_certified: World
    planned: World
    landed: World
    certified: World
    loaded: World
    built: World
    published: World
    late: tuple[File, ...]
    members: tuple[File, ...]

    def file(self, name: str) -> File:
        return next(file for file in self.late if file["name"] == name)

    @property
    def waiting_for_copy(self) -> tuple[File, ...]:
        """What the COPY is disturbed with: a file with a rejected record, a large one, a small one."""
        return self.file(PENALTIES), self.large[0], self.small[0]

    @property
    def archive(self) -> File:
        return self.file(ARCHIVE)

    @property
    def small(self) -> tuple[File, ...]:
        return tuple(file for file in self.late if file["size"] < 5 * MIB)

    @property
    def large(self) -> tuple[File, ...]:
        return tuple(file for file in self.late if file["size"] >= 5 * MIB and file != self.archive)


def run_undisturbed(maker: WorldMaker, rawdata: Path, parsed_project: Path) -> Undisturbed:
    names = write_rawdata(rawdata)
    world = maker.empty(rawdata, parsed_project)
    waiting = {name: (world.rawdata / name).read_bytes() for name in names if name != CORRECTED}
    corrected = (world.rawdata / CORRECTED).read_bytes()
    for name in waiting:
        (world.rawdata / name).unlink()
    _put(world.rawdata / CORRECTED, before_correction(corrected), _FIRST_RUN)
    with running(world):
        world.ingest(world.must("plan", "run-0"), "run-0")
        first_certified = maker.copy(world)
        world.finish("run-0")
        for name, content in {**waiting, CORRECTED: corrected}.items():
            _put(world.rawdata / name, content, _FIRST_RUN + 30 * _A_DAY)
        planned = world.must("plan", RUN)
        after_plan = maker.copy(world)
        world.must("land", RUN, files=planned["work"])
        landed = maker.copy(world)
        listed = world.must("to_certify", RUN, planned=planned)["work"]
        world.must("certify", RUN, files=listed)
        certified = maker.copy(world)
        world.must("copy_to_bronze", RUN)
        loaded = maker.copy(world)
        world.must("build", RUN)
        built = maker.copy(world)
        world.must("publish", RUN)
    late = tuple(planned["work"])
    members = tuple(file for file in listed if file not in late)
    return Undisturbed(first_certified, after_plan, landed, certified, loaded, built, world, late, members)


def write_rawdata(folder: Path) -> list[str]:
    """The files of both runs; returns the names of those that the second one takes."""
    paths = write_sample(folder, SIZE)
    for path in paths:
        os.utime(path, (_FIRST_RUN, _FIRST_RUN))
    with (folder / PENALTIES).open("ab") as penalties:
        penalties.write(b'"015116","a record that ends too early"\n')
    descriptions = (folder / LARGE[0]).read_bytes().splitlines(keepends=True)
    for number, name in enumerate(LARGE):
        (folder / name).write_bytes(_enlarged(descriptions, number))
    _write_archive(folder, _enlarged(descriptions, len(LARGE)))
    names = {path.name for path in paths if "Sep2024" not in path.name and "202409" not in path.name and "PBJ" not in path.name}
    return sorted({*names, *LARGE, CORRECTED, ARCHIVE} - {SMALL_MEMBER})


def _write_archive(folder: Path, large: bytes) -> None:
    """The small member moves into it."""
    monthly = _zipped({LARGE_MEMBER: large})
    small, loaded = (folder / name for name in (SMALL_MEMBER, _LOADED_MEMBER))
    beside = {small.name: small.read_bytes(), "NH_Data_Dictionary.pdf": b"%PDF-1.4", loaded.name: loaded.read_bytes()}
    (folder / ARCHIVE).write_bytes(_zipped({**beside, "nursing_homes_including_rehab_services_08_2024.zip": monthly}))
    small.unlink()


def _zipped(members: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(zipfile.ZipInfo(name), member, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def before_correction(content: bytes) -> bytes:
    """As CMS first published it: some records were wrong and some were missing."""
    lines = content.splitlines(keepends=True)
    return b"".join([*lines[:20], *(line.replace(b"2023", b"2021") for line in lines[20:40]), *lines[50:]])


def _enlarged(lines: list[bytes], seed: int) -> bytes:
    """Eleven MiB: two whole parts and a third; text that differs, so that no two files hold the same bytes, and that compression
    leaves larger than a part.
    """
    letters = random.Random(seed)
    padding = [base64.b64encode(letters.randbytes(11 * MIB * 3 // 4 // len(lines))) for _ in lines]
    header, records = lines[0], lines[1:]
    return b"".join(
        [header, *(line.replace(b'."', b". " + more + b'"', 1) for line, more in zip(records, padding, strict=False))]
    )


def _put(path: Path, content: bytes, seconds: int) -> None:
    path.write_bytes(content)
    os.utime(path, (seconds, seconds))
