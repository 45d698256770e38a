"""`python -m local.run.end_run RUN_ID`: marks a run whose process has ended as failed, or Airflow would show it as running."""

from __future__ import annotations

import sys

from local.run.stages import DAG_ID


def main() -> None:
    from airflow.api.common.mark_tasks import set_dag_run_state_to_failed  # noqa: PLC0415
    from airflow.models.serialized_dag import SerializedDagModel  # noqa: PLC0415

    if dag := SerializedDagModel.get_dag(DAG_ID):
        set_dag_run_state_to_failed(dag=dag, run_id=sys.argv[1], commit=True)


if __name__ == "__main__":
    main()
