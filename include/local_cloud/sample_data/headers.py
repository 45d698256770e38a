"""The headers of October 2024, taken from the contracts."""

from __future__ import annotations

from include.cms_contracts.contract import Column, Contract


def _of_october_2024(contract: Contract) -> tuple[Column, ...]:
    """Contracts list columns in the file order of October 2024; optional ones after the last required are of other vintages."""
    columns = [column for column in contract.columns if column.header]
    last = max(position for position, column in enumerate(columns) if not column.optional)
    return tuple(columns[: last + 1])


def _year_written(name: str, fiscal_year: int) -> int:
    """VBP compares a performance year two years back with a baseline five years back."""
    if name.startswith("baseline"):
        return fiscal_year - 5
    return fiscal_year - 2 if name.startswith("performance") else fiscal_year


def column_headers(contract: Contract, fiscal_year: int | None = None) -> dict[str, str]:
    """Our column name → the header in the file, in file order."""
    return {
        column.name: column.header.replace("{year}", str(_year_written(column.name, fiscal_year or 0)))
        for column in _of_october_2024(contract)
    }
