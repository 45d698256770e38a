"""What the report says of a dbt task that Snowflake has stopped."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from include.ingest.connection_errors import explain_dbt_failures
from include.orchestration.warehouse_profile import dbt_connection
from include.settings import load_settings
from include.warehouse.dbt_runs import describe_failures, invoke_dbt
from tests.emulators.snowflake_emulator import SnowflakeEmulator

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def failures_of(node: str) -> str:
    """Builds it as its task does."""
    settings = load_settings()
    target = str(settings.dbt_target_dir)
    where = ["--project-dir", str(settings.dbt_dir), "--target-path", target, "--log-path", target]
    with dbt_connection():
        result = invoke_dbt(["--no-write-json", "build", "--select", node, *where])
    return explain_dbt_failures(describe_failures(result))


@pytest.mark.parametrize(
    ("matching", "code", "message", "advice"),
    [
        (
            "silver.states",
            "090073",
            "Warehouse 'HEALTHCARE_WH' cannot be resumed because resource monitor 'HEALTHCARE_MONITOR' has exceeded its quota.",
            "the month's credits are spent",
        ),
        (
            "silver.states",
            "003001",
            "SQL access control error: Insufficient privileges to operate on schema 'SILVER'.",
            "a grant or an object is missing",
        ),
        ("login", "390114", "Authentication token has expired. The user must authenticate again.", "the token has expired"),
    ],
    ids=["suspended warehouse", "missing grant", "expired token"],
)
def test_refused_task_is_one_sentence_with_connection_and_fix(
    cloud: Callable[..., None], emulator: SnowflakeEmulator, matching: str, code: str, message: str, advice: str
) -> None:
    emulator.refuse({"matching": matching, "code": code, "message": message})
    said = failures_of("states")
    assert said.startswith("snowflake_default: ")
    assert advice in said
    assert "\n" not in said
