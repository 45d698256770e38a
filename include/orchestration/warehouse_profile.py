"""How dbt reaches the warehouse: DuckDB by the project's profiles.yml, Snowflake by the connection `snowflake_default`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from include.orchestration.connection_errors import SNOWFLAKE_CONNECTION
from include.settings import load_settings
from include.warehouse.dbt_project import environment

if TYPE_CHECKING:
    from cosmos import ProfileConfig

_PROFILE = "dbt_healthcare"

# dbt reads these where it runs: each statement carries the task that sent it into Snowflake's query history.
_QUERY_TAG = " ".join(
    f"{name}={{{{ env_var('AIRFLOW_CTX_{variable}', '-') }}}}"
    for name, variable in (("dag", "DAG_ID"), ("task", "TASK_ID"), ("run", "DAG_RUN_ID"))
)
_SNOWFLAKE = {"schema": "silver", "threads": 4, "query_tag": _QUERY_TAG, "connect_retries": 0}
# Snowflake's driver tries a sign-in by key ten times, for minutes. A wrong address or a silent network is to be an error
# within one: trying again is the task's business. The driver takes this from the environment only.
_SIGN_IN_ATTEMPTS = ("JWT_CNXN_RETRY_ATTEMPTS", "2")


def profile_config() -> ProfileConfig:
    """For Cosmos; opens no connection, so it may be called when the DAG file is parsed."""
    from cosmos import ProfileConfig  # noqa: PLC0415 - a second to import, and it logs

    settings = load_settings()
    if settings.dbt_target == "duckdb":
        return ProfileConfig(_PROFILE, settings.dbt_target, profiles_yml_filepath=settings.dbt_dir / "profiles.yml")
    os.environ.setdefault(*_SIGN_IN_ATTEMPTS)
    from cosmos.profiles import SnowflakePrivateKeyPemProfileMapping  # noqa: PLC0415 - reads every adapter's mapping

    mapping = SnowflakePrivateKeyPemProfileMapping(conn_id=SNOWFLAKE_CONNECTION, profile_args=_SNOWFLAKE)
    return ProfileConfig(_PROFILE, settings.dbt_target, profile_mapping=mapping)


@contextmanager
def dbt_connection() -> Iterator[None]:
    """Within it, dbt in this process uses the same connection as Cosmos's tasks."""
    with profile_config().ensure_profile() as (path, secrets), environment({**secrets, "DBT_PROFILES_DIR": str(path.parent)}):
        yield
