"""A layout that nobody has seen yet: what is new or gone is named, what may be renamed is held, and the advice is right."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
import yaml

from include.contracts.contract import FAMILIES_DIR, Contract, load_contract
from include.contracts.drift import LayoutNotice, NoticeKind, layout_notices, refuse_any_change, refuse_possible_renames
from include.contracts.errors import BadFileError, ChangedLayoutError, MissingColumnsError, PossibleRenameError
from include.contracts.header import HeaderMap, map_header, published_in

PERIOD = "2026-10"


def header_of(contract: Contract, period: str = PERIOD) -> list[str]:
    return [column.header for column in published_in(contract, period)]


def changed(contract: Contract, renamed: dict[str, str], added: Sequence[str] = (), dropped: Sequence[str] = ()) -> list[str]:
    header = [renamed.get(name, name) for name in header_of(contract) if name not in dropped]
    assert set(renamed.values()) <= set(header)
    return [*header, *added]


class EditedContract:
    """A contract's YAML as the engineer's editor has it."""

    def __init__(self, family: str) -> None:
        self.lines = (FAMILIES_DIR / f"{family}.yml").read_text(encoding="utf-8").splitlines()

    def write_into_line(self, header: str, setting: str) -> None:
        """Writes `key: value` into the column's line, in the place of what the key had before."""
        (at,) = (i for i, line in enumerate(self.lines) if f'header: "{header}"' in line)
        key = setting.partition(":")[0]
        line = re.sub(rf', {key}: (?:\[[^\]]*\]|"[^"]*")', "", self.lines[at])
        self.lines[at] = line.removesuffix("}") + f", {setting}}}"

    def add_line(self, line: str) -> None:
        self.lines.append(line)

    def read(self) -> Contract:
        return Contract.model_validate(yaml.safe_load("\n".join(self.lines)))


def taken(contract: Contract, header: list[str], period: str = PERIOD) -> HeaderMap:
    mapped = map_header(contract, header)
    refuse_possible_renames(contract, mapped, period)
    return mapped


def settings_advised(error: BadFileError) -> list[tuple[str, str]]:
    """Each `setting` into the line of "header" that the message asks for."""
    return [
        (header, setting)
        for setting, header in re.findall(r'`((?:formerly|withdrawn): [^`]+)` into the line of "([^"]+)"', str(error))
    ]


class TestNotices:
    contract = load_contract("nh_provider_info")

    def test_new_column_is_named_as_the_file_has_it(self) -> None:
        header = map_header(self.contract, changed(self.contract, {}, added=["Room Temperature"]))
        assert layout_notices(self.contract, header, PERIOD) == (LayoutNotice("Room Temperature", NoticeKind.NEW),)

    def test_column_that_is_gone_is_named_as_cms_wrote_it(self) -> None:
        header = map_header(self.contract, changed(self.contract, {}, dropped=["Telephone Number"]))
        assert layout_notices(self.contract, header, PERIOD) == (LayoutNotice("Telephone Number", NoticeKind.WITHDRAWN),)

    def test_unknown_column_that_is_like_a_missing_one_is_perhaps_that(self) -> None:
        header = map_header(self.contract, changed(self.contract, {"Geocoding Footnote": "Geocoding Foot Notes"}, ["Pets"]))
        assert set(layout_notices(self.contract, header, PERIOD)) == {
            LayoutNotice("Geocoding Foot Notes", NoticeKind.RENAMED),
            LayoutNotice("Pets", NoticeKind.NEW),
            LayoutNotice("Geocoding Footnote", NoticeKind.WITHDRAWN),
        }

    def test_column_that_cms_withdrew_long_ago_is_not_missed(self) -> None:
        assert "RN Staffing Rating" not in header_of(self.contract)
        assert layout_notices(self.contract, map_header(self.contract, header_of(self.contract)), PERIOD) == ()

    def test_column_that_is_published_again_is_no_notice(self) -> None:
        header = map_header(self.contract, changed(self.contract, {}, added=["RN Staffing Rating"]))
        assert layout_notices(self.contract, header, PERIOD) == ()


