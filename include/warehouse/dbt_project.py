"""The dbt project as it was parsed: parsing takes seconds, so it is done once for each state of the project's files.

`python -m include.warehouse.dbt_project` does it before Airflow starts. A file that changes later (a model that somebody on
call has mended) is noticed by the next dbt start, which parses what has changed and leaves the result for all others.
"""

from __future__ import annotations

import gc
import hashlib
import io
import logging
import os
import shutil
import tempfile
from contextlib import redirect_stdout
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from include.settings import Settings, load_settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

_log = logging.getLogger(__name__)
_SUFFIXES = (".sql", ".yml", ".csv", ".md")
_MADE_BY_DBT = {"target", "logs"}


def load_parsed_project(settings: Settings | None = None) -> Manifest | None:
    """The project as its files are now; None where nobody has parsed it yet, or where it cannot be: dbt then says why."""
    settings = settings or load_settings()
    if not settings.dbt_parsed_path.exists():
        return None
    if not is_parsed(settings) and not parse_project(settings):
        return None
    return _read_parsed_project(settings.dbt_parsed_path, _stamp(settings).read_text(encoding="utf-8"))


def is_parsed(settings: Settings) -> bool:
    """Whether the files are those that were parsed. Their contents tell: an older copy that is put back keeps its old date."""
    stamp = _stamp(settings)
    return (
        settings.dbt_parsed_path.exists()
        and stamp.exists()
        and stamp.read_text(encoding="utf-8") == project_fingerprint(settings)
    )


def project_fingerprint(settings: Settings) -> str:
    digest = hashlib.md5(settings.dbt_target.encode(), usedforsecurity=False)
    for path in _project_files(str(settings.dbt_dir)):
        digest.update(path.removeprefix(str(settings.dbt_dir)).encode())
        with open(path, "rb") as file:  # noqa: PTH123 - every dbt task looks: this takes half the time of Path
            digest.update(file.read())
    return digest.hexdigest()


def parse_project(settings: Settings) -> bool:
    """Writes manifest, parsed project and fingerprint, each in one step; whether dbt could parse it."""
    settings.dbt_target_dir.mkdir(parents=True, exist_ok=True)
    with FileLock(settings.dbt_target_dir / "parse.lock"), tempfile.TemporaryDirectory(dir=settings.dbt_target_dir) as fresh:
        if is_parsed(settings):
            return True
        fingerprint = project_fingerprint(settings)  # before: a file that changes meanwhile is noticed the next time
        if not _parse(settings, Path(fresh)):
            return False
        stamp = Path(fresh) / _stamp(settings).name
        stamp.write_text(fingerprint, encoding="utf-8")
        for name in (settings.dbt_manifest_path.name, settings.dbt_parsed_path.name, stamp.name):
            (Path(fresh) / name).replace(settings.dbt_target_dir / name)
    return True


def _parse(settings: Settings, target: Path) -> bool:
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - two seconds to import, never at parse time

    if settings.dbt_parsed_path.exists():
        shutil.copy(settings.dbt_parsed_path, target)  # from here dbt knows what has not changed
    where = ["--project-dir", str(settings.dbt_dir), "--profiles-dir", str(settings.dbt_dir), "--target", settings.dbt_target]
    output = ["--target-path", str(target), "--log-path", str(settings.dbt_target_dir / "logs")]
    with redirect_stdout(io.StringIO()):
        result = dbtRunner().invoke(["--quiet", "parse", *where, *output])
    if not result.success:
        _log.error("dbt cannot parse the project: %s", result.exception)
    return bool(result.success)


@lru_cache(maxsize=1)
def _read_parsed_project(path: Path, fingerprint: str) -> Manifest:  # noqa: ARG001 - what is cached is of one state of the files
    from dbt.contracts.graph.manifest import Manifest  # noqa: PLC0415
    from dbt.parser.manifest import extended_mashumuro_decoder  # noqa: PLC0415

    parsed: Manifest = Manifest.from_msgpack(path.read_bytes(), decoder=extended_mashumuro_decoder)
    parsed.build_flat_graph()  # type: ignore[no-untyped-call]  # dbt's own
    gc.freeze()  # it lives as long as the process: the collection that Cosmos makes after each start need not look at it
    return parsed


def _project_files(dbt_dir: str) -> list[str]:
    found: list[str] = []
    for folder, folders, names in os.walk(dbt_dir):
        folders[:] = [name for name in folders if name not in _MADE_BY_DBT]
        found += [f"{folder}/{name}" for name in names if name.endswith(_SUFFIXES) and not name.startswith(".")]
    return sorted(found)


def _stamp(settings: Settings) -> Path:
    return settings.dbt_target_dir / "fingerprint"


if __name__ == "__main__":
    raise SystemExit(0 if parse_project(load_settings()) else 1)
