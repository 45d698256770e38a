"""Runs fakesnow's server, which speaks Snowflake's protocol over DuckDB, with the little that dbt and our COPY need and it lacks.

`python -m tests.emulators.snowflake_server PORT S3_ENDPOINT CERTIFICATE KEY`
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import boto3
import fakesnow.copy_into
import snowflake.connector.errors
import uvicorn
from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.server import app
from sqlglot import exp
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_LOGIN = "/session/v1/login-request"


def main(port: int, s3_endpoint: str, certificate: str, key: str) -> None:
    read_stages_from(s3_endpoint)
    give_temporary_tables_a_schema()
    answer_errors_as_sql_errors()
    remember_query_tags()
    refuse_on_demand()
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", ssl_certfile=certificate, ssl_keyfile=key)


def read_stages_from(s3_endpoint: str) -> None:
    """DuckDB reads s3:// by an extension that comes from elsewhere: the objects of a COPY are fetched with boto3 instead."""
    client = boto3.client("s3", endpoint_url=s3_endpoint)
    folder = Path(tempfile.mkdtemp(prefix="stage-"))
    source_urls = fakesnow.copy_into._source_urls

    def fetched(url: str) -> str:
        bucket, key = urlparse(url).netloc, urlparse(url).path.lstrip("/")
        path = folder / bucket / key
        path.parent.mkdir(parents=True, exist_ok=True)
        client.download_file(bucket, key, str(path))
        return str(path)

    def fetched_urls(source: str, files: list[str]) -> list[str]:
        return [fetched(url) if url.startswith("s3://") else url for url in source_urls(source, files)]

    fakesnow.copy_into._source_urls = fetched_urls


def give_temporary_tables_a_schema() -> None:
    """dbt names temporary tables HEALTHCARE.SILVER.…; DuckDB keeps them in a catalog of their own, so they become plain ones."""
    transform = FakeSnowflakeCursor._transform

    def transform_to_plain(self: FakeSnowflakeCursor, expression: Any, params: Any) -> Any:
        if isinstance(expression, exp.Create) and (properties := expression.args.get("properties")):
            kept = [item for item in properties.expressions if not isinstance(item, exp.TemporaryProperty)]
            properties.set("expressions", kept)
        return transform(self, expression, params)

    FakeSnowflakeCursor._transform = transform_to_plain  # type: ignore[method-assign]


def answer_errors_as_sql_errors() -> None:
    """The emulator answers what DuckDB refuses with HTTP 500, which clients try again for minutes."""
    execute = FakeSnowflakeCursor.execute

    def execute_or_say_why(self: FakeSnowflakeCursor, command: str, *args: Any, **kwargs: Any) -> FakeSnowflakeCursor:
        try:
            return execute(self, command, *args, **kwargs)
        except snowflake.connector.errors.Error:
            raise
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
            raise snowflake.connector.errors.ProgrammingError(msg=message, errno=1003, sqlstate="42000") from error

    FakeSnowflakeCursor.execute = execute_or_say_why  # type: ignore[method-assign]


def remember_query_tags() -> None:
    """`GET /query-tags`: the QUERY_TAG of every session, in the order of their sign-in. The emulator keeps no query history."""
    tags: list[str] = []
    sign_in = _endpoint(_LOGIN)

    async def remember(request: Request) -> Response:
        data = json.loads(await _sent(request))["data"]
        tags.append(data["SESSION_PARAMETERS"].get("QUERY_TAG", ""))
        response: Response = await sign_in(request)
        return response

    async def tell(_: Request) -> Response:
        return JSONResponse(tags)

    app.router.routes[:0] = [Route("/query-tags", tell, methods=["GET"]), Route(_LOGIN, remember, methods=["POST"])]


def refuse_on_demand() -> None:
    """`PUT /refusals` with a list of {matching, code, message}: the emulator knows no privileges, keys or suspended warehouses.

    A sign-in is matched as "login", a statement by its text; the answer has the shape of Snowflake's own.
    """
    refusals: list[dict[str, str]] = []

    async def order(request: Request) -> Response:
        refusals[:] = await request.json()
        return Response()

    def unless_refused(path: str, text_of: Callable[[bytes], str]) -> Route:
        answer = _endpoint(path)

        async def answer_or_refuse(request: Request) -> Response:
            text = text_of(await _sent(request))
            for refusal in refusals:
                if re.search(refusal["matching"], text, re.IGNORECASE):
                    data = {"errorCode": refusal["code"], "sqlState": "42501"}
                    answered = {"data": data, "code": refusal["code"], "message": refusal["message"], "success": False}
                    return JSONResponse(answered)
            response: Response = await answer(request)
            return response

        return Route(path, answer_or_refuse, methods=["POST"])

    app.router.routes[:] = [
        Route("/refusals", order, methods=["PUT"]),
        unless_refused(_LOGIN, lambda _: "login"),
        unless_refused("/queries/v1/query-request", lambda body: str(json.loads(body)["sqlText"])),
        *app.router.routes,
    ]


def _endpoint(path: str) -> Callable[..., Any]:
    """What answers requests for a path now."""
    route = next(route for route in app.router.routes if isinstance(route, Route) and route.path == path)
    return route.endpoint


async def _sent(request: Request) -> bytes:
    body = await request.body()
    return gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:5])
