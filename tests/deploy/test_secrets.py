"""What deploy/ makes for the containers is what Airflow, dbt and the pipeline can use."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from include.settings import REPOSITORY

MADE = ["postgres_password", "sql_alchemy_conn", "fernet_key", "jwt_secret", "api_secret_key"]
# In a process of its own: Airflow reads its configuration once.
READ_BACK = """
import json, os
from airflow.configuration import conf
print(json.dumps([conf.get(*option) for option in
    (("database", "sql_alchemy_conn"), ("core", "fernet_key"), ("api_auth", "jwt_secret"), ("api", "secret_key"))]))
"""
READ_CONNECTIONS = """
import json
from airflow.sdk import Connection
from include.orchestration.connections import drive_credentials
from include.orchestration.warehouse_profile import profile_config
from dbt.adapters.snowflake.auth import private_key_from_string
aws = Connection.get("aws_default")
with profile_config().ensure_profile() as (path, variables):
    (pem,) = variables.values()
print(json.dumps({
    "drive": drive_credentials().service_account_email,
    "aws": [aws.login, aws.extra_dejson["region_name"]],
    "key_bits": private_key_from_string(pem).key_size,
    "profile": profile_config().profile_mapping.profile,
}))
"""


def run_script(folder: Path) -> None:
    subprocess.run([REPOSITORY / "deploy" / "make-secrets.sh", folder], check=True, capture_output=True)


def run_python(code: str, home: Path, **variables: str) -> str:
    environment = {**os.environ, "AIRFLOW_HOME": str(home), "PYTHONPATH": str(REPOSITORY), **variables}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    run_script(tmp_path / "secrets")
    return tmp_path / "secrets"


def test_a_second_run_changes_nothing(secrets: Path) -> None:
    before = {name: (secrets / name).read_text() for name in MADE}
    run_script(secrets)
    assert {name: (secrets / name).read_text() for name in MADE} == before


def test_only_the_owner_enters_the_folder_and_every_container_reads_its_file(secrets: Path) -> None:
    assert secrets.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in secrets.iterdir()} == {0o644}


def test_values_are_long_and_differ(secrets: Path) -> None:
    values = {name: (secrets / name).read_text() for name in MADE}
    assert len(set(values.values())) == len(MADE)
    assert len(base64.urlsafe_b64decode(values["fernet_key"])) == 32
    assert values["postgres_password"] in values["sql_alchemy_conn"]
    assert not any(character.isspace() for value in values.values() for character in value)


def test_airflow_reads_them_from_files(secrets: Path, tmp_path: Path) -> None:
    names = {"DATABASE__SQL_ALCHEMY_CONN": 1, "CORE__FERNET_KEY": 2, "API_AUTH__JWT_SECRET": 3, "API__SECRET_KEY": 4}
    commands = {f"AIRFLOW__{option}_CMD": f"cat {secrets / MADE[at]}" for option, at in names.items()}
    # Importing Airflow makes the engine, and the drivers are in the image only: SQLite's stand-in is read in the same way.
    (secrets / "sql_alchemy_conn").write_text(f"sqlite:///{tmp_path / 'airflow.db'}")
    found = json.loads(run_python(READ_BACK, tmp_path, **commands))
    assert found == [(secrets / MADE[at]).read_text() for at in names.values()]


@pytest.fixture
def private_key(tmp_path: Path) -> Path:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path = tmp_path / "pipeline.p8"
    encoding = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(*encoding))
    return path


def make_connections(
    folder: Path, private_key: Path, kind: str = "service_account", **variables: str
) -> subprocess.CompletedProcess[str]:
    account = {
        "type": kind,
        "client_email": "reader@project.iam.gserviceaccount.com",
        "private_key": private_key.read_text(),
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    (folder / "drive.json").write_text(json.dumps(account))
    given = ["--drive-key", str(folder / "drive.json"), "--snowflake-key", str(private_key), "--snowflake-account", "ORG-ACCOUNT"]
    command = [sys.executable, str(REPOSITORY / "deploy" / "make_connections.py"), *given, "--aws-region", "eu-west-1"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | variables
    output = ["--output", str(folder / "secrets" / "connections.json")]
    return subprocess.run([*command, *output], env=environment, capture_output=True, text=True, check=False)


def test_connections_are_what_the_pipeline_and_dbt_read(tmp_path: Path, private_key: Path) -> None:
    made = make_connections(tmp_path, private_key, AWS_ACCESS_KEY_ID="key-id", AWS_SECRET_ACCESS_KEY="hidden")
    assert made.returncode == 0, made.stderr
    assert "hidden" not in made.stdout
    found = json.loads(
        run_python(
            READ_CONNECTIONS,
            tmp_path,
            DBT_TARGET="snowflake",
            AIRFLOW__SECRETS__BACKEND="airflow.secrets.local_filesystem.LocalFilesystemBackend",
            AIRFLOW__SECRETS__BACKEND_KWARGS=json.dumps(
                {"connections_file_path": str(tmp_path / "secrets" / "connections.json")}
            ),
        )
    )
    assert found["drive"] == "reader@project.iam.gserviceaccount.com"
    assert found["aws"] == ["key-id", "eu-west-1"]
    assert found["key_bits"] == 2048
    profile = found["profile"]
    assert (profile["account"], profile["user"]) == ("ORG-ACCOUNT", "HEALTHCARE_PIPELINE")
    assert (profile["database"], profile["role"]) == ("HEALTHCARE", "HEALTHCARE_TRANSFORMER")


def test_connections_of_alerts_come_from_the_environment(tmp_path: Path, private_key: Path) -> None:
    webhook = "https://hooks.slack.com/services/T/B/hidden"
    made = make_connections(tmp_path, private_key, SMTP_URI="smtp://user:hidden@mail.example:587", SLACK_WEBHOOK_URL=webhook)
    assert "hidden" not in made.stdout
    assert "smtp_default, slack_default" in made.stdout
    script = (
        "import json; from airflow.sdk import Connection; found = [Connection.get(n) for n in ('smtp_default', 'slack_default')]"
    )
    script += "; print(json.dumps([(c.conn_type, c.host, c.port, c.password) for c in found]))"
    backend = {"connections_file_path": str(tmp_path / "secrets" / "connections.json")}
    found = run_python(
        script,
        tmp_path,
        AIRFLOW__SECRETS__BACKEND="airflow.secrets.local_filesystem.LocalFilesystemBackend",
        AIRFLOW__SECRETS__BACKEND_KWARGS=json.dumps(backend),
    )
    assert json.loads(found) == [["smtp", "mail.example", 587, "hidden"], ["slackwebhook", None, None, webhook]]


def test_without_a_key_the_instance_role_is_used(tmp_path: Path, private_key: Path) -> None:
    make_connections(tmp_path, private_key)
    aws = json.loads((tmp_path / "secrets" / "connections.json").read_text())["aws_default"]
    assert aws.keys() == {"conn_type", "extra"}


def test_without_a_key_of_google_the_workload_identity_is_used(tmp_path: Path, private_key: Path) -> None:
    path = tmp_path / "connections.json"
    given = ["--snowflake-key", str(private_key), "--snowflake-account", "ORG-ACCOUNT", "--aws-region", "eu-west-1"]
    command = [sys.executable, str(REPOSITORY / "deploy" / "make_connections.py"), *given, "--output", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    assert json.loads(path.read_text())["google_drive"] == {"conn_type": "google_cloud_platform"}


def test_a_key_of_another_kind_is_refused(tmp_path: Path, private_key: Path) -> None:
    made = make_connections(tmp_path, private_key, kind="authorized_user")
    assert made.returncode == 1
    assert "is no service account key" in made.stderr
    assert not (tmp_path / "secrets").exists()


def test_an_encrypted_snowflake_key_is_refused(tmp_path: Path, private_key: Path) -> None:
    private_key.write_text(private_key.read_text().replace("BEGIN PRIVATE", "BEGIN ENCRYPTED PRIVATE"))
    made = make_connections(tmp_path, private_key)
    assert made.returncode == 1
    assert "unencrypted" in made.stderr
