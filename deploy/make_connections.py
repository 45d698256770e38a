"""Writes the Airflow connections into one file that deploy/compose.yml hands to Airflow as a secret.

Pasting two private keys into JSON by hand goes wrong in their line breaks. Standard library only, so any Python 3 runs it:

    python3 deploy/make_connections.py --drive-key drive.json --snowflake-key pipeline.p8 \
        --snowflake-account ORGANISATION-ACCOUNT --aws-region us-east-1

AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the environment go into `aws_default`; without them boto3 looks by itself, which
finds the role of an EC2 instance. Without --drive-key Google's client looks by itself, which finds a workload identity.
For alerts, SMTP_URI (smtp://user:password@host:587) becomes `smtp_default` and SLACK_WEBHOOK_URL becomes `slack_default`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_SECRETS = Path(__file__).parent / "secrets"


def main(arguments: list[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drive-key", type=Path, help="JSON key of the Google service account")
    parser.add_argument("--snowflake-key", type=Path, required=True, help="unencrypted private key of HEALTHCARE_PIPELINE (PEM)")
    parser.add_argument(
        "--snowflake-account", required=True, help="account identifier, as in https://<it>.snowflakecomputing.com"
    )
    parser.add_argument("--aws-region", required=True)
    parser.add_argument("--output", type=Path, default=_SECRETS / "connections.json")
    parsed = parser.parse_args(arguments)
    connections = {
        "google_drive": drive_connection(parsed.drive_key),
        "aws_default": aws_connection(parsed.aws_region, environment),
        "snowflake_default": snowflake_connection(parsed.snowflake_account, parsed.snowflake_key),
        **alert_connections(environment),
    }
    parsed.output.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    parsed.output.write_text(json.dumps(connections, indent=2), encoding="utf-8")
    parsed.output.chmod(0o644)  # read by the container's user; the folder around it is closed
    sys.stdout.write(f"{parsed.output}: {', '.join(connections)}\n")
    return 0


def drive_connection(key: Path | None) -> dict[str, Any]:
    if key is None:
        return {"conn_type": "google_cloud_platform"}
    keyfile = json.loads(key.read_text(encoding="utf-8"))
    if keyfile.get("type") != "service_account":
        raise SystemExit(f"{key} is no service account key: its type is {keyfile.get('type')!r}. Create one under IAM, Keys.")
    return {"conn_type": "google_cloud_platform", "extra": json.dumps({"keyfile_dict": keyfile})}


def aws_connection(region: str, environment: Mapping[str, str]) -> dict[str, Any]:
    connection: dict[str, Any] = {"conn_type": "aws", "extra": json.dumps({"region_name": region})}
    if key_id := environment.get("AWS_ACCESS_KEY_ID"):
        connection |= {"login": key_id, "password": environment["AWS_SECRET_ACCESS_KEY"]}
    return connection


def alert_connections(environment: Mapping[str, str]) -> dict[str, Any]:
    """From the environment, like AWS's key: both hold a secret, and arguments stay in the shell's history."""
    found: dict[str, Any] = {}
    if uri := environment.get("SMTP_URI"):
        found["smtp_default"] = uri
    if webhook := environment.get("SLACK_WEBHOOK_URL"):
        found["slack_default"] = {"conn_type": "slackwebhook", "password": webhook}
    return found


def snowflake_connection(account: str, key: Path) -> dict[str, Any]:
    pem = key.read_text(encoding="utf-8")
    if "BEGIN PRIVATE KEY" not in pem:
        raise SystemExit(f"{key} is no unencrypted PKCS 8 key; make one with `openssl genpkey -algorithm RSA`, see the guide.")
    extra = {
        "account": account,
        "database": "HEALTHCARE",
        "warehouse": "HEALTHCARE_WH",
        "role": "HEALTHCARE_TRANSFORMER",
        "private_key_content": pem,
    }
    return {"conn_type": "snowflake", "login": "HEALTHCARE_PIPELINE", "extra": json.dumps(extra)}


if __name__ == "__main__":
    raise SystemExit(main())
