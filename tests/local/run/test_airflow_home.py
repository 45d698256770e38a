"""Airflow ignores a setting that it does not know: each that a home makes must be one."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from local.emulators.lifecycle import Emulators
from local.run.airflow_home import describe_home

NOWHERE = "http://127.0.0.1:1"
OF_PROVIDERS = {"cosmos"}  # sections that Airflow's own list does not have


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    home = tmp_path_factory.mktemp("home")
    environment = describe_home(home, Emulators(home, home, NOWHERE, NOWHERE, "bucket", "table")).environment
    names = {name: name.removeprefix("AIRFLOW__").lower().split("__") for name in environment if name.startswith("AIRFLOW__")}
    return {(section, option): environment[name] for name, (section, option) in names.items()}


def test_every_setting_is_one_of_airflow(made: dict[tuple[str, str], str]) -> None:
    airflow = find_spec("airflow")
    assert airflow
    assert airflow.origin
    listed = yaml.safe_load((Path(airflow.origin).parent / "config_templates" / "config.yml").read_text(encoding="utf-8"))
    known = {(section, option) for section, described in listed.items() for option in described["options"]}
    ours = {(section, option) for section, option in made if section not in OF_PROVIDERS}
    assert ours >= {("scheduler", "scheduler_idle_sleep_time"), ("dag_processor", "print_stats_interval")}
    # The simple auth manager describes its own.
    assert {name for name in ours - known if not name[1].startswith("simple_auth_manager")} == set()


def test_loggers_that_are_quieted_are_modules_of_airflow(made: dict[tuple[str, str], str]) -> None:
    levels = dict(level.split("=") for level in made["logging", "namespace_levels"].split())
    assert set(levels.values()) == {"WARNING"}
    assert [name for name in levels if find_spec(name) is None] == []
