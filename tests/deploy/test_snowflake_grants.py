"""deploy/snowflake.sql gives each role what is listed here, and nothing more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from include.settings import REPOSITORY, load_settings
from tests.deploy.snowflake_statements import Grant, read_grants, read_role_grants, read_statements

EXPECTED = {
    "HEALTHCARE_LOADER": {
        ("usage", "database healthcare"),
        ("usage", "warehouse healthcare_wh"),
        ("usage", "schema healthcare.bronze"),
        ("create table", "schema healthcare.bronze"),
        ("usage", "stage healthcare.bronze.landing_stage"),
        ("usage", "file format healthcare.bronze.parquet_format"),
    },
    "HEALTHCARE_TRANSFORMER": {
        ("usage", "database healthcare"),
        ("usage", "warehouse healthcare_wh"),
        ("usage", "schema healthcare.bronze"),
        ("select", "all tables in schema healthcare.bronze"),
        ("select", "future tables in schema healthcare.bronze"),
        ("usage", "schema healthcare.staging"),
        ("create view", "schema healthcare.staging"),
        ("usage", "schema healthcare.silver"),
        ("create table", "schema healthcare.silver"),
        ("create view", "schema healthcare.silver"),
        ("usage", "schema healthcare.gold"),
        ("create table", "schema healthcare.gold"),
        ("usage", "schema healthcare.published"),
        ("create table", "schema healthcare.published"),
    },
    "DASHBOARD_READER": {
        ("usage", "database healthcare"),
        ("usage", "warehouse healthcare_wh"),
        ("usage", "schema healthcare.published"),
        ("select", "all tables in schema healthcare.published"),
        ("select", "future tables in schema healthcare.published"),
    },
    # Makes the stage, which needs the integration.
    "SYSADMIN": {("usage", "integration healthcare_s3")},
}
EXPECTED_ROLES = {
    ("HEALTHCARE_LOADER", "user", "HEALTHCARE_PIPELINE"),
    ("HEALTHCARE_TRANSFORMER", "user", "HEALTHCARE_PIPELINE"),
    ("DASHBOARD_READER", "user", "HEALTHCARE_DASHBOARD"),
    ("HEALTHCARE_LOADER", "role", "SYSADMIN"),
    ("HEALTHCARE_TRANSFORMER", "role", "SYSADMIN"),
    ("DASHBOARD_READER", "role", "SYSADMIN"),
}
GRANTS = read_grants()
STATEMENTS = read_statements()


@pytest.mark.parametrize("role", sorted({*EXPECTED, *(grant.role for grant in GRANTS)}))
def test_a_role_has_exactly_the_listed_privileges(role: str) -> None:
    assert {(grant.privilege, grant.object) for grant in GRANTS if grant.role == role} == EXPECTED.get(role, set())


def test_roles_are_given_to_the_listed_users_and_roles_only() -> None:
    assert read_role_grants() == EXPECTED_ROLES


def test_no_grant_is_written_twice() -> None:
    assert len(GRANTS) == len(set(GRANTS))


@pytest.mark.parametrize("grant", GRANTS, ids=lambda grant: f"{grant.role}-{grant.privilege}-{grant.object}")
def test_no_grant_is_wider_than_it_looks(grant: Grant) -> None:
    assert grant.role not in {"PUBLIC", "ACCOUNTADMIN", "SECURITYADMIN", "USERADMIN"}
    assert "ownership" not in grant.privilege
    assert not re.match(r"all\b", grant.privilege), "`grant all` grows with every release of Snowflake"
    assert "," not in grant.privilege, "one privilege a line, so that a change shows in the diff"


def test_an_unknown_form_of_grant_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.deploy.snowflake_statements.read_statements", lambda: ["grant usage on x to share y"])
    with pytest.raises(ValueError, match="does not know"):
        read_grants()


def test_the_file_can_be_run_again() -> None:
    """Only statements that leave what is there alone, or set what they set the first time."""
    known = r"(use role|create [\w ]+? if not exists|alter (user|warehouse) \w+ set|grant|describe integration) "
    assert [statement for statement in STATEMENTS if not re.match(known, statement, re.IGNORECASE)] == []


def test_names_are_those_the_pipeline_and_dbt_use() -> None:
    made = {match[1].lower() for statement in STATEMENTS if (match := re.match(r"create \D+? if not exists (\S+)", statement))}
    assert f"healthcare.{load_settings().snowflake_stage.lower()}" in made
    project = (REPOSITORY / "include" / "dbt_healthcare" / "dbt_project.yml").read_text(encoding="utf-8")
    schemas = {"bronze", "published", *re.findall(r"\+schema: (\w+)", project)}
    assert schemas == {name.removeprefix("healthcare.") for name in made if re.fullmatch(r"healthcare\.\w+", name)}


def test_every_placeholder_is_explained_at_the_top() -> None:
    text = (REPOSITORY / "deploy" / "snowflake.sql").read_text(encoding="utf-8")
    explained = set(re.findall(r"^--   <% (\w+) %>", text, re.MULTILINE))
    assert explained == set(re.findall(r"<% (\w+) %>", " ".join(STATEMENTS)))


def test_warehouse_sleeps_and_cannot_overspend() -> None:
    (warehouse,) = [statement for statement in STATEMENTS if statement.startswith("create warehouse")]
    for setting in ("warehouse_size = xsmall", "auto_suspend = 60", "auto_resume = true", "initially_suspended = true"):
        assert setting in warehouse
    assert re.search(r"statement_timeout_in_seconds = \d+", warehouse)
    assert "alter warehouse HEALTHCARE_WH set resource_monitor = HEALTHCARE_MONITOR" in STATEMENTS
    (monitor,) = [statement for statement in STATEMENTS if statement.startswith("create resource monitor")]
    assert "do notify" in monitor
    assert "do suspend " in monitor


def test_users_are_services_that_sign_in_with_a_key() -> None:
    users = [statement for statement in STATEMENTS if statement.startswith("create user")]
    assert len(users) == 2
    for user in users:
        assert "type = service" in user
        assert "default_secondary_roles = ()" in user
        assert "password" not in user


def test_no_key_is_committed() -> None:
    folder = REPOSITORY / "deploy"
    for path in (path for path in folder.rglob("*") if path.is_file() and "secrets" not in path.parts and path.name != ".env"):
        assert not _holds_a_key(path), path


def _holds_a_key(path: Path) -> bool:
    return bool(re.search(r"BEGIN [A-Z ]*PRIVATE KEY-|MII[A-Za-z0-9+/]{40}|AKIA[A-Z0-9]{16}", path.read_text(encoding="utf-8")))
