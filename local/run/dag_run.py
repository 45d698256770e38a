"""`python -m local.run.dag_run [CONF]`, in an Airflow home's environment: the DAG once, as `airflow dags test` does it.

`dag.test()` without Airflow's command line around it, which would load all providers and parse the DAG once more.
"""

from __future__ import annotations

import gc
import json
import sys

from include.settings import REPOSITORY


def main() -> int:
    import airflow  # noqa: F401, PLC0415 - reads its configuration when imported

    # What lives now lives to the end of the run, and Cosmos collects after every dbt start. What a task leaves goes seldom,
    # but it goes: each call of the API within this process looks through all asyncio tasks, also those that are long over.
    gc.set_threshold(100_000)
    gc.freeze()
    sys.path.insert(0, str(REPOSITORY / "dags"))
    from healthcare_pipeline import healthcare  # noqa: PLC0415

    serve_newest_version_only()
    run = healthcare.test(run_conf=json.loads(sys.argv[1]) if len(sys.argv) > 1 else None)
    return 0 if run.state == "success" else 1


def serve_newest_version_only() -> None:
    """Tasks and the API that they speak to are one process of one release here, and Airflow has no setting for that: it would
    build all routes once more for clients of each earlier release (DECISIONS 42). Raises nothing; call it before the API is made.
    """
    from airflow.api_fastapi.execution_api import routes, versions  # noqa: PLC0415
    from cadwyn import HeadVersion, Version, VersionBundle  # noqa: PLC0415
    from cadwyn.route_generation import _DELETED_ROUTE_TAG  # noqa: PLC0415

    # A router of which nothing older is served may hold no route that only older versions have: Cadwyn refuses it, and marks such
    # routes by this tag alone.
    newest = versions.bundle.version_values[0]
    versions.bundle = VersionBundle(HeadVersion(), Version(newest))
    router = routes.execution_api_router
    router.routes = [route for route in router.routes if _DELETED_ROUTE_TAG not in getattr(route, "tags", [])]


if __name__ == "__main__":
    raise SystemExit(main())
