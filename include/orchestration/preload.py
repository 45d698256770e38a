"""Imported by Airflow through airflow_local_settings: the scheduler imports dbt and Cosmos once for all its tasks.

A task is a fork of the scheduler's worker; without this each one imports dbt (2 s) and loads the project by itself.
"""

from __future__ import annotations

import sys

if "scheduler" in sys.argv:
    import cosmos.operators.local  # noqa: F401
    import dbt.adapters.factory
    import dbt.cli.main  # noqa: F401
    from airflow.providers.amazon.aws.hooks import dynamodb, s3  # noqa: F401

    from include.cms_ingest import pipeline, publish  # noqa: F401
    from include.cms_ingest.dbt_runs import load_parsed_project

    load_parsed_project()
