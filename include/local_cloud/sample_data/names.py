"""Words from which the names of facilities, towns, streets, people and companies are put together; all invented."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.object_]

_FIRST_WORDS = (
    "CEDAR", "MAPLE", "OAK", "WILLOW", "PINE", "RIVER", "LAKE", "HILL", "VALLEY", "MEADOW", "GARDEN", "SUNSET", "AUTUMN",
    "HARBOR", "HERITAGE", "PARK", "SPRING", "SUMMIT", "HIGHLAND", "PRAIRIE", "CANYON", "BROOK", "STONE", "ROSE", "GRACE",
    "LIBERTY", "CENTURY", "HAVEN", "COUNTRY", "VILLAGE", "BIRCH", "ASPEN", "MAGNOLIA", "LAUREL", "ORCHARD", "WINDSOR",
)  # fmt: skip
_SECOND_WORDS = (
    "GROVE", "RIDGE", "VIEW", "CREEK", "TERRACE", "MANOR", "COURT", "POINTE", "CREST", "WOOD", "FIELD", "SPRINGS", "PLACE",
    "LANE", "GLEN", "HOLLOW", "BEND", "FALLS", "SHORE", "GATE", "HEIGHTS", "LODGE", "BLUFFS", "KNOLL", "CROSSING", "VISTA",
)  # fmt: skip
_KINDS = (
    "HEALTH AND REHABILITATION CENTER", "NURSING HOME", "CARE CENTER", "HEALTHCARE & REHAB", "NURSING AND REHABILITATION",
    "SKILLED NURSING", "REHABILITATION & NURSING CTR", "HEALTH CARE CENTER", "LIVING CENTER", "RETIREMENT VILLAGE",
    "POST ACUTE", "NURSING & REHAB, LLC", "HOME, INC.", "CARE AND REHAB, THE", "COMMUNITY LIVING CENTER", "TRANSITIONAL CARE",
)  # fmt: skip
_STREETS = (
    "MAIN STREET", "OAK AVENUE", "CHURCH STREET", "HIGHWAY 31 NORTH", "PARK DRIVE", "MAPLE ST", "WASHINGTON AVE",
    "HOSPITAL DRIVE", "COUNTY ROAD 12", "LINCOLN WAY", "RIVER RD", "SUNSET BOULEVARD", "ELM STREET", "COLLEGE AVENUE",
    "S MONROE STREET NW", "VALLEY VIEW DRIVE", "FIRST AVE", "JEFFERSON BLVD", "LAKE SHORE DR", "NORTH GATE ROAD",
)  # fmt: skip
_TOWN_ENDS = ("VILLE", "TON", "BURG", " SPRINGS", " CITY", "FIELD", "FORD", " FALLS", "WOOD", "PORT", "DALE", " GROVE")
_LAST_NAMES = (
    "ADLER", "BAKER", "CARTER", "DIAZ", "ELLIS", "FISCHER", "GARCIA", "HUGHES", "IRWIN", "JENSEN", "KLEIN", "LOPEZ",
    "MORRIS", "NGUYEN", "OWENS", "PATEL", "QUINN", "ROSEN", "STEIN", "TURNER", "UNDERWOOD", "VARGAS", "WEISS", "YOUNG",
    "ZIMMER", "BROOKS", "COHEN", "DUNN", "FOSTER", "GREEN", "HARRIS", "JORDAN", "KELLER", "LANDRY", "MEYER", "NOLAN",
)  # fmt: skip
_FIRST_NAMES = (
    "AARON", "BETH", "CARLOS", "DANA", "ELENA", "FRANK", "GRACE", "HENRY", "IRIS", "JACOB", "KAREN", "LEON", "MARIA",
    "NATHAN", "OLIVIA", "PAUL", "RACHEL", "SAMUEL", "TERESA", "VICTOR", "WENDY", "MICHAEL", "DAVID", "SUSAN",
)  # fmt: skip
_COMPANY_ENDS = ("HOLDINGS LLC", "HEALTHCARE GROUP, LLC", "MANAGEMENT INC", "TRUST", "PARTNERS LP", "OPCO, LLC", "CORP")
#: Windows-1252 characters that are invalid UTF-8 as single bytes: 0x92 and 0x96.
APOSTROPHE, DASH = "\u2019", "\u2013"
SHARED_NAME = "MILLER'S MEADOW MANOR"


def pick(rng: np.random.Generator, words: tuple[str, ...], count: int) -> Texts:
    return np.array(words, dtype=object)[rng.integers(len(words), size=count)]


def join(*parts: Texts | str) -> Texts:
    joined: Texts = np.array("", dtype=object)
    for part in parts:
        joined = joined + part
    return joined


def numbers(rng: np.random.Generator, low: int, high: int, count: int, width: int = 0) -> Texts:
    return np.array([f"{n:0{width}d}" for n in rng.integers(low, high, size=count)], dtype=object)


def facility_names(rng: np.random.Generator, count: int) -> Texts:
    """Mostly distinct; a few have the typographic apostrophe or dash of cp1252."""
    names: Texts = join(pick(rng, _FIRST_WORDS, count), " ", pick(rng, _SECOND_WORDS, count), " ", pick(rng, _KINDS, count))
    of_town = join(pick(rng, _FIRST_WORDS, count), " ", pick(rng, _KINDS[:-6], count), " OF ", town_names(rng, count))
    names = np.where(rng.random(count) < 0.85, of_town, names)
    roll = rng.random(count)
    saint = join("SAINT ", pick(rng, _FIRST_NAMES, count), f"{APOSTROPHE}S ", pick(rng, _KINDS, count))
    dashed = join(
        pick(rng, _FIRST_WORDS, count), " ", pick(rng, _SECOND_WORDS, count), f" {DASH} ", pick(rng, _FIRST_WORDS, count)
    )
    plain = join(pick(rng, _LAST_NAMES, count), "'S ", pick(rng, _KINDS[:-6], count), " AT ", town_names(rng, count))
    chosen: Texts = np.select([roll < 0.012, roll < 0.018, roll < 0.06], [saint, dashed, plain], names)
    return chosen


def town_names(rng: np.random.Generator, count: int) -> Texts:
    return join(pick(rng, _FIRST_WORDS, count), pick(rng, _TOWN_ENDS, count))


def addresses(rng: np.random.Generator, count: int) -> Texts:
    return join(numbers(rng, 1, 9999, count), " ", pick(rng, _STREETS, count))


def people(rng: np.random.Generator, count: int) -> Texts:
    initial = pick(rng, tuple("ABCDEFGHJKLMNPRSTW"), count)
    return join(pick(rng, _LAST_NAMES, count), ", ", pick(rng, _FIRST_NAMES, count), " ", initial)


def companies(rng: np.random.Generator, count: int) -> Texts:
    return join(pick(rng, _FIRST_WORDS, count), " ", pick(rng, _SECOND_WORDS, count), " ", pick(rng, _COMPANY_ENDS, count))
