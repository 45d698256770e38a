"""The dbt manifest that Cosmos renders the DAG from: made once for each state of the dbt project."""

from __future__ import annotations

from include.cms_ingest.parsed_project import is_parsed
from include.cms_ingest.settings import Settings
from include.embedded.airflow_home import AirflowHome


def write_manifest_if_stale(airflow: AirflowHome) -> None:
    if not is_parsed(Settings(healthcare_home=airflow.home)):
        airflow.run("dbt-parse.log", "-m", "include.cms_ingest.parsed_project")
