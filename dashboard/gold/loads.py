"""How the data got here: every file version, hop by hop, and how fresh each family is."""

from __future__ import annotations

import pandas as pd

from gold.publication import Publication
from gold.query import require, rows


def reconciliation(publication: Publication) -> pd.DataFrame:
    """Every file version that was loaded, hop by hop."""
    table = require(publication, "data_reconciliation")
    return rows(publication, f"select * from {table} order by balanced, family, period desc, loaded_at desc")


def freshness(publication: Publication) -> pd.DataFrame:
    """The newest period of each family, overdue first."""
    return rows(publication, f"select * from {require(publication, 'data_freshness')} order by is_overdue desc, family")