class TestPossibleRename:
    contract = load_contract("nh_provider_info")

    def test_message_names_the_likely_pair(self) -> None:
        with pytest.raises(PossibleRenameError, match="'Overall Star Rating' for 'Overall Rating'\\?") as raised:
            taken(self.contract, changed(self.contract, {"Overall Rating": "Overall Star Rating"}))
        assert raised.value.pairs == {"Overall Rating": "Overall Star Rating"}
        assert raised.value.missing == ("Overall Rating",)
        assert raised.value.unknown == ("Overall Star Rating",)

    @pytest.mark.parametrize(
        ("family", "old", "new"),
        [
            ("nh_provider_info", "Overall Rating", "Overall Star Rating"),
            ("nh_provider_info", "County/Parish", "County or Parish"),  # has had other names before
            ("nh_penalties", "Fine Amount", "Amount of Fine"),
            ("nh_health_citations", "Scope Severity Code", "Scope and Severity Code"),
        ],
    )
    def test_advice_followed_to_the_letter_takes_the_file_and_every_older_one(self, family: str, old: str, new: str) -> None:
        contract, edited = load_contract(family), EditedContract(family)
        header = changed(contract, {old: new})
        with pytest.raises(PossibleRenameError) as raised:
            taken(contract, header)
        (advised, setting), *_ = settings_advised(raised.value)
        edited.write_into_line(advised, setting)
        column = next(known for known in contract.columns if known.header == old)
        assert taken(edited.read(), header).positions[header.index(new)] == column.name
        for former in column.headers:
            older = [former if name == old else name for name in header_of(contract)]
            assert column.name in map_header(edited.read(), older).positions

    def test_advice_on_two_renamed_columns_takes_the_file(self) -> None:
        edited = EditedContract("nh_provider_info")
        header = changed(self.contract, {"QM Rating": "Quality QM Rating", "Staffing Rating": "Staffing Star Rating"})
        with pytest.raises(PossibleRenameError) as raised:
            taken(self.contract, header)
        advised = [found for found in settings_advised(raised.value) if found[1].startswith("formerly")]
        assert len(advised) == 2
        for line, setting in advised:
            edited.write_into_line(line, setting)
        assert taken(edited.read(), header).unmapped == {}

    def test_column_that_cms_withdrew_while_it_added_another_is_written_as_withdrawn(self) -> None:
        edited = EditedContract("nh_provider_info")
        header = changed(self.contract, {}, added=["Pets"], dropped=["Number of Certified Beds"])
        with pytest.raises(PossibleRenameError) as raised:
            taken(self.contract, header)
        assert raised.value.pairs == {}
        (advised, setting) = settings_advised(raised.value)[-1]
        edited.write_into_line(advised, setting)
        assert list(taken(edited.read(), header).unmapped.values()) == ["Pets"]
        assert taken(edited.read(), header_of(self.contract, "2026-09"), "2026-09").unmapped == {}
        with_beds_missing = [name for name in header if name != "Pets"]
        assert layout_notices(edited.read(), map_header(edited.read(), with_beds_missing), PERIOD) == ()

    def test_missing_column_that_gold_does_not_need_holds_nothing(self) -> None:
        assert taken(self.contract, changed(self.contract, {}, added=["Pets"], dropped=["Telephone Number"])).unmapped

    def test_missing_column_without_an_unknown_one_holds_nothing(self) -> None:
        taken(self.contract, changed(self.contract, {}, dropped=["Overall Rating"]))

    def test_renamed_key_is_refused_and_the_advice_takes_the_file(self) -> None:
        edited = EditedContract("nh_provider_info")
        header = changed(self.contract, {"CMS Certification Number (CCN)": "Facility Certification Number (CCN)"})
        with pytest.raises(MissingColumnsError) as raised:
            taken(self.contract, header)
        ((advised, setting),) = settings_advised(raised.value)
        edited.write_into_line(advised, setting)
        assert taken(edited.read(), header).unmapped == {}
        assert taken(edited.read(), header_of(self.contract)).unmapped == {}


class TestStrictSetting:
    """HEADER_DRIFT=refuse."""

    contract = load_contract("nh_penalties")

    def test_known_layout_passes(self) -> None:
        refuse_any_change(self.contract, map_header(self.contract, header_of(self.contract)), PERIOD)

    def test_new_and_missing_columns_are_refused_by_name(self) -> None:
        header = map_header(self.contract, changed(self.contract, {}, added=["Docket"], dropped=["Location"]))
        with pytest.raises(ChangedLayoutError, match=r"'Docket'.*'Location'") as raised:
            refuse_any_change(self.contract, header, PERIOD)
        assert (raised.value.unknown, raised.value.missing) == (("Docket",), ("Location",))

    def test_advice_followed_to_the_letter_takes_the_file(self) -> None:
        edited = EditedContract("nh_penalties")
        header = changed(self.contract, {}, added=["Docket"], dropped=["Location"])
        with pytest.raises(ChangedLayoutError) as raised:
            refuse_any_change(self.contract, map_header(self.contract, header), PERIOD)
        (line,) = re.findall(r"`(  - \{name: [^`]+\})`", str(raised.value))
        edited.add_line(line)
        ((advised, setting),) = settings_advised(raised.value)
        edited.write_into_line(advised, setting)
        refuse_any_change(edited.read(), map_header(edited.read(), header), PERIOD)
        refuse_any_change(edited.read(), map_header(edited.read(), header_of(self.contract, "2026-09")), "2026-09")
