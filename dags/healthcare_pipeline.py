"""The one DAG: every new or changed CMS file of the Drive folder becomes tested, published KPIs.

    plan → land → to_certify → certify (one mapped task per file) → bronze COPY → dbt: staging → silver → gold, tested → publish

Reruns: clear the red task with its downstream; every step is idempotent. See docs/runbook.md.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import (
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    dag,
    task,
)

from include.alerts.callbacks import note_failure, on_failed_run
from include.contracts.families import FAMILY_NAMES
from include.orchestration.dbt_tasks import data_tests, dbt_models, staging_views
from include.settings import load_settings

File = dict[str, Any]  # a DriveFile as XCom carries it: one value (`multiple_outputs` would make one of each key)

DRIVE_POOL = "drive"  # how many files are read from Drive at once
WAREHOUSE_POOL = "warehouse"  # how many dbt tasks at once; on DuckDB they take turns (see invoke_dbt)

# A task that takes longer is stopped and tried again; it continues behind what it has landed or loaded.
LONGEST_TASK = timedelta(hours=2)
LONGEST_REPORT = timedelta(minutes=15)

# A bad file is as bad at the second try: it is quarantined, and only what passes by itself is tried again.
RETRY_POLICY = ExceptionRetryPolicy(
    rules=[RetryRule(exception="include.contracts.errors.BadFileError", action=RetryAction.FAIL, reason="a bad file")]
)


@dag(
    schedule="@daily",
    start_date=datetime(2024, 10, 1),
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    tags=["cms", "nursing-homes", "dbt"],
    default_args={
        "owner": "data-platform",
        "retries": 2,
        "retry_delay": timedelta(seconds=10),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=10),
        "on_failure_callback": note_failure,
        "execution_timeout": LONGEST_TASK,
    },
    # Alerts are sent by `report`, which knows all causes. This one says that `report` did not come to its end.
    on_failure_callback=on_failed_run,
    dagrun_timeout=timedelta(minutes=load_settings().run_timeout_minutes),
    params={
        "families": Param(
            [], type="array", items={"enum": list(FAMILY_NAMES)}, description="Only these file families (empty = all)."
        ),
        "since": Param(
            None,
            type=["null", "string"],
            format="date",
            description="Backfill: only files whose period ends on this day or later. What is loaded stays.",
        ),
        "until": Param(
            None,
            type=["null", "string"],
            format="date",
            description="Backfill: only files whose period begins on this day or earlier.",
        ),
        "full_refresh": Param(False, type="boolean", description="Rebuild every silver and gold table from bronze."),
    },
)
def healthcare_pipeline() -> None:
    @task(pool=DRIVE_POOL)
    def plan() -> list[File]:
        """What is new or changed in the Drive folder; the rest is noted for the report and not touched."""
        from include.orchestration import steps

        return steps.plan()

    @task(map_index_template="{{ file_name }}", pool=DRIVE_POOL, retry_policy=RETRY_POLICY)
    def land(file: File) -> None:
        """Exact bytes from Drive to S3, md5-verified; continues in the middle after a kill. An archive is unpacked there."""
        from include.orchestration import steps

        steps.land(file)

    @task(trigger_rule="all_done")
    def to_certify() -> list[File]:
        """What has landed: the files of the plan, and the CSV files of its archives."""
        from include.orchestration import steps

        return steps.to_certify()

    @task(map_index_template="{{ file_name }}", retry_policy=RETRY_POLICY)
    def certify(file: File) -> None:
        """Encoding, header by name, every record: certified or rejected with a reason."""
        from include.orchestration import steps

        steps.certify(file)

    @task(trigger_rule="all_done", pool=WAREHOUSE_POOL)
    def copy_to_bronze() -> list[File]:
        """Every certified file into its bronze table, rows and ledger in one transaction a file."""
        from include.orchestration import steps

        return steps.copy_to_bronze()

    @task(pool=WAREHOUSE_POOL)
    def is_gold_stale() -> str:
        """Skips dbt and publish when gold was built from these very files by these very models."""
        from include.orchestration import steps

        return steps.skip_to_report_unless_gold_is_stale()

    @task(pool=WAREHOUSE_POOL, multiple_outputs=False)
    def publish() -> dict[str, int]:
        """Gold to the dashboard in one atomic swap; only reached when every error-level test has passed."""
        from include.orchestration import steps

        return steps.publish()

    @task(trigger_rule="all_done", retries=0, execution_timeout=LONGEST_REPORT)
    def report() -> None:
        """Ends the run red when a file was refused, a record was rejected or a task failed; says which, and alerts."""
        from include.alerts.reporting import report_run

        report_run()

    landed, listed = land.expand(file=plan()), to_certify()
    certified = certify.expand(file=listed)
    staging, models, tested = staging_views(WAREHOUSE_POOL), dbt_models(WAREHOUSE_POOL), data_tests(WAREHOUSE_POOL)
    reported = report()
    landed >> listed
    certified >> copy_to_bronze() >> is_gold_stale() >> staging >> models >> tested >> publish() >> reported
    list(models.iter_tasks()) >> reported  # one red model gives publish up at once, and others are still running then


healthcare = healthcare_pipeline()
