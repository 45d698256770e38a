"""`python -m include.embedded.second_worker CONF`: lands and certifies the files of a run, from the last to the first.

`dag.test()` does one task at a time, beginning with the first file. This is a worker beside it, by the same steps and with
leases of its own: where the two meet one waits for the other, and what one has done the other passes by. It need not succeed.
What it leaves, the tasks of the run do; what it refuses, they refuse again.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import boto3

from include.cms_contracts.errors import BadFileError
from include.cms_ingest import pipeline
from include.cms_ingest.planning import Selection
from include.cms_ingest.settings import load_settings

_log = logging.getLogger("include.embedded.second_worker")  # it runs as __main__
_OWNER = "second worker of make run"
_of_thread = threading.local()  # boto3's resources are not made for several threads


def main() -> int:
    logging.basicConfig(format="%(asctime)s %(message)s")
    logging.getLogger("include").setLevel(logging.INFO)
    work = pipeline.plan(_connect(), Selection.of(json.loads(sys.argv[1]))).work
    # One call a file: an interrupt waits for the files in hand and gives up the others.
    with ThreadPoolExecutor(load_settings().files_at_once - 1, initializer=_equip_thread) as pool:
        for _ in pool.map(_ingest, map(asdict, reversed(work))):
            pass
    return 0


def _equip_thread() -> None:
    _of_thread.services = _connect()


def _connect() -> pipeline.Services:
    session = boto3.Session()
    return pipeline.connect(load_settings(), session.client("s3"), session.resource("dynamodb"))


def _ingest(file: Mapping[str, Any]) -> None:
    try:
        pipeline.land(_of_thread.services, file, _OWNER)
        pipeline.certify(_of_thread.services, file, _OWNER)
    except BadFileError as error:
        _log.info("refused %s: %s", file["name"], error)
    except Exception:  # noqa: BLE001 - whatever it is, the run's own task meets it too, and tells it
        _log.info("left %s to the run", file["name"], exc_info=True)


if __name__ == "__main__":
    raise SystemExit(main())
