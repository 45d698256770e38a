"""Starts dbt in this process with the project as it was parsed once: parsing costs more than most models do.

`prepare()` of the embedded default, or the image build, writes the parsed project; a process then loads it in a third of
a second, or inherits it from the scheduler that forked it, and dbt goes straight to the work.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from include.cms_ingest.settings import load_settings

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest


@cache
def load_parsed_project() -> Manifest | None:
    """None where nobody has parsed the project: dbt then does it by itself."""
    from dbt.contracts.graph.manifest import Manifest  # noqa: PLC0415 - two seconds to import, never at parse time
    from dbt.parser.manifest import extended_mashumuro_decoder  # noqa: PLC0415

    path = load_settings().dbt_parsed_path
    if not path.exists():
        return None
    parsed: Manifest = Manifest.from_msgpack(path.read_bytes(), decoder=extended_mashumuro_decoder)
    parsed.build_flat_graph()  # type: ignore[no-untyped-call]  # dbt's own
    gc.freeze()  # it lives as long as the process: the collection that Cosmos makes after each start need not look at it
    return parsed


def make_dbt_runner(callbacks: list[Callable[..., Any]] | None = None) -> dbtRunner:
    from dbt.cli.main import dbtRunner  # noqa: PLC0415

    return dbtRunner(manifest=load_parsed_project(), callbacks=callbacks)
