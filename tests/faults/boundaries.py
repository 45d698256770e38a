"""Names every point at which a worker touches the outside world, so that a test can kill or halt it exactly there.

Installed in a worker's own process, around the libraries that the product uses: each call of S3, DynamoDB and Drive, each
SQL statement, each change of the file system. The product knows nothing of it.
"""

from __future__ import annotations

import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Reached = Callable[[str], None]

_RANDOM_NAMES = (
    (re.compile(r"\d{8}T\d{12}Z"), "<version>"),
    (re.compile(r"(\.partial)\.\w+$"), r"\1.<random>"),
    (re.compile(r"certify-\w+"), "certify-<random>"),
    (re.compile(r"stage/(bronze|rejects)/\w+/[\w-]+/\w+(\.parquet)"), r"stage/\1/<file>\2"),
    (re.compile(r"mkdir stage/.+"), "mkdir stage/<folder>"),
)
_FILE_EVENTS = {
    "os.rename": "rename",
    "os.symlink": "symlink",
    "os.mkdir": "mkdir",
    "os.remove": "remove",
    "shutil.rmtree": "rmtree",
}
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_FOLDERS = re.compile(r"'/[^']*/")
_TEMPORARY_SINCE = re.compile(r"(?<=__dbt_tmp)\d+")
_LONGEST_SQL = 70


class Boundaries:
    """Counts the boundaries by name: the n-th `before S3 PutObject` is one point of the code, run after run."""

    def __init__(self, reached: Reached, home: Path) -> None:
        self._reached, self._home = reached, home
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._inside = threading.local()

    def install(self) -> None:
        self._watch_aws()
        self._watch_drive()
        self._watch_sql()
        sys.addaudithook(self._on_audit)

    def pass_by(self, name: str) -> None:
        with self._lock:
            self._seen[name] += 1
            times = self._seen[name]
        self._reached(name if times == 1 else f"{name} ({times})")

    @contextmanager
    def _around(self, name: str) -> Iterator[None]:
        self.pass_by(f"before {name}")
        yield
        self.pass_by(f"after {name}")

    def _watch_aws(self) -> None:
        import botocore.client

        client_class: Any = botocore.client.BaseClient
        call = client_class._make_api_call

        def watched(client: Any, operation: str, arguments: Mapping[str, Any]) -> Any:
            with self._around(aws_call(client.meta.service_model.service_id, operation, arguments)):
                return call(client, operation, arguments)

        client_class._make_api_call = watched

    def _watch_drive(self) -> None:
        import httplib2

        http_class: Any = httplib2.Http
        request = http_class.request

        def watched(http: Any, uri: str, *arguments: Any, **named: Any) -> Any:
            with self._around(drive_call(uri)):
                return request(http, uri, *arguments, **named)

        http_class.request = watched

    def _watch_sql(self) -> None:
        import duckdb
        from dbt.adapters.duckdb.environments import local

        cursor_class: Any = local.DuckDBCursorWrapper
        module: Any = duckdb
        execute, connect = cursor_class.execute, module.connect

        def watched(cursor: Any, sql: str, bindings: Any = None) -> Any:
            if not changes_something(sql):
                return execute(cursor, sql, bindings)
            with self._around(short_sql(sql)):
                return execute(cursor, sql, bindings)

        def connected(*path: str, **options: Any) -> Any:
            connection = connect(*path, **options)
            return WatchedConnection(connection, self) if options.get("read_only") else connection

        cursor_class.execute = watched
        module.connect = connected

    def _on_audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _FILE_EVENTS or getattr(self._inside, "audit", False):
            return
        path = str(arguments[1] if event in ("os.rename", "os.symlink") else arguments[0])
        if not path.startswith(str(self._home)) or "/dbt/" in path or path.endswith(".lock"):
            return
        self._inside.audit = True
        try:
            place = path[len(str(self._home)) + 1 :] or "home"
            self.pass_by(without_random_names(f"before {_FILE_EVENTS[event]} {place}"))
        finally:
            self._inside.audit = False


class WatchedConnection:
    """A read-only DuckDB connection whose every statement is a boundary: publication exports by statement."""

    def __init__(self, connection: Any, boundaries: Boundaries) -> None:
        self._connection, self._boundaries = connection, boundaries

    def execute(self, sql: str, *arguments: Any) -> Any:
        with self._boundaries._around(without_random_names(short_sql(sql))):
            return self._connection.execute(sql, *arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def aws_call(service: str, operation: str, arguments: Mapping[str, Any]) -> str:
    """`DynamoDB UpdateItem status=LANDED`: the same operation does different things."""
    name = f"{service} {operation}"
    if operation == "UpdateItem":
        return f"{name} {_what_it_writes(arguments)}"
    if operation in ("PutObject", "GetObject", "HeadObject") and "/" in str(arguments.get("Key")):
        return f"{name} {str(arguments['Key']).split('/', 1)[0]}/"
    return name


def _what_it_writes(arguments: Mapping[str, Any]) -> str:
    values = arguments.get("ExpressionAttributeValues", {})
    written = {name: values.get(alias.replace("#", ":")) for alias, name in arguments["ExpressionAttributeNames"].items()}
    if written.get("status"):
        status = str(written["status"])
        return f"upload_id (status={status})" if "upload_id" in written else f"status={status}"
    if "lease_owner" in written:
        return "lease taken" if written["lease_owner"] is not None else "lease given back"
    return "lease renewed"


def drive_call(uri: str) -> str:
    if "alt=media" in uri:
        return "Drive files.get alt=media"
    if "/files?" in uri:
        return "Drive files.list"
    return "Drive token" if uri.endswith("/token") else "Drive files.get"


def changes_something(sql: str) -> bool:
    """Whether a kill around it can matter: introspection leaves nothing behind."""
    words = _COMMENT.sub(" ", sql).split()
    return bool(words) and words[0].lower() not in ("select", "with", "pragma", "describe", "set", "use", "show")


def short_sql(sql: str) -> str:
    text = " ".join(_COMMENT.sub(" ", sql).replace('"', "").replace("warehouse.", "").split())
    text = _TEMPORARY_SINCE.sub("", _FOLDERS.sub("'", text))
    return text[:_LONGEST_SQL].strip().rstrip("(").strip()


def without_random_names(text: str) -> str:
    for pattern, name in _RANDOM_NAMES:
        text = pattern.sub(name, text)
    return text
