"""Which credentials Drive is read with: the key in the connection `google_drive`, or who the machine is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import google.auth.transport.requests
import pytest
from google.auth.exceptions import DefaultCredentialsError

from include.ingest.drive import connect_drive
from include.ingest.errors import DriveKeyError
from include.orchestration.connections import drive_credentials
from include.settings import Settings
from tests.emulators.fixed_answer import answering
from tests.emulators.snowflake_emulator import make_private_key

ADDRESS = "reader@project.iam.gserviceaccount.com"


@pytest.fixture
def key() -> dict[str, str]:
    return {"type": "service_account", "client_email": ADDRESS, "private_key": make_private_key(), "token_uri": "http://x"}


@pytest.fixture(autouse=True)
def no_identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine that runs the test."""
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "AIRFLOW_CONN_GOOGLE_DRIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "project")


def connection(monkeypatch: pytest.MonkeyPatch, **extra: Any) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_GOOGLE_DRIVE", json.dumps({"conn_type": "google_cloud_platform", "extra": extra}))


@pytest.mark.parametrize("wrap", [dict, json.dumps], ids=["as an object", "as text, which Airflow's own form makes of it"])
def test_key_in_the_connection(wrap: Any, key: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    connection(monkeypatch, keyfile_dict=wrap(key))
    assert drive_credentials().service_account_email == ADDRESS  # type: ignore[union-attr]


def test_key_in_a_file(key: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key.json").write_text(json.dumps(key))
    connection(monkeypatch, key_path=str(tmp_path / "key.json"))
    assert drive_credentials().service_account_email == ADDRESS  # type: ignore[union-attr]


def test_damaged_key_is_named_and_not_repeated(key: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    lines = key["private_key"].splitlines()
    connection(monkeypatch, keyfile_dict=key | {"private_key": "\n".join(lines[:5] + lines[7:])})
    with pytest.raises(DriveKeyError, match="google_drive") as refused:
        drive_credentials()
    assert not [line for line in lines if len(line) == 64 and line in str(refused.value)]


@pytest.mark.parametrize("has_connection", [True, False])
def test_without_a_key_the_workload_identity_signs_in(
    has_connection: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if has_connection:
        connection(monkeypatch)
    assert drive_credentials() is None
    exchanged: list[bytes] = []
    with answering(200, json.dumps(TOKEN), seen=exchanged) as sts:
        (tmp_path / "subject").write_text("who-this-machine-is")
        identity = {
            "type": "external_account",
            "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/aws",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": f"{sts}/v1/token",
            "credential_source": {"file": str(tmp_path / "subject")},
        }
        (tmp_path / "identity.json").write_text(json.dumps(identity))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "identity.json"))
        credentials = signed_in_with(Settings(), drive_credentials())
        credentials.refresh(google.auth.transport.requests.Request())
    assert credentials.token == TOKEN["access_token"]
    (sent,) = exchanged
    assert b"subject_token=who-this-machine-is" in sent
    assert b"auth%2Fdrive.readonly" in sent


TOKEN = {
    "access_token": "short-lived",
    "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
    "token_type": "Bearer",
    "expires_in": 3600,
}


def signed_in_with(settings: Settings, credentials: Any) -> Any:
    """What Google's client signs its requests with."""
    return connect_drive(settings, credentials)._files._http.credentials


def test_no_key_and_no_identity_is_an_error_at_once() -> None:
    with pytest.raises(DefaultCredentialsError):
        connect_drive(Settings(), drive_credentials())
