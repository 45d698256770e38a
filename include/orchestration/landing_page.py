"""The page behind "Data landing" in Airflow's UI. Only for users who may see the DAG: routes of plugins are open otherwise."""

from __future__ import annotations

from airflow.api_fastapi.core_api.security import requires_access_dag
from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from include.cms_ingest.checkpoints import Checkpoint, Status
from include.orchestration.services import connect_services

_DAG_ID = "healthcare_pipeline"
_ORDER = [Status.QUARANTINED, Status.DISCOVERED, Status.LANDED, Status.CERTIFIED, Status.LOADED]

_PAGE = Environment(autoescape=True).from_string(
    """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Data landing</title>
<meta name="color-scheme" content="light dark">
<style>
  body { font: 14px/1.45 system-ui, sans-serif; margin: 1.5rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .35rem .7rem; border-bottom: 1px solid #8884; vertical-align: top; }
  td.number { text-align: right; font-variant-numeric: tabular-nums; }
  .QUARANTINED { font-weight: 600; } .reason { max-width: 45rem; }
</style></head><body>
<h1>Data landing</h1>
<p>{% for status, count in counts %}{{ count }} {{ status | lower }}{{ ", " if not loop.last }}{% endfor %}.
   One row is one version of a file; refused ones first.</p>
<table><thead><tr><th>File</th><th>Family</th><th>Period</th><th>Status</th><th>Rows</th><th>Rejected</th><th>Since (UTC)</th>
<th>What is wrong, and what to do</th></tr></thead><tbody>
{% for item in checkpoints %}<tr class="{{ item.status }}">
  <td>{{ item.filename }}</td><td>{{ item.attributes.family or "" }}</td><td>{{ item.attributes.period or "" }}</td>
  <td>{{ item.status }}</td>
  <td class="number">{{ "{:,}".format(item.attributes.rows_certified) if item.attributes.rows_certified is defined }}</td>
  <td class="number">{{ item.attributes.rows_rejected if item.attributes.rows_rejected is defined }}</td>
  <td>{{ item.timestamp[:19] }}</td><td class="reason">{{ item.attributes.reason or "" }}</td>
</tr>{% endfor %}
</tbody></table></body></html>"""
)

app = FastAPI(title="Data landing", docs_url=None, redoc_url=None, openapi_url=None)


@app.get("/", dependencies=[Depends(requires_access_dag("GET", param_dag_id=_DAG_ID))])
def show_checkpoints() -> HTMLResponse:
    """All file versions of the checkpoint table as one HTML table."""
    return HTMLResponse(render(list(connect_services().checkpoints.all())))


def render(checkpoints: list[Checkpoint]) -> str:
    ordered = sorted(checkpoints, key=lambda item: (_ORDER.index(item.status), item.filename))
    counts = [(status, sum(item.status is status for item in checkpoints)) for status in _ORDER]
    return _PAGE.render(checkpoints=ordered, counts=[pair for pair in counts if pair[1]])
