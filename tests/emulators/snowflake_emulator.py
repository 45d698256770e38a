"""Starts and stops the Snowflake emulator for a test, with a certificate, a key pair and what deploy/snowflake.sql makes."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import snowflake.connector
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from include.settings import REPOSITORY

DATABASE = "HEALTHCARE"
SCHEMAS = ("bronze", "staging", "silver", "gold", "published")
_STARTS_WITHIN_SECONDS = 60


@dataclass(frozen=True)
class SnowflakeEmulator:
    """A running emulator. `private_key` is the PEM that clients sign in with; the emulator does not look at it."""

    port: int
    certificate: Path
    private_key: str

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to use it: the Airflow connection, the dbt target, and trust in its certificate."""
        return {
            "DBT_TARGET": "snowflake",
            "AIRFLOW_CONN_SNOWFLAKE_DEFAULT": json.dumps(self.connection()),
            "REQUESTS_CA_BUNDLE": str(self.certificate),
        }

    def connection(self, **extra: Any) -> dict[str, Any]:
        """As Airflow keeps it."""
        return {
            "conn_type": "snowflake",
            "login": "HEALTHCARE_PIPELINE",
            "extra": {
                "account": "emulator",
                "database": DATABASE,
                "warehouse": "HEALTHCARE_WH",
                "role": "HEALTHCARE_TRANSFORMER",
                "host": "127.0.0.1",
                "port": self.port,
                "private_key_content": base64.b64encode(self.private_key.encode()).decode(),
                "insecure_mode": True,
                **extra,
            },
        }

    def refuse(self, *refusals: Mapping[str, str]) -> None:
        """From now on answers as told, see `refuse_on_demand` in the server; without any, answers again."""
        url = f"https://127.0.0.1:{self.port}/refusals"
        requests.put(url, json=refusals, verify=str(self.certificate), timeout=10).raise_for_status()

    def query_tags(self) -> list[str]:
        """Of every session so far."""
        answer = requests.get(f"https://127.0.0.1:{self.port}/query-tags", verify=str(self.certificate), timeout=10)
        answer.raise_for_status()
        tags: list[str] = answer.json()
        return tags

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self.run([sql])

    def run(self, statements: Sequence[str]) -> list[tuple[Any, ...]]:
        """The rows of the last of the statements."""
        rows: list[Any] = []
        known: dict[str, Any] = {"account": "emulator", "user": "test", "password": "test", "database": DATABASE}
        patience = {"login_timeout": 10, "network_timeout": 60, "disable_ocsp_checks": True}
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("REQUESTS_CA_BUNDLE", str(self.certificate))
            with snowflake.connector.connect(host="127.0.0.1", port=self.port, **known, **patience) as connection:
                for statement in statements:
                    rows = connection.cursor().execute(statement).fetchall()  # type: ignore[union-attr]
        return rows


@contextmanager
def running_emulator(folder: Path, s3_endpoint: str, bucket: str) -> Iterator[SnowflakeEmulator]:
    """An emulator whose stage reads `bucket` at `s3_endpoint`; it holds its data in memory."""
    certificate, tls_key, sign_in_key = _make_keys(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-W", "ignore", "-m", "tests.emulators.snowflake_server"]
    with (folder / "emulator.log").open("wb") as log:
        server = subprocess.Popen(
            [*command, str(port), s3_endpoint, str(certificate), str(tls_key)], cwd=REPOSITORY, stdout=log, stderr=log
        )
    try:
        _wait_until_it_listens(port, server)
        emulator = SnowflakeEmulator(port, certificate, sign_in_key)
        emulator.run(_bootstrap(bucket))
        yield emulator
    finally:
        server.kill()
        server.wait()


def _bootstrap(bucket: str) -> list[str]:
    schemas = [f"create schema if not exists {DATABASE}.{schema}" for schema in SCHEMAS]
    stage = f"create stage if not exists {DATABASE}.bronze.landing_stage url = 's3://{bucket}/'"
    return [f"create database if not exists {DATABASE}", *schemas, stage]


def _wait_until_it_listens(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the Snowflake emulator did not start; see emulator.log beside its certificate")


def make_private_key() -> str:
    """A PEM, unencrypted, as `openssl genpkey` writes it."""
    return _pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)).decode()


def _make_keys(folder: Path) -> tuple[Path, Path, str]:
    """A certificate for 127.0.0.1 with its key, and a key to sign in with."""
    tls, sign_in = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(tls.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(tls, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "tls-key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(_pem(tls))
    return *paths, _pem(sign_in).decode()


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
