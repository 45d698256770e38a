"""Whatever CMS does to a header (adds, drops, renames, reorders, other letters): no cell of the file gets lost unseen."""

from __future__ import annotations

import string
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.contracts.contract import Contract, load_contracts
from include.contracts.drift import NoticeKind, layout_notices, refuse_possible_renames
from include.contracts.errors import BadFileError, DoubledColumnsError, MissingColumnsError, PossibleRenameError
from include.contracts.header import HeaderMap, map_header
from tests.contracts.test_header import LATE_2024, header_of

CONTRACTS = {contract.family: contract for contract in load_contracts()}
ODD = ["", "Color", "Color (column 1)", "Color (column 2)", "(column 3)", "Location", "abuse_icon"]
WORDS = st.text(alphabet=string.ascii_letters + string.digits + " _-/()%", max_size=20) | st.sampled_from(ODD)
RECASED = (str.lower, str.upper, str.title, lambda name: name.replace(" ", "_"), lambda name: name.replace("-", ""))


@st.composite
def changed_headers(draw: st.DrawFn) -> tuple[str, list[str], dict[str, str]]:
    """A family, a header that has changed, and for each name that means a column still, that column."""
    family = draw(st.sampled_from(sorted(CONTRACTS)))
    known = dict(zip(header_of(family), map_header(CONTRACTS[family], header_of(family)).positions, strict=True))
    header = [(name, column) for name, column in known.items() if draw(st.integers(0, 9))]
    header = [(draw(st.sampled_from(RECASED))(name), column) for name, column in header]
    renamed = draw(st.lists(st.integers(0, max(0, len(header) - 1)), max_size=3))
    header = [(draw(WORDS), "") if at in renamed else pair for at, pair in enumerate(header)]
    header += [(name, "") for name in draw(st.lists(WORDS, max_size=4))]
    header = draw(st.permutations(header))
    return family, [name for name, _ in header], {name: column for name, column in header if column}


@settings(max_examples=300, deadline=None)
@given(changed_headers())
def test_each_column_is_mapped_or_kept_as_unknown_or_the_refusal_names_it(case: tuple[str, list[str], dict[str, str]]) -> None:
    family, header, expected = case
    contract = CONTRACTS[family]
    try:
        mapped = map_header(contract, header)
    except BadFileError as refused:
        refusal_names_what_is_wrong(refused, contract, header)
        return
    assert len(mapped.positions) == len(set(mapped.positions)) == len(header)
    assert set(mapped.positions) - set(contract.column_names) == set(mapped.unmapped)
    assert len(set(mapped.unmapped.values())) == len(mapped.unmapped)  # they are the keys of one JSON object
    for name, position in zip(header, mapped.positions, strict=True):
        assert position == expected[name] if name in expected else position in mapped.unmapped or name.strip()
        assert position not in mapped.unmapped or name.strip() in mapped.unmapped[position]
    drift_is_named(contract, mapped)


def refusal_names_what_is_wrong(refused: BadFileError, contract: Contract, header: list[str]) -> None:
    if isinstance(refused, MissingColumnsError):
        required = {column.header for column in contract.columns if column.required}
        assert refused.missing
        assert set(refused.missing) <= required
        assert not set(refused.missing) & set(header)
        assert all(repr(name) in str(refused) for name in refused.missing)
    elif isinstance(refused, DoubledColumnsError):
        assert any(repr(name) in str(refused) for name in header)
    else:
        assert refused.code == "no_header"


def drift_is_named(contract: Contract, mapped: HeaderMap) -> None:
    period = LATE_2024[contract.period.kind]
    notices = layout_notices(contract, mapped, period)
    unknown = [notice.column_name for notice in notices if notice.kind is not NoticeKind.WITHDRAWN]
    assert Counter(unknown) == Counter(mapped.unmapped.values())
    gone = {notice.column_name for notice in notices if notice.kind is NoticeKind.WITHDRAWN}
    missing = {
        column.header for column in contract.columns if column.is_published_in(period) and column.name not in mapped.mapped
    }
    assert gone == missing
    feeding = {column.header for column in contract.columns if column.feeds_gold}
    if unknown and missing & feeding:
        with pytest.raises(PossibleRenameError) as held:
            refuse_possible_renames(contract, mapped, period)
        assert set(held.value.missing) == missing & feeding
        assert set(held.value.unknown) == set(unknown)
    else:
        refuse_possible_renames(contract, mapped, period)
