"""How dbt reaches the warehouse: DuckDB by the project's profiles.yml, Snowflake by the connection `snowflake_default`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from cosmos import ProfileConfig

from include.cms_ingest.settings import load_settings

SNOWFLAKE_CONNECTION = "snowflake_default"
_PROFILE = "dbt_healthcare"

# dbt reads these where it runs: each statement carries the task that sent it into Snowflake's query history.
_QUERY_TAG = " ".join(
    f"{name}={{{{ env_var('AIRFLOW_CTX_{variable}', '-') }}}}"
    for name, variable in (("dag", "DAG_ID"), ("task", "TASK_ID"), ("run", "DAG_RUN_ID"))
)
# A wrong address or a silent network is an error within a minute, not an endless wait.
_SNOWFLAKE = {"schema": "silver", "threads": 4, "query_tag": _QUERY_TAG, "connect_timeout": 15, "connect_retries": 1}


def profile_config() -> ProfileConfig:
    """For Cosmos; opens no connection, so it may be called when the DAG file is parsed."""
    settings = load_settings()
    if settings.dbt_target == "duckdb":
        return ProfileConfig(_PROFILE, settings.dbt_target, profiles_yml_filepath=settings.dbt_dir / "profiles.yml")
    from cosmos.profiles import SnowflakePrivateKeyPemProfileMapping  # noqa: PLC0415 - reads every adapter's mapping

    mapping = SnowflakePrivateKeyPemProfileMapping(conn_id=SNOWFLAKE_CONNECTION, profile_args=_SNOWFLAKE)
    return ProfileConfig(_PROFILE, settings.dbt_target, profile_mapping=mapping)


@contextmanager
def dbt_connection() -> Iterator[None]:
    """Within it, dbt in this process uses the same connection as Cosmos's tasks."""
    with profile_config().ensure_profile() as (path, secrets):
        changed = {**secrets, "DBT_PROFILES_DIR": str(path.parent)}
        before = {name: os.environ.get(name) for name in changed}
        os.environ.update(changed)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
