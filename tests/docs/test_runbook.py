"""The runbook is true: whoever is on call finds every error and alert in it, and what it says to run or to set is there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module

import duckdb
import pytest
import yaml

from include.alerts.causes import AlertKind
from include.contracts.errors import BadFileError, PipelineError
from include.contracts.families import FAMILY_NAMES
from include.on_call.__main__ import argument_parser
from include.settings import REPOSITORY, Settings
from include.warehouse.operations import copy_into_bronze
from local.run.stages import STAGE_OF_TASK

ROOMS = ("contracts", "ingest", "warehouse", "orchestration", "alerts", "on_call")
TEXT = (REPOSITORY / "docs" / "runbook.md").read_text(encoding="utf-8")
RUNBOOK = TEXT.splitlines()


def bad_file_codes(of: type[BadFileError] = BadFileError) -> Iterator[str]:
    yield of.code
    for kind in of.__subclasses__():
        yield from bad_file_codes(kind)


def other_errors() -> list[str]:
    classes = [
        kind for room in ROOMS for kind in vars(import_module(f"include.{room}.errors")).values() if isinstance(kind, type)
    ]
    errors = {kind for kind in classes if issubclass(kind, PipelineError) and kind is not PipelineError}
    return sorted(kind.__name__ for kind in errors if not issubclass(kind, BadFileError))


ALERTS = [*AlertKind, "recovered"]


@pytest.mark.parametrize("name", [*bad_file_codes(), *other_errors(), *ALERTS])
def test_runbook_has_one_section_for_the_error_or_alert(name: str) -> None:
    assert RUNBOOK.count(f"### {name}") == 1


def test_runbook_has_no_section_for_an_error_or_alert_that_is_gone() -> None:
    sections = {line.removeprefix("### ") for line in RUNBOOK if line.startswith("### ")}
    assert sections - {*bad_file_codes(), *other_errors(), *ALERTS} == set()


def code() -> list[str]:
    """The lines of blocks, and the spans in the text."""
    blocks = re.findall(r"^```\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", TEXT)


def verb_options() -> dict[str, set[str]]:
    """By on-call verb, as its own `--help` lists them."""
    (verbs,) = [action.choices for action in argument_parser()._actions if isinstance(action.choices, dict)]
    return {verb: set(re.findall(r"--[a-z][a-z0-9-]*", parser.format_help())) for verb, parser in verbs.items()}


def on_call_commands() -> Iterator[list[str]]:
    """What stands behind `python -m include.on_call`, and verbs by themselves; the reader's part is a file name."""
    for line in code():
        _, called, arguments = line.partition("#")[0].partition("python -m include.on_call ")
        command = shlex.split(re.sub(r"<\w+>|[A-Z]+…", "a.csv", arguments if called else line).replace("[", "").replace("]", ""))
        is_verb = len(command) > 1 and command[0] in verb_options() and not line.startswith("/")
        if called or is_verb:
            yield command


def test_on_call_commands_are_understood() -> None:
    commands = list(on_call_commands())
    assert {command[0] for command in commands} == verb_options().keys()
    for command in commands:
        argument_parser().parse_args(command)


def test_options_that_the_text_names_exist() -> None:
    """Of the on-call verbs, of `make run`, or of a command that stands before the option."""
    run_help = subprocess.run([sys.executable, "-m", "local.run.run", "--help"], capture_output=True, text=True, check=True)
    known = set().union(*verb_options().values()) | set(re.findall(r"--[a-z][a-z-]*", run_help.stdout))
    ours = [line for line in code() if not re.match(r"rclone|docker|airflow", line)]
    named = set(re.findall(r"--[a-z][a-z0-9-]*", " ".join(ours)))
    assert named >= {"--deep", "--dry-run", "--full-refresh"}
    assert named - known == set()


def test_settings_exist_and_their_defaults_are_true() -> None:
    fields = {name.upper(): field for name, field in Settings.model_fields.items()}
    outside = {"TMPDIR", "PAGE", "TICKET", "INFO", "RECOVERED"}  # the system's, and words of a message
    named = {word for span in code() for word in re.findall(r"^([A-Z][A-Z_]+)(?:=\S+)?$", span)} - outside
    assert named >= {"ALERT_EMAIL_TO", "HEADER_DRIFT", "RUN_TIMEOUT_MINUTES"}
    assert named - fields.keys() == set()
    defaults = re.findall(r"`([A-Z_]+)`\s*\((\d+)\)", TEXT)
    assert len(defaults) > 4
    assert [name for name, said in defaults if fields[name].default != float(said)] == []


@pytest.mark.usefixtures("dbt_home")
def test_queries_run_on_a_warehouse(settings: Settings) -> None:
    queries = [span for span in code() if span.startswith("select ")]
    assert queries
    copy_into_bronze(settings, [])
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as warehouse:
        for query in queries:
            warehouse.execute(query)


def test_red_tasks_are_those_of_the_dag() -> None:
    table = TEXT[TEXT.index("| red task |") : TEXT.index("## On-call verbs")]
    named = set(re.findall(r"^\| `(\w+)", table, re.MULTILINE))
    assert named - {"dbt"} == STAGE_OF_TASK.keys()


def test_services_of_the_compose_file_exist() -> None:
    services = yaml.safe_load((REPOSITORY / "deploy" / "compose.yml").read_text(encoding="utf-8"))["services"]
    named = re.findall(r"deploy/compose\.yml exec (\S+)", TEXT)
    assert named
    assert set(named) <= services.keys()


def test_sections_that_the_text_points_to_exist() -> None:
    """See "…" names a heading, over line breaks."""
    headings = {line.lstrip("# ") for line in RUNBOOK if line.startswith("#")}
    named = {" ".join(title.split()) for title in re.findall(r'(?:[Ss]ee|under) "([^"]+)"', TEXT)}
    assert named
    assert named - headings == set()


def test_alerts_link_to_headings_as_the_page_makes_anchors_of_them() -> None:
    """A link is the name in lower case; every name is one word, so that is its anchor."""
    names = {*bad_file_codes(), *other_errors(), *ALERTS}
    assert [name for name in names if not re.fullmatch(r"\w+", name)] == []
    assert len({name.lower() for name in names}) == len(names)


def test_families_are_counted_right() -> None:
    assert re.findall(r"of the (\d+) families", TEXT) == [str(len(FAMILY_NAMES))]


@pytest.mark.parametrize("title", [*bad_file_codes()])
def test_a_quarantined_file_is_never_told_to_be_cleared(title: str) -> None:
    """A run loads the versions that it has planned: a corrected file needs another run."""
    section = TEXT.split(f"### {title}\n")[1].split("\n#")[0]
    assert not re.search(r"\bclear\b(?! `)", section)
