"""The ratios of gold as SQL, as gold's table `measures` states them."""

from __future__ import annotations

from gold.errors import PublicationDamagedError
from gold.publication import Publication
from gold.query import require, rows


def ratio(publication: Publication, measure: str, relation: str) -> str:
    """The measure of one row of a relation."""
    numerator, denominator, scale, _ = _stated(publication, measure)
    return f"{scale} * {relation}.{numerator} / nullif({relation}.{denominator}, 0)"


def ratio_of_sums(publication: Publication, measure: str, relation: str = "f") -> str:
    """The measure of many rows: every unit of the denominator weighs the same, so that a large facility weighs more."""
    numerator, denominator, scale, needs_denominator = _stated(publication, measure)
    above, below = f"{relation}.{numerator}", f"{relation}.{denominator}"
    if needs_denominator:
        above = f"case when {below} is not null then {above} end"
    return f"{scale} * sum({above}) / nullif(sum({below}), 0)"


def _stated(publication: Publication, measure: str) -> tuple[str, str, float, bool]:
    """Numerator, denominator and scale of a measure, and whether a row needs its denominator to count."""
    sql = f"select numerator, denominator, scale, needs_denominator from {require(publication, 'measures')} where measure = ?"
    found = rows(publication, sql, [measure])
    if len(found) != 1 or not all(str(found[name].iloc[0]).isidentifier() for name in ("numerator", "denominator")):
        raise PublicationDamagedError(f"table `measures` does not say how `{measure}` is computed")
    numerator, denominator, scale, needs_denominator = found.iloc[0]
    return str(numerator), str(denominator), float(scale), bool(needs_denominator)
