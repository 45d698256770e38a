"""Gives every dbt start the project as it was parsed once: parsing and writing artifacts cost more than most models do.

`prepare()` of the embedded default, or the image build, writes the parsed project; a task then loads it in a third of a
second, or inherits it from the scheduler that forked it, and dbt goes straight to the model.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from include.cms_ingest.settings import load_settings

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest


@cache
def load_parsed_project() -> Manifest:
    from dbt.contracts.graph.manifest import Manifest  # noqa: PLC0415 - two seconds to import, never at parse time
    from dbt.parser.manifest import extended_mashumuro_decoder  # noqa: PLC0415

    parsed: Manifest = Manifest.from_msgpack(load_settings().dbt_parsed_path.read_bytes(), decoder=extended_mashumuro_decoder)
    parsed.build_flat_graph()
    return parsed


def make_dbt_runner(callbacks: list[Callable[..., Any]] | None = None) -> dbtRunner:
    from dbt.cli.main import dbtRunner  # noqa: PLC0415

    return dbtRunner(manifest=load_parsed_project(), callbacks=callbacks)


def use_parsed_project() -> None:
    """Makes Cosmos start dbt this way; it has no setting for it."""
    from cosmos.dbt import runner  # noqa: PLC0415

    runner.get_runner = make_dbt_runner
