"""Which facilities a view covers, and the SQL condition for them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from geography import NATION

Condition = tuple[str, list[str]]  # SQL with question marks, and the values in their places
_ANY = "1 = 1"


@dataclass(frozen=True)
class Scope:
    """Which facilities a view covers."""

    state: str = NATION
    county: str = ""
    ownership: str = ""
    chain: str = ""
    ccn: str = ""

    @property
    def is_nation(self) -> bool:
        """Every facility of the country."""
        return self == Scope()

    @property
    def by_facility(self) -> bool:
        """True when facilities must be added up, because there are no state rows for the scope."""
        return bool(self.county or self.ownership or self.chain or self.ccn)


def facility_condition(scope: Scope) -> Condition:
    """Which rows `f` of a facility table belong to the scope."""
    chosen, values = directory_condition(replace(scope, state=NATION))
    of_directory = f"f.ccn in (select ccn from facilities where {chosen})" if values else ""
    own, parameters = _all_of((scope.ccn, "f.ccn = ?"), (_one_state(scope), "f.state = ?"))
    return " and ".join(part for part in (own, of_directory) if part) or _ANY, [*parameters, *values]


def directory_condition(scope: Scope) -> Condition:
    """Which rows of `facilities` belong to the scope."""
    condition, parameters = _all_of(
        (_one_state(scope), "state = ?"),
        (scope.county, "county_name = ?"),
        (scope.ownership, "? in (ownership_group, ownership_type)"),
        (scope.chain, "chain_id = ?"),
    )
    return condition or _ANY, parameters


def _one_state(scope: Scope) -> str:
    return "" if scope.state == NATION else scope.state


def _all_of(*asked: tuple[str, str]) -> Condition:
    """The conditions whose value is given, and these values; no text when there are none."""
    given = [(value, condition) for value, condition in asked if value]
    return " and ".join(condition for _, condition in given), [value for value, _ in given]
