"""Two whole runs of the DAG at once: one waits between two tasks while the other does everything, or both race."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from tests.faults.worlds import RERUNS, File, World

TASKS = ("plan", "land", "to_certify", "certify", "copy_to_bronze", "is_gold_stale", "build", "publish")


@dataclass
class DagRun:
    """One run, task by task; a red task is cleared, with its downstream where its message says so."""

    world: World
    run_id: str
    planned: dict[str, Any] = field(default_factory=dict)
    landed: list[File] = field(default_factory=list)
    built_from: str = ""
    is_skipped: bool = False

    def up_to(self, last: str = "publish") -> DagRun:
        self._do(TASKS[: TASKS.index(last) + 1])
        return self

    def behind(self, last: str) -> None:
        self._do(TASKS[TASKS.index(last) + 1 :])

    def _do(self, tasks: tuple[str, ...]) -> None:
        for task in tasks:
            if not self.is_skipped:
                getattr(self, f"_{task}")()

    def _plan(self) -> None:
        self.planned = self.world.clear("plan", self.run_id)

    def _land(self) -> None:
        self._each("land", self.planned["work"])

    def _to_certify(self) -> None:
        self.landed = self.world.clear("to_certify", self.run_id, planned=self.planned)["work"]

    def _certify(self) -> None:
        self._each("certify", self.landed)

    def _each(self, step: str, files: list[File]) -> None:
        """One mapped task for a few files: each is cleared for itself."""
        for some in _batches(files, 4):
            self.world.clear(step, self.run_id, files=some)

    def _copy_to_bronze(self) -> None:
        self.world.clear("copy_to_bronze", self.run_id)

    def _is_gold_stale(self) -> None:
        self.is_skipped = bool(self.world.clear("is_published", self.run_id))
        if not self.is_skipped:
            self.built_from = self.world.clear("fingerprint", self.run_id)

    def _build(self) -> None:
        self.world.clear("build", self.run_id)

    def _publish(self) -> None:
        """Where another run has loaded files meanwhile, the message says: clear is_gold_stale with its downstream."""
        for _ in range(RERUNS):
            outcome = self.world.run("publish", self.run_id, built_from=self.built_from)
            if outcome.is_done:
                return
            assert outcome.error == "GoldOutdatedError", (outcome.error, outcome.message)
            self._is_gold_stale()
            if self.is_skipped:
                return
            self._build()
        raise AssertionError(f"{self.run_id} cannot publish: {outcome.message}")


def _batches(files: list[File], size: int) -> list[list[File]]:
    return [files[start : start + size] for start in range(0, len(files), size)]


def one_waits(world: World, behind: str) -> None:
    waiting = DagRun(world, "run-1").up_to(behind)
    DagRun(world, "run-2").up_to()
    waiting.behind(behind)


def both_race(world: World) -> None:
    """With a lease that outlives a pause of the machine, as in production: else the two take each other's files without end."""
    world.overrides["LEASE_SECONDS"] = "20"
    with ThreadPoolExecutor(2) as pool:
        for ended in [pool.submit(DagRun(world, run_id).up_to) for run_id in ("run-1", "run-2")]:
            ended.result()
