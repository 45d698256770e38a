"""Imported by every Airflow process through airflow_local_settings, before anything else of ours.

Airflow and Cosmos make a few million objects that live as long as the process; at Python's default thresholds the garbage
collector looks at all of them again and again (a third of the start). And the scheduler starts dbt and Cosmos once: a task is
a fork of its worker and inherits them, instead of importing dbt (2 s), loading the project and warming up (1 s) by itself.
"""

from __future__ import annotations

import gc
import sys

gc.set_threshold(100_000, 20, 100)

if "scheduler" in sys.argv:
    import cosmos.operators.local
    import cosmos.profiles  # noqa: F401
    from airflow.providers.amazon.aws.hooks import dynamodb, s3  # noqa: F401

    from include.settings import load_settings
    from include.warehouse import publish  # noqa: F401
    from include.warehouse.dbt_project import parse_project
    from include.warehouse.dbt_runs import warm_up_dbt

    if parse_project(load_settings()):
        warm_up_dbt()
    gc.freeze()
