"""dbt's own unit tests, which the pipeline leaves out: no new file can break them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.dbt_healthcare.conftest import Warehouse, failures


def test_every_dbt_unit_test_passes(new_warehouse: Callable[[], Warehouse]) -> None:
    result = new_warehouse().dbt("build", options=["--exclude-resource-type", "test"])
    assert failures(result) == []
    ended: Any = result.result
    assert sum(run.node.resource_type == "unit_test" for run in ended.results) > 40
