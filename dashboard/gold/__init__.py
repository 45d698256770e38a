"""The only reader of data: gold as the pipeline published it, or as Snowflake holds it.

Values always travel as bound parameters; the only names that reach SQL are constants of the KPI catalogue. Every answer is
cached under the publication's version, so a refresh that is published while someone looks is read at the next click.
"""

from __future__ import annotations

from gold.directory import (
    chains,
    counties,
    of_facility,
    ownership_types,
    search_facilities,
    states,
)
from gold.errors import GoldError, NothingPublishedError, PublicationDamagedError, TableMissingError, WarehouseDownError
from gold.loads import (
    freshness,
    incomplete_days,
    layout_notices,
    notes,
    reconciliation,
    restated_periods,
    restatements,
    unknown_codes,
)
from gold.measures import benchmark_value, benchmarks, by_facility, by_state, facility_periods, peers, periods, spread, trend
from gold.publication import Publication, current_publication, published_at, published_folder, uses_snowflake
from gold.query import require, rows
from gold.questions import overtime_proxies, staffing_and_occupancy, staffing_by_type, states_staffing_and_occupancy
from gold.scope import Scope
from gold.sections import comparison_categories, facilities_compared, rating_moves, state_rows

__all__ = [
    "GoldError",
    "NothingPublishedError",
    "Publication",
    "PublicationDamagedError",
    "Scope",
    "TableMissingError",
    "WarehouseDownError",
    "benchmark_value",
    "benchmarks",
    "by_facility",
    "by_state",
    "chains",
    "comparison_categories",
    "counties",
    "current_publication",
    "facilities_compared",
    "facility_periods",
    "freshness",
    "incomplete_days",
    "layout_notices",
    "notes",
    "of_facility",
    "overtime_proxies",
    "ownership_types",
    "peers",
    "periods",
    "published_at",
    "published_folder",
    "rating_moves",
    "reconciliation",
    "require",
    "restated_periods",
    "restatements",
    "rows",
    "search_facilities",
    "spread",
    "staffing_and_occupancy",
    "staffing_by_type",
    "state_rows",
    "states",
    "states_staffing_and_occupancy",
    "trend",
    "unknown_codes",
    "uses_snowflake",
]
