"""KPI 10: rates of residents, and counts of citations, incidents and complaints."""

from __future__ import annotations

from kpi_catalogue.model import PROVIDER, Benchmark, Kpi, Mean, Measure, Series
from units import PER_FACILITY

_RATES = Mean("kpi_incidents_by_state", "kpi_incidents_by_facility", "processing_date", lower_is_better=True)


def _incident_rate(key: str, label: str, stem: str, definition: str = "", note: str = "") -> Measure:
    return _RATES.measure(
        key,
        label,
        f"{stem}_pct",
        f"{stem}_facilities_reporting",
        published=f"published_{stem}_pct",
        definition=definition,
        footnote=f"{stem}_footnote",
        note=note,
    )


def _incident_count(key: str, label: str, column: str) -> Measure:
    return Measure(
        key,
        label,
        PER_FACILITY,
        state=Series(_RATES.of_states, _RATES.period, f"1.0 * {column} / nullif(facilities, 0)"),
        facility=Series(
            _RATES.of_facilities, _RATES.period, f"1.0 * sum(f.{column}) / nullif(count(f.{column}), 0)", f"count(f.{column})"
        ),
        note="A count of the files' window of about three years or inspection cycles, divided by facilities. Not a rate of "
        "residents.",
        lower_is_better=True,
    )


INCIDENTS_KPI = Kpi(
    number=10,
    key="incidents",
    title="Falls, infections and other incidents",
    asked_as="Incident Counts (Falls, Infections, etc.)",
    definition="Rates of long-stay residents (falls with major injury, urinary infections, pressure ulcers) and, apart from "
    "them, counts of citations, reported incidents and substantiated complaints.",
    formula="rates: mean of reporting facilities; counts: sum of facilities, shown per facility",
    source=f"CMS MDS quality measures, Health Citations, {PROVIDER}",
    how_averaged="Rates: mean of reporting facilities. Counts: sum divided by facilities.",
    measures=(
        _incident_rate("falls", "Falls with major injury (measure 410)", "falls_major_injury"),
        _incident_rate("uti", "Urinary tract infections (measure 407)", "uti"),
        _incident_rate(
            "ulcers",
            "Pressure ulcers (measure 453, later 479)",
            "pressure_ulcer",
            "pressure_ulcer_measure_code",
            "453 covers high-risk residents, 479 all long-stay residents: they are not comparable, so the line is broken.",
        ),
        _incident_count("infection_control", "Infection-control citations", "infection_control_citations"),
        _incident_count("serious", "Serious citations (severity G or worse)", "serious_citations"),
        _incident_count("jeopardy", "Immediate-jeopardy citations (J, K, L)", "immediate_jeopardy_citations"),
        _incident_count("complaint_citations", "Citations from complaint inspections", "complaint_citations"),
        _incident_count("reported", "Facility-reported incidents (until January 2026)", "facility_reported_incidents"),
        _incident_count("complaints", "Substantiated complaints (until January 2026)", "substantiated_complaints"),
    ),
    caveats=(
        "Rates and counts are different things and are never added.",
        "Citations are a moving window of about three inspection cycles that CMS overwrites in place: a fall may mean that "
        "an old cycle left the window.",
        "CMS withdrew the numbers of facility-reported incidents and of substantiated complaints in February 2026. Citations "
        "from complaint inspections stand beside them; they are another quantity.",
        "Measures of one vintage may cover different measure periods; the table names each.",
    ),
    exclusions="Facilities whose rate CMS suppresses (footnotes 7, 9 and others); how many is shown.",
    changes=("Pressure ulcers: measure 453 (high-risk residents) was replaced by 479 (all long-stay residents)",),
    benchmarks=(
        Benchmark("falls", "mds_410_pct"),
        Benchmark("uti", "mds_407_pct"),
        Benchmark("ulcers", "mds_453_pct"),
    ),
)
