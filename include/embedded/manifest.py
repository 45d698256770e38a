"""The dbt manifest that Cosmos renders the DAG from: made once for each state of the dbt project."""

from __future__ import annotations

import hashlib

from include.cms_ingest.settings import REPOSITORY
from include.embedded.airflow_home import AirflowHome

_DBT_DIR = REPOSITORY / "include" / "dbt_healthcare"
_SUFFIXES = {".sql", ".yml", ".csv", ".md"}


def _fingerprint() -> str:
    digest = hashlib.md5(usedforsecurity=False)
    for path in sorted(path for path in _DBT_DIR.rglob("*") if path.suffix in _SUFFIXES and "target" not in path.parts):
        digest.update(str(path.relative_to(_DBT_DIR)).encode() + path.read_bytes())
    return digest.hexdigest()


def write_manifest_if_stale(airflow: AirflowHome) -> None:
    target = airflow.home / "dbt"
    stamp, fingerprint = target / "fingerprint", _fingerprint()
    if (target / "manifest.json").exists() and stamp.exists() and stamp.read_text() == fingerprint:
        return
    target.mkdir(parents=True, exist_ok=True)
    where = ["--project-dir", str(_DBT_DIR), "--profiles-dir", str(_DBT_DIR), "--target-path", str(target)]
    airflow.run("dbt-parse.log", "-m", "dbt.cli.main", "parse", *where, "--log-path", str(target / "logs"))
    stamp.write_text(fingerprint)
