"""The contracts themselves: consistent, and read strictly."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from include.contracts.contract import LINEAGE_COLUMNS, Contract, load_contract, load_contracts
from include.contracts.families import FAMILY_NAMES
from include.contracts.file_name import period_in_name
from include.contracts.header import fold
from include.contracts.periods import days_of


def test_family_names_are_those_of_the_contracts() -> None:
    assert tuple(contract.family for contract in load_contracts()) == FAMILY_NAMES
    assert len(FAMILY_NAMES) == 21


def test_no_two_columns_of_a_family_claim_one_header() -> None:
    for contract in load_contracts():
        headers = [fold(header) for column in contract.columns for header in set(map(fold, column.headers))]
        assert len(headers) == len(set(headers)), contract.family


def test_every_required_column_has_a_header() -> None:
    for contract in load_contracts():
        assert all(column.headers or column.header_year_of for column in contract.columns), contract.family


def test_column_names_are_plain_sql_names_and_no_lineage_names() -> None:
    names = [name for contract in load_contracts() for name in contract.column_names]
    assert not [name for name in names if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name in LINEAGE_COLUMNS]


def test_only_families_that_cms_has_withdrawn_have_no_dataset_id_and_no_two_share_one() -> None:
    ids = {contract.family: contract.dataset_id for contract in load_contracts()}
    assert [family for family in ids if ids[family] is None] == ["nh_covid_vax_averages", "nh_covid_vax_provider"]
    assert len(set(ids.values())) == len(ids) - 1


def test_periods_of_columns_are_written_as_the_family_writes_them_and_in_order() -> None:
    for contract in load_contracts():
        for column in contract.columns:
            told = [period for period in (column.since, column.withdrawn) if period]
            assert all(period_in_name(period, contract.period.kind) == period for period in told), (contract.family, column.name)
            assert told == sorted(told, key=days_of), (contract.family, column.name)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"key": ("ccn", "no_such_column")}, "no_such_column"),
        ({"key": ("provider_name",)}, "provider_name"),
        ({"repeats": "twins"}, "repeats"),
        ({"period": {"kind": "month", "column": "gone"}}, "gone"),
        ({"columns": ({"name": "ccn", "type": "ccn", "header": "A"}, {"name": "ccn", "type": "text", "header": "B"})}, "twice"),
        ({"columns": ({"name": "ccn", "type": "serial", "header": "A"},)}, "type"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_contract_with_a_slip_is_not_read(change: dict[str, object], complaint: str) -> None:
    whole = load_contract("nh_penalties").model_dump()
    with pytest.raises(ValidationError, match=complaint):
        Contract.model_validate({**whole, **change})
