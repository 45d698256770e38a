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


def main(port: int, s3_endpoint: str, certificate: str, key: str) -> None:
    read_stages_from(s3_endpoint)
    give_temporary_tables_a_schema()
    answer_errors_as_sql_errors()
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


def refuse_on_demand() -> None:
    """`PUT /refusals` with a list of {matching, code, message}: the emulator knows no privileges, keys or suspended warehouses.

    A sign-in is matched as "login", a statement by its text; the answer has the shape of Snowflake's own.
    """
    refusals: list[dict[str, str]] = []
    routes = {route.path: route for route in app.router.routes if isinstance(route, Route)}

    async def order(request: Request) -> Response:
        refusals[:] = await request.json()
        return Response()

    def unless_refused(path: str, text_of: Callable[[bytes], str]) -> Route:
        answer = routes[path].endpoint

        async def answer_or_refuse(request: Request) -> Response:
            body = await request.body()
            text = text_of(gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body)
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
        unless_refused("/session/v1/login-request", lambda _: "login"),
        unless_refused("/queries/v1/query-request", lambda body: str(json.loads(body)["sqlText"])),
        *app.router.routes,
    ]


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:5])
