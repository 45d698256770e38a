"""KPI 7: resident days, census and occupancy."""

from __future__ import annotations

from kpi_catalogue.model import PBJ, PROVIDER, Benchmark, Kpi, Measure, Series, added_up
from units import PERCENT, RESIDENT_DAYS, RESIDENTS

_OCCUPANCY_STATE = "staffing_occupancy_by_state_month"
_THROUGHPUT = "kpi_resident_throughput_by_facility_month"
THROUGHPUT_KPI = Kpi(
    number=7,
    key="resident-throughput",
    title="Resident days, census and occupancy",
    asked_as="Patient Throughput (MDS Census Proxy)",
    definition="Resident days (a proxy for patient throughput), mean daily census, and occupancy of certified beds.",
    formula="resident days = sum of daily census; occupancy = 100 x resident days / (certified beds x days)",
    source=f"{PBJ} (census) and {PROVIDER} (beds)",
    how_averaged="Ratio of sums.",
    measures=(
        Measure(
            "occupancy",
            "Occupancy of certified beds",
            PERCENT,
            state=Series(_OCCUPANCY_STATE, "month", "occupancy_pct", "facilities_with_known_beds"),
            facility=Series(
                _THROUGHPUT,
                "month",
                facilities="count(distinct case when f.bed_days is not null then f.ccn end)",
                ratio="occupancy_pct",
            ),
        ),
        Measure(
            "census",
            "Mean daily census of a facility",
            RESIDENTS,
            state=Series(_OCCUPANCY_STATE, "month", "average_daily_census_per_facility"),
            facility=added_up(_THROUGHPUT, "month", ratio="average_daily_census"),
        ),
        Measure(
            "resident_days",
            "Resident days",
            RESIDENT_DAYS,
            state=Series(_OCCUPANCY_STATE, "month", "resident_days"),
            facility=added_up(_THROUGHPUT, "month", "sum(f.resident_days)"),
            mapped_as="occupancy",
        ),
    ),
    caveats=(
        "A proxy: the census shows how many residents were there, not how many came or left.",
        "Beds are those of the ProviderInfo vintage valid on the day, or of the nearest vintage where none is.",
        "Above 100% means that more residents were reported than beds are certified.",
    ),
    exclusions="Facilities without known beds are in neither sum of occupancy.",
    proxy_note="Resident days stand in for patient throughput: public files hold neither admissions nor discharges.",
    benchmarks=(Benchmark("resident_days", "resident_days"),),
)
