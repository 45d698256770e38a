"""GitHub runs what anybody runs by hand: the targets of the Makefile, and every one that tests or checks something."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from include.settings import REPOSITORY

WORKFLOW: dict[str, Any] = yaml.safe_load((REPOSITORY / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
JOBS: dict[str, Any] = WORKFLOW["jobs"]
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z$][\w$()/.-]*):(?!=)", MAKEFILE, re.MULTILINE))
# A subset of `test`, for a person who waits.
SHORTCUTS = {"test-fast"}


def commands(job: dict[str, Any]) -> list[str]:
    """What the steps run, once for each value of the job's matrix."""
    lines = [line for step in job["steps"] for line in step.get("run", "").splitlines()]
    matrix: dict[str, list[str]] = job.get("strategy", {}).get("matrix", {})
    for name, values in matrix.items():
        lines = [line.replace(f"${{{{ matrix.{name} }}}}", value) for line in lines for value in values]
    return lines


def made(text: str) -> set[str]:
    return set(re.findall(r"\bmake ([\w./-]+)", text))


MADE = {name: made("\n".join(commands(job))) for name, job in JOBS.items()}


@pytest.mark.parametrize("job", JOBS)
def test_every_make_target_of_a_job_exists(job: str) -> None:
    assert {target.replace(".venv", "$(VENV)") for target in MADE[job]} - TARGETS == set()


def test_every_suite_and_the_linters_are_run() -> None:
    suites = {target for target in TARGETS if re.fullmatch(r"test(-\w+)?|check", target)} - SHORTCUTS
    assert {"test", "check", "test-cloud", "test-scheduler"} <= suites
    assert suites - set.union(*MADE.values()) == set()


def test_what_ci_run_makes_is_made_here_too() -> None:
    script = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
    assert {"check", "test", "run"} <= made(script)
    assert made(script) - {"down"} - set.union(*MADE.values()) == set()


@pytest.mark.parametrize(
    ("suite", "need"),
    [("test-scheduler", r"apt-get install .*\bpostgresql\b"), ("test-browser", r"chromium --version")],
)
def test_suite_is_run_where_its_program_is_there(suite: str, need: str) -> None:
    """Without PostgreSQL or Chromium it is skipped, which looks like success."""
    (job,) = [name for name in JOBS if suite in MADE[name]]
    lines = commands(JOBS[job])
    there = next(at for at, line in enumerate(lines) if re.search(need, line))
    assert there < lines.index(f"make {suite} PYTHON=python")


@pytest.mark.parametrize("job", JOBS)
def test_job_ends_by_itself_on_a_pinned_machine(job: str) -> None:
    assert JOBS[job]["timeout-minutes"] <= 90
    assert re.fullmatch(r"ubuntu-\d+\.04", JOBS[job]["runs-on"])


@pytest.mark.parametrize("job", JOBS)
def test_actions_are_pinned(job: str) -> None:
    used = [step["uses"] for step in JOBS[job]["steps"] if "uses" in step]
    assert [action for action in used if not re.fullmatch(r"actions/[\w-]+@v\d+\.\d+\.\d+", action)] == []


def test_workflow_may_only_read() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
