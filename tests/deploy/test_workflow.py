"""GitHub runs what anybody runs by hand: the targets of the Makefile, and every one that tests or checks something."""

from __future__ import annotations

import os
import re
import subprocess
from typing import Any

import pytest
import yaml

from include.settings import REPOSITORY

GITHUB = REPOSITORY / ".github"
WORKFLOWS: dict[str, Any] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((GITHUB / "workflows").glob("*.yml"))
}
PREPARE: dict[str, Any] = yaml.safe_load((GITHUB / "actions" / "prepare" / "action.yml").read_text(encoding="utf-8"))
JOBS: dict[str, Any] = {name: job for workflow in WORKFLOWS.values() for name, job in workflow["jobs"].items()}
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):(?!=)", MAKEFILE, re.MULTILINE))
SUITES = {target for target in TARGETS if re.fullmatch(r"test(-\w+)?|check", target)} - {"test-fast"}  # a subset of `test`
OURS = r"\./\.github/actions/prepare"
PINNED = rf"actions/[\w-]+@v\d+\.\d+\.\d+|[\w-]+/[\w-]+@[0-9a-f]{{40}}|{OURS}"


def commands(job: dict[str, Any]) -> list[str]:
    """What the steps run, once for each target of the job's matrix."""
    lines = [line for step in job["steps"] for line in step.get("run", "").splitlines()]
    matrix: dict[str, Any] = job.get("strategy", {}).get("matrix", {})
    targets = [*matrix.get("target", []), *(more["target"] for more in matrix.get("include", []) if "target" in more)]
    return [line.replace("${{ matrix.target }}", target) for line in lines for target in targets or [""]]


def made(text: str) -> set[str]:
    return set(re.findall(r"\bmake ([a-z-]+)", text))


MADE = {name: made("\n".join(commands(job))) for name, job in JOBS.items()}


@pytest.mark.parametrize("job", JOBS)
def test_every_make_target_of_a_job_exists(job: str) -> None:
    assert MADE[job] - TARGETS == set()


def test_every_suite_and_the_linters_are_run() -> None:
    assert {"test", "check", "test-cloud", "test-scheduler", "test-faults", "test-browser"} <= SUITES
    assert SUITES - set[str]().union(*MADE.values()) == set()


def test_each_suite_has_a_job_of_its_own() -> None:
    for job in JOBS.values():
        assert sum("make ${{ matrix.target }}" in step.get("run", "") for step in job["steps"]) <= 1
        assert not SUITES & made("\n".join(step.get("run", "") for step in job["steps"])), "beside the matrix"


def test_workflow_fails_where_a_job_is_missing() -> None:
    jobs = WORKFLOWS["ci"]["jobs"]
    assert {*jobs["all"]["needs"], "all"} == set(jobs)
    assert jobs["all"]["if"] == "always()", "else it is skipped, which counts as passed"


@pytest.mark.parametrize(
    ("results", "passes"),
    [("success success", True), ("success skipped", False), ("failure success", False), ("cancelled cancelled", False)],
)
def test_last_job_fails_unless_every_other_has_passed(results: str, passes: bool) -> None:
    (command,) = [step["run"] for step in JOBS["all"]["steps"]]
    done = subprocess.run(["bash", "-ec", command], env={**os.environ, "RESULTS": results}, check=False, capture_output=True)
    assert (done.returncode == 0) == passes


def test_what_ci_run_makes_is_made_here_too() -> None:
    script = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:run_target |[( ])([a-z-]+)(?=:\d|\n)", script)) & TARGETS
    assert named >= SUITES | {"run"}
    assert named - set[str]().union(*MADE.values()) == set()


def test_nothing_switches_tests_off() -> None:
    """GitHub sets CI=true, under which a test fails for what is not there; only the genuine files may be absent, and say so."""
    texts = [path.read_text(encoding="utf-8") for path in GITHUB.rglob("*.yml")]
    assert [text for text in texts if re.search(r"^\s*CI:", text, re.MULTILINE)] == []
    (script,) = [step["run"] for step in PREPARE["runs"]["steps"] if "run" in step]
    assert re.findall(r"GENUINE_FILES=(\w+)", script) == ["absent"]
    assert script.index('if [ -n "$URL" ]') < script.index("else echo")


@pytest.mark.parametrize("job", JOBS)
def test_job_ends_by_itself_on_a_pinned_machine(job: str) -> None:
    assert JOBS[job]["timeout-minutes"] <= 90
    assert re.fullmatch(r"ubuntu-\d+\.04", JOBS[job]["runs-on"])


def test_actions_are_pinned() -> None:
    steps = [step for job in (*JOBS.values(), PREPARE["runs"]) for step in job["steps"]]
    assert [step["uses"] for step in steps if "uses" in step and not re.fullmatch(PINNED, step["uses"])] == []


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_workflow_may_only_read(workflow: str) -> None:
    assert WORKFLOWS[workflow]["permissions"] == {"contents": "read"}
