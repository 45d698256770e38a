"""How large a sample is: how many facilities, PBJ quarters and monthly vintages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from local.sample.calendars import Quarter, Vintage

#: Fewer could not fill the states of the small world.
_FEWEST_FACILITIES = 60
#: Rows of ProviderInfo in October 2024.
GENUINE_FACILITIES = 14_814
_OLDEST = Vintage.parse("2020-09")


@dataclass(frozen=True)
class Era:
    """What the sample has of a vintage of another layout; `zips`: how many archives its files lie in."""

    vintage: Vintage
    families: tuple[str, ...]
    zips: int


#: The short codes of 2019; penalties while CMS listed some twice without telling them apart; the layout of 2026.
ERAS = (
    Era(
        Vintage.parse("2019-11"),
        (
            "nh_provider_info", "nh_penalties", "nh_health_citations", "nh_quality_msr_mds", "nh_survey_summary",
            "nh_state_us_averages",
        ),
        zips=2,
    ),
    Era(Vintage.parse("2026-02"), ("nh_penalties",), zips=0),
    Era(
        Vintage.parse("2026-07"),
        (
            "nh_provider_info", "nh_penalties", "nh_health_citations", "nh_quality_msr_mds", "nh_quality_msr_claims",
            "nh_survey_summary", "nh_state_us_averages", "snf_vbp_facility_performance",
        ),
        zips=1,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class SampleSize:
    """`facilities` counts the rows of the newest ProviderInfo; `end` is the newest PBJ quarter.

    `vintages`: how many monthly releases up to four months after `end`; `has_eras`: the vintages of ERAS as well.
    """

    facilities: int = 120
    quarters: int = 2
    vintages: int = 3
    seed: int = 20241001
    end: str = "2024Q2"
    has_eras: bool = False

    def __post_init__(self) -> None:
        if self.facilities < _FEWEST_FACILITIES or self.quarters < 1 or self.vintages < 1:
            raise ValueError(f"A sample needs {_FEWEST_FACILITIES} facilities, one quarter and one vintage at least: {self}")
        if self.newest.earlier(self.vintages - 1) < _OLDEST:
            raise ValueError(f"Before {_OLDEST.label} CMS's files had no month in the name; ask for fewer vintages: {self}")

    @classmethod
    def small(cls) -> Self:
        return cls(vintages=2, has_eras=True)

    @classmethod
    def full(cls) -> Self:
        return cls(facilities=GENUINE_FACILITIES, quarters=1, vintages=1)

    @property
    def newest(self) -> Vintage:
        return Vintage.newest_for(Quarter.parse(self.end))

    @property
    def shown(self) -> tuple[Vintage, ...]:
        """Every vintage of the sample, oldest first."""
        own = (self.newest.earlier(back) for back in range(self.vintages))
        return tuple(sorted({*own, *(era.vintage for era in ERAS if self.has_eras)}))

    @property
    def months_before(self) -> int:
        """From the oldest vintage to the newest of `end`, both counted."""
        return self.newest.index - self.shown[0].index + 1

    @property
    def months_after(self) -> int:
        return self.shown[-1].index - self.newest.index

    @property
    def share(self) -> float:
        """Of the genuine facilities."""
        return self.facilities / GENUINE_FACILITIES

    def _monthly(self, a_month: float, months: int, always: int) -> list[int]:
        """Counts of an event in each month, newest first; at least one in each of the newest `always` months."""
        totals = [round(a_month * self.share * (month + 1)) for month in range(months)]
        counts = [now - before for now, before in zip(totals, [0, *totals[:-1]], strict=True)]
        return [max(count, 1) if month < always else count for month, count in enumerate(counts)]

    def closures(self) -> list[int]:
        """17 a quarter in the genuine world: those that PBJ of the newest quarter still has and ProviderInfo has not."""
        return self._monthly(17 / 3, months=max(48, self.months_before), always=4)

    def openings(self) -> list[int]:
        """Facilities too new to be rated: 56 in the genuine ProviderInfo."""
        return self._monthly(56 / 15, months=15, always=3)

    def renames(self) -> list[int]:
        """182 to 424 names change in a quarter."""
        return self._monthly(300 / 3, months=max(24, self.months_before), always=6)

    def sales(self) -> list[int]:
        """388 facilities changed ownership in the last twelve months."""
        return self._monthly(388 / 12, months=max(24, self.months_before), always=4)
