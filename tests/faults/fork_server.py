"""What the fork server of the workers does once, as Airflow's scheduler does: imports, contracts, a first start of dbt."""

from __future__ import annotations

import gc

import boto3
import pyarrow.compute
import pyarrow.parquet
from googleapiclient.discovery import build

from include.contracts.contract import contracts_version
from include.contracts.file_name import match_family
from include.orchestration import preload
from include.settings import load_settings
from include.warehouse.dbt_runs import warm_up_dbt
from tests.faults import worker

boto3.setup_default_session(aws_access_key_id="none", aws_secret_access_key="none", region_name="us-east-1")
for service in ("s3", "dynamodb"):
    boto3.client(service, endpoint_url="http://127.0.0.1:1")
boto3.resource("dynamodb", endpoint_url="http://127.0.0.1:1")
build("drive", "v3", static_discovery=True, developerKey="none")
contracts_version()
match_family("NH_Penalties_Oct2024.csv")
warm_up_dbt()
load_settings.cache_clear()  # each worker has a home of its own
gc.freeze()

__all__ = ["preload", "pyarrow", "worker"]
