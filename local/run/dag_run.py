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

    # Cosmos collects garbage after every dbt start, and what exists now exists until the end of the run. The rest is collected
    # seldom, but it is: each call of the API within this process looks through all asyncio tasks, also those that have ended.
    gc.set_threshold(100_000)
    gc.freeze()
    sys.path.insert(0, str(REPOSITORY / "dags"))
    from healthcare_pipeline import healthcare  # noqa: PLC0415

    from local.run.task_events import write_tasks  # noqa: PLC0415

    write_tasks(healthcare.task_ids)
    run = healthcare.test(run_conf=json.loads(sys.argv[1]) if len(sys.argv) > 1 else None)
    return 0 if run.state == "success" else 1


if __name__ == "__main__":
    raise SystemExit(main())
