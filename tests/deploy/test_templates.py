"""The files of deploy/ and the Dockerfiles hold what their linters ask, and the compose file fits the repository around it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.settings import REPOSITORY, Settings

DEPLOY = REPOSITORY / "deploy"
BIN = Path(sys.executable).parent
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
AIRFLOW = ["airflow-init", "api-server", "scheduler", "dag-processor", "triggerer", "cleanup"]
DOCKERFILES = ["Dockerfile", "dashboard/Dockerfile"]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def test_cloudformation_template_is_clean() -> None:
    done = run(str(BIN / "cfn-lint"), "deploy/aws.yml")
    assert (done.returncode, done.stdout) == (0, ""), done.stdout


@pytest.mark.parametrize("path", DOCKERFILES)
def test_dockerfile_is_clean(path: str) -> None:
    done = run(str(BIN / "hadolint"), path)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout


@pytest.mark.parametrize("path", DOCKERFILES)
def test_image_is_pinned_and_does_not_run_as_root(path: str) -> None:
    text = (REPOSITORY / path).read_text(encoding="utf-8")
    (base,) = re.findall(r"^FROM (.*)$", text, re.MULTILINE)
    assert re.fullmatch(r"python:3\.12\.\d+-slim-\w+@sha256:[0-9a-f]{64}", base)
    assert re.findall(r"^USER (\d+)$", text, re.MULTILINE)[-1] != "0"
    assert text.rindex("USER ") > text.rindex("\nRUN ")


@pytest.mark.parametrize("path", DOCKERFILES)
def test_everything_that_an_image_copies_is_there(path: str) -> None:
    folder = (REPOSITORY / path).parent
    for sources in re.findall(r"^COPY (.+) \S+$", (REPOSITORY / path).read_text(encoding="utf-8"), re.MULTILINE):
        for source in sources.split():
            assert (folder / source).exists(), f"{path} copies {source}"


def test_image_holds_the_manifest_of_the_warehouse_it_is_for() -> None:
    text = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
    assert text.index("DBT_TARGET=$DBT_TARGET") < text.index("include.warehouse.dbt_project")
    assert SERVICES["scheduler"]["build"]["args"]["DBT_TARGET"] == "snowflake"
    mounted = [volume.split(":")[1] for volume in SERVICES["scheduler"]["volumes"]]
    assert not {"/var/lib/healthcare", "/var/lib/healthcare/dbt"} & set(mounted), "a volume would hide the image's manifest"


def test_every_component_is_a_service() -> None:
    assert set(SERVICES) == {"postgres", *AIRFLOW, "dashboard"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_service_comes_back_and_is_watched(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == ("no" if name == "airflow-init" else "unless-stopped")
    by_itself = {"airflow-init", "dashboard", "cleanup"}  # one ends, the second one's image has a check, the third only sleeps
    assert name in by_itself or service["healthcheck"].keys() >= {"test", "start_period"}


def test_dashboard_image_has_a_healthcheck() -> None:
    assert "HEALTHCHECK" in (REPOSITORY / "dashboard" / "Dockerfile").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_image_is_pinned_or_built_from_here(name: str) -> None:
    service = SERVICES[name]
    if "build" in service:
        assert (DEPLOY / service["build"]["context"] / "Dockerfile").is_file()
    else:
        assert re.fullmatch(r"[\w/-]+:\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}", service["image"])


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_ports_are_open_to_this_machine_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


def test_airflow_components_share_one_configuration() -> None:
    assert len({str(SERVICES[name]["environment"]) for name in AIRFLOW}) == 1
    assert len({str(SERVICES[name]["secrets"]) for name in AIRFLOW}) == 1
    assert {SERVICES[name]["image"] for name in AIRFLOW} == {"healthcare-airflow:${IMAGE_TAG:-local}"}


@pytest.mark.parametrize("name", [name for name in AIRFLOW if name != "airflow-init"])
def test_components_wait_for_the_database(name: str) -> None:
    assert SERVICES[name]["depends_on"] == {"airflow-init": {"condition": "service_completed_successfully"}}
    assert SERVICES["airflow-init"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_pools_of_the_dag_are_made() -> None:
    from local.run.airflow_home import POOLS

    made = re.findall(r"airflow pools set (\w+) ", SERVICES["airflow-init"]["command"][-1])
    assert set(made) == set(POOLS)


def test_cleanup_removes_what_is_older_than_the_days_to_keep(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    old, new = logs / "run_id=old" / "plan.log", logs / "run_id=new" / "plan.log"
    for path, days in ((old, 91), (new, 89)):
        path.parent.mkdir(parents=True)
        path.touch()
        os.utime(path, (time.time() - days * 86400,) * 2)
    # One round, with Airflow's command only said: tests/local/run/test_retention.py runs it.
    script = SERVICES["cleanup"]["command"][-1].replace("$$", "$").replace("/opt/airflow/logs", str(logs))
    script = script.replace("airflow db", "echo airflow db").replace("sleep 86400", "exit")
    done = run("bash", "-ec", script)
    oldest = datetime.now(UTC) - timedelta(days=90)
    assert re.match(rf"airflow db clean --clean-before-timestamp {oldest:%Y-%m-%d}T\S+\+00:00 --skip-archive --yes", done.stdout)
    assert (old.parent.exists(), new.exists()) == (False, True)


def test_no_secret_is_written_down() -> None:
    secret = [
        (variable, str(value))
        for service in SERVICES.values()
        for variable, value in service.get("environment", {}).items()
        if re.search(r"PASSWORD|SECRET|KEY|CONN", variable) and not variable.startswith("AIRFLOW__SECRETS__")
    ]
    assert {variable for variable, _ in secret} >= {"POSTGRES_PASSWORD_FILE", "AIRFLOW__CORE__FERNET_KEY_CMD"}
    assert [variable for variable, _ in secret if not variable.endswith(("_CMD", "_FILE"))] == []
    assert [value for _, value in secret if "/run/secrets/" not in value and "/auth/" not in value] == []


def test_every_secret_is_a_declared_file_that_git_ignores() -> None:
    declared = COMPOSE["secrets"]
    for service in SERVICES.values():
        for secret in service.get("secrets", []):
            assert (secret if isinstance(secret, str) else secret["source"]) in declared
    assert {str(Path(item["file"]).parent) for item in declared.values()} == {"secrets"}
    ignored = run("git", "check-ignore", *(f"deploy/{item['file']}" for item in declared.values()), "deploy/.env")
    assert len(ignored.stdout.splitlines()) == len(declared) + 1


def test_every_volume_is_declared() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            assert volume.split(":")[0] in COMPOSE["volumes"]


def test_every_variable_of_the_compose_file_is_explained() -> None:
    example = _example_variables()
    used = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yml").read_text(encoding="utf-8"))) - {"HOSTNAME"}
    assert used <= example
    settings = {name.upper() for name in Settings.model_fields}
    assert {"DRIVE_FOLDER_ID", "S3_BUCKET", "DYNAMODB_TABLE", "SNOWFLAKE_STAGE"} <= example & settings
    assert example - used - settings == {"AWS_DEFAULT_REGION"}, "a variable that nothing reads"


def test_nothing_secret_belongs_into_the_env_file() -> None:
    assert not [name for name in _example_variables() if re.search(r"PASSWORD|SECRET|KEY|TOKEN", name)]


def _example_variables() -> set[str]:
    return set(re.findall(r"^(\w+)=", (DEPLOY / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
