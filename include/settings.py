"""The only reader of configuration: every setting comes from the environment, with the embedded default as fallback."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import psutil
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

REPOSITORY = Path(__file__).parents[1]
_MIB = 1024 * 1024
_LEAST_DUCKDB_MB = 512

AlertSeverity = Literal["information", "ticket", "page"]


class Settings(BaseSettings):
    """Each field is read from the environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    healthcare_home: Path = REPOSITORY / ".local"
    dbt_target: Literal["duckdb", "snowflake"] = "duckdb"

    drive_folder_id: str = "RAWDATA"
    drive_api_endpoint: str | None = Field(default=None, description="Only for the local Drive server; empty means Google.")
    drive_include_subfolders: bool = False
    drive_attempts: int = Field(default=6, description="Tries for one request that meets rate limits, 5xx or a cut connection.")
    drive_longest_wait_seconds: float = Field(default=64.0, description="Longest pause between two tries.")
    drive_answer_seconds: float = Field(default=60, gt=0, description="A try ends when Drive sends nothing for so long.")
    drive_longest_minutes: float = Field(default=10, gt=0, description="No try of one request begins later than this.")

    s3_bucket: str = "cms-nursing-home-data"
    dynamodb_table: str = "cms-file-checkpoints"
    part_bytes: int = Field(
        default=16 * 1024 * 1024, ge=5 * 1024 * 1024, description="Size of an S3 upload part (S3 asks for 5 MiB)."
    )
    header_drift: Literal["notice", "refuse"] = Field(
        default="notice", description="`refuse` quarantines a file with any column that its contract does not know or misses."
    )
    lease_seconds: int = Field(default=60, description="After so long without a sign of life, another run takes a file over.")

    duckdb_memory_mb: int = Field(
        default_factory=lambda: max(_LEAST_DUCKDB_MB, psutil.virtual_memory().total // _MIB // 16),
        ge=_LEAST_DUCKDB_MB,
        description="What one DuckDB process may hold in memory before it spills into the home; a sixteenth of the machine's.",
    )
    snowflake_stage: str = Field(default="bronze.landing_stage", description="External stage over the whole bucket.")

    # Where alerts go: each of the three that is set. Keys and passwords are in Airflow's connections.
    alert_sns_topic_arn: str = Field(default="", description="Through the connection aws_default.")
    alert_email_to: str = Field(default="", description="Addresses, with commas between; through the connection smtp_default.")
    alert_email_from: str = "pipeline@localhost"
    alert_slack: bool = Field(default=False, description="Through the incoming webhook of the connection slack_default.")
    alert_sns_severity: AlertSeverity = Field(default="information", description="The least grave that goes to SNS.")
    alert_email_severity: AlertSeverity = Field(default="information", description="The least grave that goes by mail.")
    alert_slack_severity: AlertSeverity = Field(default="information", description="The least grave that goes to Slack.")
    alert_digest_days: float = Field(default=7, gt=0, description="How often open causes are listed again while nothing is new.")
    alert_environment: str = Field(default="local", description="Stands at the head of each subject, as in [production].")
    alert_runbook_url: str = Field(default="docs/runbook.md", description="What the section's anchor is put behind.")
    run_timeout_minutes: float = Field(default=720, gt=0, description="A run that takes longer is stopped; an alert says so.")

    @property
    def warehouse_path(self) -> Path:
        return self.healthcare_home / "warehouse.duckdb"

    @property
    def duckdb_options(self) -> dict[str, Any]:
        """Every connection to the embedded warehouse has them: what does not fit into memory goes to disk, beside the file."""
        return {"memory_limit": f"{self.duckdb_memory_mb}MiB", "temp_directory": str(self.healthcare_home / "spill")}

    @property
    def published_dir(self) -> Path:
        return self.healthcare_home / "published"

    @property
    def stage_dir(self) -> Path:
        """Local copies of certified Parquet files, for the embedded warehouse to read."""
        return self.healthcare_home / "stage"

    @property
    def runs_dir(self) -> Path:
        return self.healthcare_home / "runs"

    @property
    def dbt_target_dir(self) -> Path:
        return self.healthcare_home / "dbt"

    @property
    def dbt_manifest_path(self) -> Path:
        """What Cosmos renders the DAG from; made by `dbt parse` before Airflow starts."""
        return self.dbt_target_dir / "manifest.json"

    @property
    def dbt_parsed_path(self) -> Path:
        """The parsed dbt project, beside the manifest."""
        return self.dbt_target_dir / "partial_parse.msgpack"

    @property
    def dbt_dir(self) -> Path:
        return REPOSITORY / "include" / "dbt_healthcare"


@cache
def load_settings() -> Settings:
    return Settings()
