"""The dbt project, parsed once per process and per state of its files: parsing costs more than most models do.

`python -m include.warehouse.dbt_project` parses it before Airflow starts. A file that changes later (a model that somebody on
call has fixed) is noticed by the next dbt start, which parses what has changed and leaves the result for all others.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from filelock import FileLock

from include.settings import Settings, load_settings

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner, dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

_log = logging.getLogger(__name__)
_SUFFIXES = (".sql", ".yml", ".csv", ".md")
_MADE_BY_DBT = {"target", "logs"}
# dbt parses everything again when one of these differs from the last time, although only what it runs reads them.
_READ_BY_RUNS_ONLY = {"HEALTHCARE_HOME": ".", "DUCKDB_MEMORY_LIMIT": "", "SNOWFLAKE_STAGE": "", "SNOWFLAKE_LOADER_ROLE": ""}


def parse_project(settings: Settings) -> Manifest | None:
    """The project as its files are now, for dbt to start with; None when dbt cannot parse it.

    Parsing begins with what an earlier process left in the home, and leaves its own result there when a file has changed.
    """
    return _parse_project(settings, project_fingerprint(settings))


def forget_parsed_project() -> None:
    """The next start of dbt in this process reads the project again."""
    _parse_project.cache_clear()


def is_parsed(settings: Settings) -> bool:
    """Whether the files are those that were parsed."""
    return _is_parsed(settings, project_fingerprint(settings))


def project_fingerprint(settings: Settings) -> str:
    """Of the contents of all files: an older copy that is put back keeps its old date."""
    digest = hashlib.md5(settings.dbt_target.encode(), usedforsecurity=False)
    for path in _project_files(str(settings.dbt_dir)):
        digest.update(path.removeprefix(str(settings.dbt_dir)).encode())
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()


def result_of(runner: dbtRunner, arguments: Sequence[str]) -> dbtRunnerResult:
    """Raises what ended dbt from outside, a timeout or Ctrl-C: dbt returns it, or what went wrong while it stopped."""
    result = runner.invoke(list(arguments))
    error = result.exception
    while isinstance(error, Exception):
        error = error.__cause__ or error.__context__
    if error:
        raise error
    return result


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Sets environment variables, which dbt reads its profile from, and puts back what was there."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@lru_cache(maxsize=1)
def _parse_project(settings: Settings, fingerprint: str) -> Manifest | None:
    """`fingerprint` is of the files before: a file that changes meanwhile is noticed the next time."""
    settings.dbt_target_dir.mkdir(parents=True, exist_ok=True)
    with FileLock(settings.dbt_target_dir / "parse.lock"), tempfile.TemporaryDirectory(dir=settings.dbt_target_dir) as folder:
        is_known, fresh = _is_parsed(settings, fingerprint), Path(folder)
        parsed = _parse(settings, fresh, write_manifest=not is_known)
        if parsed and not is_known:
            (fresh / _stamp(settings).name).write_text(fingerprint, encoding="utf-8")
            for path in _made_by_parsing(settings):
                (fresh / path.name).replace(path)
    return parsed


def _parse(settings: Settings, target: Path, *, write_manifest: bool) -> Manifest | None:
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - two seconds to import, never at parse time

    if settings.dbt_parsed_path.exists():
        shutil.copy(settings.dbt_parsed_path, target)  # from here dbt knows what has not changed
    flags = ["--quiet"] if write_manifest else ["--quiet", "--no-write-json"]
    where = ["--project-dir", str(settings.dbt_dir), "--profiles-dir", str(settings.dbt_dir), "--target", settings.dbt_target]
    output = ["--target-path", str(target), "--log-path", str(settings.dbt_target_dir / "logs")]
    with redirect_stdout(io.StringIO()), environment(_READ_BY_RUNS_ONLY):
        result = result_of(dbtRunner(), [*flags, "parse", *where, *output])
    if not result.success:
        _log.error("dbt cannot parse the project: %s", result.exception)
        return None
    return cast("Manifest", result.result)


def _is_parsed(settings: Settings, fingerprint: str) -> bool:
    is_complete = all(path.exists() for path in _made_by_parsing(settings))
    return is_complete and _stamp(settings).read_text(encoding="utf-8") == fingerprint


def _made_by_parsing(settings: Settings) -> tuple[Path, ...]:
    return settings.dbt_manifest_path, settings.dbt_parsed_path, _stamp(settings)


def _stamp(settings: Settings) -> Path:
    return settings.dbt_target_dir / "fingerprint"


def _project_files(dbt_dir: str) -> list[str]:
    found: list[str] = []
    for folder, folders, names in os.walk(dbt_dir):
        folders[:] = [name for name in folders if name not in _MADE_BY_DBT]
        found += [f"{folder}/{name}" for name in names if name.endswith(_SUFFIXES) and not name.startswith(".")]
    return sorted(found)


if __name__ == "__main__":
    raise SystemExit(0 if parse_project(load_settings()) else 1)
