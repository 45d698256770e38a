"""The cells of the fixtures under `eras`: each column has a value of its own, so that a cell in the wrong column is seen."""

from __future__ import annotations

from datetime import date, timedelta
from zlib import crc32

from include.contracts.contract import Column, ColumnType, Contract
from include.contracts.periods import days_of


def invented_cell(contract: Contract, column: Column, period: str) -> str:
    """What the one row of a fixture holds in this column."""
    if column.name == contract.period.column:
        return period if column.type is ColumnType.TEXT else days_of(period)[0].isoformat()
    own = crc32(column.name.encode())
    day = date(2010, 1, 1) + timedelta(days=own % 3000)
    whole, parts = str(own % 100_000), f"{own % 100_000 / 100:.2f}"
    cells = {
        ColumnType.CCN: "01A193",
        ColumnType.STATE: "AL",
        ColumnType.FLAG: "YN"[own % 2],
        ColumnType.DATE: day.isoformat(),
        ColumnType.INTEGER: whole,
        ColumnType.FOOTNOTE: whole,
        ColumnType.NUMBER: parts,
        ColumnType.HOURS: parts,
        ColumnType.USD: parts,
        ColumnType.TEXT: column.name,
    }
    return cells[column.type]
