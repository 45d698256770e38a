"""The page "Data landing" of Airflow's UI: every version of every Drive file, what is wrong with it, and two buttons.

Who may read the DAG may read the page. Who may clear its runs may retry and forget files, which is the same thing: having
something done once more.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
from airflow.configuration import conf
from airflow.sdk.exceptions import AirflowNotFoundException
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from fastapi import Depends, FastAPI, Form, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException as StarletteHTTPException

from include.ingest.checkpoints import CheckpointTable
from include.on_call.airflow_runs import DAG_ID
from include.on_call.landing_page import verbs
from include.on_call.landing_page.airflow_database import logged, read_runs
from include.on_call.landing_page.protection import HEADERS, RefusedError, require_same_origin
from include.on_call.landing_page.verbs import Outcome
from include.on_call.landing_page.versions import MOST_SHOWN, Filter, count_by_status, describe_versions
from include.orchestration.connection_errors import AWS_CONNECTION, explain
from include.settings import load_settings

_HERE = Path(__file__).parent
_SAID = "data_landing_said"  # a cookie, so that a reload does not repeat the message and no link can make one up
_LONGEST_SAID = 700  # characters; a cookie holds 4 kB
# Somebody waits at the screen: a table that does not answer is to be said within seconds, not minutes.
_PATIENCE = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2})

_may_read = requires_access_dag("GET", param_dag_id=DAG_ID)
_may_change = requires_access_dag("PUT", DagAccessEntity.RUN, DAG_ID)
_reading = [Depends(_may_read)]
_changing = [Depends(require_same_origin), Depends(_may_read), Depends(_may_change)]

_templates = Environment(
    loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)

app = FastAPI(title="Data landing", docs_url=None, redoc_url=None, openapi_url=None)
app.mount("/static", StaticFiles(directory=_HERE / "static"))


@app.get("/", dependencies=_reading)
def show_versions(request: Request, user: GetUserDep, q: str = "", status: str = "") -> HTMLResponse:
    checkpoints = list(checkpoint_table().all())
    wanted = Filter.of_query(q, status)
    matching = [found for found in checkpoints if wanted.has_words_of(found)]
    chosen = [found for found in matching if wanted.status in (None, found.status)]
    answer = _page(
        request,
        "versions.html",
        versions=describe_versions(chosen, checkpoints, read_runs(DAG_ID))[:MOST_SHOWN],
        number_chosen=len(chosen),
        number_known=len(checkpoints),
        counts=count_by_status(matching),
        wanted=wanted,
        run_url=_run_url,
        dag_url=f"{_ui_root()}dags/{DAG_ID}",
        may_change=_is_allowed(_may_change, request, user),
        said=_said(request),
    )
    answer.delete_cookie(_SAID, path=f"{request.scope['root_path']}/")
    return answer


@app.post("/retry", dependencies=_changing)
def retry(
    user: GetUserDep,
    request: Request,
    file_id: Annotated[str, Form()],
    file_md5: Annotated[str, Form()],
    q: Annotated[str, Form()] = "",
    status: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """One version goes back to the start, so that the next run takes it."""
    file = {"file_id": file_id, "file_md5": file_md5}
    outcome = logged("retry_file", DAG_ID, user.get_name(), file, lambda: verbs.retry(checkpoint_table(), file_id, file_md5))
    return _back(request, outcome, Filter.of_query(q, status))


@app.get("/forget", dependencies=[*_reading, Depends(_may_change)])
def ask_before_forgetting(request: Request, file_id: str, q: str = "", status: str = "") -> HTMLResponse:
    """What would go, and the button that does it."""
    versions = checkpoint_table().versions_of(file_id)
    if not versions:
        raise RefusedError(404, "This file is not known (any more). It may have been forgotten already.")
    described = describe_versions(versions, versions, read_runs(DAG_ID))
    return _page(request, "forget.html", versions=described, file_id=file_id, wanted=Filter.of_query(q, status))


@app.post("/forget", dependencies=_changing)
def forget(
    user: GetUserDep,
    request: Request,
    file_id: Annotated[str, Form()],
    q: Annotated[str, Form()] = "",
    status: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """All versions of one Drive file leave S3, bronze, ledger and checkpoints."""
    names = sorted({found.filename for found in checkpoint_table().versions_of(file_id)})
    file = {"file_id": file_id, "names": names}
    outcome = logged("forget_file", DAG_ID, user.get_name(), file, lambda: verbs.forget(file_id))
    return _back(request, outcome, Filter.of_query(q, status))


@app.middleware("http")
async def add_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    answer = await call_next(request)
    answer.headers.update(HEADERS)
    return answer


@app.exception_handler(StarletteHTTPException)
def show_refusal(request: Request, error: StarletteHTTPException) -> HTMLResponse:
    words = {
        401: "You are not logged in, or no longer. Log in to Airflow, then open this page again.",
        403: f"Your Airflow role does not allow this. Reading the page takes the right to read the DAG {DAG_ID}, its buttons the "
        "right to clear its runs.",
    }
    is_ours = isinstance(error, RefusedError)
    sentence = str(error.detail) if is_ours else words.get(error.status_code, str(error.detail))
    return _page(request, "message.html", error.status_code, words=sentence)


@app.exception_handler(BotoCoreError)
@app.exception_handler(ClientError)
@app.exception_handler(AirflowNotFoundException)
def show_what_is_wrong_with_aws(request: Request, error: Exception) -> HTMLResponse:
    return _page(request, "message.html", 503, words=f"The checkpoints cannot be read. {explain(error, AWS_CONNECTION)}")


def checkpoint_table() -> CheckpointTable:
    """Made again for each request: boto3's resources are not for several threads, and the connection may have been fixed."""
    from airflow.providers.amazon.aws.hooks.dynamodb import DynamoDBHook  # noqa: PLC0415 - heavy, and only this needs it

    settings = load_settings()
    dynamodb: Any = DynamoDBHook(aws_conn_id=AWS_CONNECTION, config=_PATIENCE).get_conn()
    return CheckpointTable(dynamodb.Table(settings.dynamodb_table), settings.lease_seconds)


def _page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Where Airflow stands under a path of its own, the page's files do too."""
    static_url = f"{request.scope['root_path']}/static"
    return HTMLResponse(_templates.get_template(template).render(static_url=static_url, **values), status)


def _back(request: Request, outcome: Outcome, wanted: Filter) -> RedirectResponse:
    """To the page as it was filtered, with a message."""
    answer = RedirectResponse(f"./{wanted.as_query()}", 303)
    words = json.dumps([outcome.is_done, outcome.words[:_LONGEST_SAID]], ensure_ascii=False)
    answer.set_cookie(
        _SAID,
        base64.urlsafe_b64encode(words.encode()).decode(),
        max_age=60,
        path=f"{request.scope['root_path']}/",
        httponly=True,
        samesite="strict",
        secure=request.base_url.scheme == "https",
    )
    return answer


def _said(request: Request) -> Outcome | None:
    try:
        return Outcome(*json.loads(base64.urlsafe_b64decode(request.cookies[_SAID])))
    except (KeyError, ValueError, TypeError, binascii.Error):
        return None


def _is_allowed(check: Callable[[Request, Any], None], request: Request, user: Any) -> bool:
    try:
        check(request, user)
    except HTTPException:
        return False
    return True


def _ui_root() -> str:
    return urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/") + "/"


def _run_url(run_id: str) -> str:
    return f"{_ui_root()}dags/{DAG_ID}/runs/{quote(run_id, safe='')}"
