"""The ten KPIs in one place: what each is called, means, comes from and must not be taken for, and where gold holds it.

Pages, methodology and comparisons read from here. SQL fragments are constants of this file, never a visitor's words.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from units import HOURS, HPRD, LEFT, PER_FACILITY, PERCENT, RESIDENT_DAYS, RESIDENTS, STARS, Unit


@dataclass(frozen=True)
class Series:
    """Where a measure lies in gold. `value` is an expression over one row (states) or an aggregate over rows `f` (facilities)."""

    table: str
    period: str
    value: str
    facilities: str = "facilities"
    definition: str = "cast(null as varchar)"
    footnote: str = "cast(null as varchar)"
    published: str = "cast(null as double)"
    where: str = "1 = 1"


@dataclass(frozen=True)
class Measure:
    """One number that can be shown for a nation, a state, a group of facilities or one facility."""

    key: str
    label: str
    unit: Unit
    facility: Series | None
    state: Series | None = None
    note: str = ""
    lower_is_better: bool | None = None
    mapped_as: str = ""
    is_proxy: bool = False


@dataclass(frozen=True)
class Benchmark:
    """A figure that CMS published, or that was computed independently from its files."""

    measure: str
    geography: str
    period: str
    value: float
    source: str
    comparable: bool = True


@dataclass(frozen=True)
class Kpi:
    """One of the ten, with all that a reader may ask about it."""

    number: int
    key: str
    title: str
    asked_as: str
    definition: str
    formula: str
    source: str
    how_averaged: str
    measures: tuple[Measure, ...]
    caveats: tuple[str, ...]
    exclusions: str
    changes: tuple[str, ...] = ()
    proxy_note: str = ""
    notice: str = ""
    benchmarks: tuple[Benchmark, ...] = field(default=())

    def measure(self, key: str) -> Measure:
        """The measure of that key."""
        return next(measure for measure in self.measures if measure.key == key)


_PBJ = "CMS Payroll-Based Journal (PBJ) Daily Nurse Staffing"
_PROVIDER = "CMS Provider Information (ProviderInfo)"
_ORACLE = "CMS PBJ public use files, all rows of the quarter, computed independently"
_AVERAGES = "CMS State and US Averages, Oct 2024, row NATION"
_COUNT_CCN = "count(distinct f.ccn)"


def _ratio(numerator: str, denominator: str, scale: str = "1.0") -> str:
    return f"{scale} * sum({numerator}) / nullif(sum({denominator}), 0)"


def _facility(table: str, period: str, value: str, **rest: str) -> Series:
    return Series(table, period, value, _COUNT_CCN, **rest)


# ---------------------------------------------------------------------------------------------------- 1 hours

_HOURS_TABLE = "kpi_nurse_hours_by_state_month"
_HPRD_FACILITY = "kpi_hprd_by_facility_month"


def _hours(key: str, label: str, column: str, facility_value: str, table: str = _HPRD_FACILITY) -> Measure:
    return Measure(
        key,
        label,
        HOURS,
        state=Series(_HOURS_TABLE, "month", column),
        facility=_facility(table, "month", facility_value),
        mapped_as="per_resident_day",
    )


_CONTRACT_FACILITY = "kpi_contract_staffing_by_facility_month"

HOURS_KPI = Kpi(
    number=1,
    key="hours",
    title="Total nurse hours worked",
    asked_as="Total Hours Worked (State & Month)",
    definition="Paid hours of all eight nurse categories, employees and contract staff, by state and calendar month.",
    formula="sum of DON + RN admin + RN + LPN admin + LPN + CNA + nurse aide in training + medication aide hours",
    source=_PBJ,
    how_averaged="A sum. Totals follow a state's size, so the map shows hours per resident day instead.",
    measures=(
        _hours("total", "Total nurse hours", "total_nurse_hours", "sum(f.total_nurse_hours)"),
        _hours("rn", "Registered nurse (RN) hours", "rn_hours", "sum(f.rn_hours)"),
        _hours("lpn", "Licensed practical nurse (LPN) hours", "lpn_hours", "sum(f.lpn_hours)"),
        _hours("aide", "Nurse aide hours", "nurse_aide_hours", "sum(f.nurse_aide_hours)"),
        _hours("employee", "Employee hours", "employee_hours", "sum(f.employee_hours)", _CONTRACT_FACILITY),
        _hours("contract", "Contract (agency) hours", "contract_hours", "sum(f.contract_hours)", _CONTRACT_FACILITY),
        Measure(
            "per_resident_day",
            "Total nurse hours per resident day",
            HPRD,
            state=Series(_HOURS_TABLE, "month", "total_nurse_hours / nullif(resident_days, 0)"),
            facility=_facility(_HPRD_FACILITY, "month", _ratio("f.total_nurse_hours", "f.resident_days")),
        ),
    ),
    caveats=(
        "Hours are placed in the state that the PBJ file names; facilities that ProviderInfo lacks are counted too.",
        "Nurse aides in training and medication aides belong to the total. Leaving them out lowers it by about 4%.",
        "A few facility-days hold impossible hours (more than 24 a resident). They are kept, as CMS published them.",
    ),
    exclusions="None. Every facility-day of the file counts.",
    benchmarks=tuple(
        Benchmark("total", state, "2024Q2", value, _ORACLE)
        for state, value in (
            ("US", 410_623_403.86), ("CA", 38_028_352.91), ("NY", 31_903_270.53),
            ("TX", 25_729_614.84), ("FL", 25_386_504.57), ("OH", 21_918_976.83),
        )
    ),
)  # fmt: skip

# ----------------------------------------------------------------------------------------------------- 2 HPRD

_HPRD_STATE = "kpi_hprd_by_state_quarter"


def _hprd(key: str, label: str, column: str, hours: str = "", resident_days: str = "resident_days") -> Measure:
    facility = _facility(_HPRD_FACILITY, "quarter", _ratio(f"f.{hours}", f"f.{resident_days}")) if hours else None
    return Measure(key, label, HPRD, state=Series(_HPRD_STATE, "quarter", column), facility=facility, lower_is_better=False)


HPRD_KPI = Kpi(
    number=2,
    key="nurse-hours-per-resident-day",
    title="Nurse hours per resident day",
    asked_as="Average Nurse-to-Patient Ratio (HPPD)",
    definition="Nurse hours divided by resident days (HPRD: hours per resident day; also written HPPD, hours per patient day).",
    formula="sum of nurse hours / sum of resident census, over every day of the period",
    source=_PBJ,
    how_averaged="Ratio of sums: a large facility weighs more. The mean and the median of facilities stand beside it, named so.",
    measures=(
        _hprd("total", "Total nurse hours per resident day", "total_nurse_hprd", "total_nurse_hours"),
        _hprd("rn", "RN hours per resident day", "rn_hprd", "rn_hours"),
        _hprd("lpn", "LPN hours per resident day", "lpn_hprd", "lpn_hours"),
        _hprd("aide", "Nurse aide hours per resident day", "nurse_aide_hprd", "nurse_aide_hours"),
        _hprd("direct", "Direct care hours per resident day", "direct_care_hprd", "direct_care_hours"),
        _hprd(
            "weekend",
            "Weekend total nurse hours per resident day",
            "weekend_total_nurse_hprd",
            "weekend_total_nurse_hours",
            "weekend_resident_days",
        ),
        _hprd("mean", "Total nurse HPRD, mean of facilities", "mean_facility_total_nurse_hprd"),
        _hprd("median", "Total nurse HPRD, median of facilities", "median_facility_total_nurse_hprd"),
        _hprd("no_zero", "Total nurse HPRD without zero-census days", "total_nurse_hprd_excluding_zero_census"),
    ),
    caveats=(
        "Two averages exist: the ratio of sums (every resident day weighs the same) and the mean of facilities "
        "(every facility weighs the same). CMS's NATION row is a mean of facilities, therefore another number.",
        "3.48 hours was the minimum of a federal rule (CMS-3442-F) that was vacated and repealed: it is not in force.",
        "RN includes the director of nursing and RNs with administrative duties; direct care leaves both out.",
    ),
    exclusions="None in the main figure. A variant leaves out days with a census of zero, as CMS's PBJ specification (3b) does.",
    benchmarks=(
        Benchmark("total", "US", "2024Q2", 3.714229, _ORACLE),
        Benchmark("rn", "US", "2024Q2", 0.602524, _ORACLE),
        Benchmark("lpn", "US", "2024Q2", 0.874855, _ORACLE),
        Benchmark("aide", "US", "2024Q2", 2.237960, _ORACLE),
        Benchmark("mean", "US", "2024Q2", 3.83737, _AVERAGES + " (a mean of facilities, near this quarter)", comparable=False),
    ),
)

# ------------------------------------------------------------------------------------------------- 3 contract

_CONTRACT_STATE = "kpi_contract_staffing_by_state_quarter"


def _contract(key: str, label: str, prefix: str = "", hours: str = "total_nurse_hours") -> Measure:
    share = _ratio(f"f.{prefix}contract_hours", f"f.{hours}", "100.0")
    return Measure(
        key,
        label,
        PERCENT,
        state=Series(_CONTRACT_STATE, "quarter", f"{prefix}contract_share_pct"),
        facility=_facility(_CONTRACT_FACILITY, "quarter", share),
    )


CONTRACT_KPI = Kpi(
    number=3,
    key="contract-staffing",
    title="Contract staffing share",
    asked_as="Percentage of Contractor Staffing",
    definition="Share of nurse hours worked by contract (agency) staff rather than the facility's own employees.",
    formula="100 x sum of contract hours / sum of total nurse hours, all eight nurse categories in both",
    source=_PBJ,
    how_averaged="Ratio of sums.",
    measures=(
        _contract("total", "Contract share of nurse hours"),
        _contract("rn", "Contract share of RN hours", "rn_", "rn_hours"),
        _contract("lpn", "Contract share of LPN hours", "lpn_", "lpn_hours"),
        _contract("aide", "Contract share of nurse aide hours", "nurse_aide_", "nurse_aide_hours"),
    ),
    caveats=(
        "All eight nurse categories count, not only RN, LPN and CNA.",
        "2017 Q2 reads too high where the published header is taken at its word: CMS mislabelled a column in that file.",
    ),
    exclusions="Facilities without any nurse hours have no share; they are not counted as zero.",
    benchmarks=tuple(
        Benchmark("total", state, quarter, value, _ORACLE)
        for state, quarter, value in (
            ("US", "2017Q1", 2.10), ("US", "2019Q4", 3.43), ("US", "2022Q4", 10.52), ("US", "2024Q2", 7.0392),
            ("US", "2026Q1", 5.31), ("VT", "2024Q2", 29.64), ("AL", "2024Q2", 1.40),
        )
    ),
)  # fmt: skip

# ------------------------------------------------------------------------------------------ 4 overtime (proxy)

_PROXY = "kpi_overtime_proxy_by_facility_month"
PROXY_SENTENCE = (
    "This is a proxy, not overtime. No public file holds overtime hours: PBJ reports paid hours without saying "
    "which were overtime."
)

OVERTIME_KPI = Kpi(
    number=4,
    key="overtime-proxy",
    title="Overtime proxies",
    asked_as="Nurse Overtime Hours (Proxy: Contractor %)",
    definition="Two stand-ins for overtime pressure: the share of contract hours, and surge hours above a facility's own "
    "usual day.",
    formula="proxy 1: 100 x contract hours / total nurse hours; "
    "proxy 2: hours above the facility's mean day of the trailing quarter, in percent of total nurse hours",
    source=_PBJ,
    how_averaged="Ratio of sums.",
    measures=(
        Measure(
            "contract",
            "Overtime proxy 1: contract share",
            PERCENT,
            facility=_facility(_PROXY, "month", _ratio("f.contract_hours", "f.total_nurse_hours", "100.0")),
            is_proxy=True,
        ),
        Measure(
            "surge",
            "Overtime proxy 2: surge share",
            PERCENT,
            facility=_facility(_PROXY, "month", _ratio("f.surge_hours", "f.total_nurse_hours", "100.0")),
            is_proxy=True,
            note="Surge hours: hours above the facility's own mean day of this month and the two before it.",
        ),
    ),
    caveats=(
        PROXY_SENTENCE,
        "A facility may buy agency hours instead of paying overtime: a high contract share can mean less overtime, not more.",
        "Surge hours also rise when a facility admits more residents; they say that a day was unusual, not who worked it.",
    ),
    exclusions="Facility-months without any nurse hours.",
    proxy_note=PROXY_SENTENCE,
)

# ------------------------------------------------------------------------------------------------- 5 turnover

_TURNOVER_STATE = "kpi_turnover_by_state"
_TURNOVER_FACILITY = "kpi_turnover_by_facility"


def _turnover(key: str, label: str, column: str, reporting: str, footnote: str, unit: Unit = PERCENT) -> Measure:
    return Measure(
        key,
        label,
        unit,
        state=Series(_TURNOVER_STATE, "processing_date", column, reporting, published=f"published_{column}"),
        facility=Series(
            _TURNOVER_FACILITY, "processing_date", f"avg(f.{column})", f"count(f.{column})", footnote=f"max(f.{footnote})"
        ),
        lower_is_better=True,
    )


TURNOVER_KPI = Kpi(
    number=5,
    key="turnover",
    title="Nurse turnover",
    asked_as="Nurse Turnover by State",
    definition="Share of nursing staff, of registered nurses, and number of administrators, who left within a year.",
    formula="mean of the facilities that report",
    source=_PROVIDER,
    how_averaged="Mean of reporting facilities: every facility weighs the same, as in CMS's own averages.",
    measures=(
        _turnover(
            "total",
            "Total nursing staff turnover",
            "total_nursing_turnover_pct",
            "facilities_reporting",
            "total_nursing_turnover_footnote",
        ),
        _turnover("rn", "Registered nurse turnover", "rn_turnover_pct", "rn_facilities_reporting", "rn_turnover_footnote"),
        _turnover(
            "administrators",
            "Administrators who left",
            "administrators_left",
            "administrator_facilities_reporting",
            "administrator_turnover_footnote",
            LEFT,
        ),
    ),
    caveats=(
        "Facilities whose turnover CMS suppresses (footnotes 6, 26, 27) are counted beside the mean and never imputed.",
        "CMS began to publish turnover in January 2022: earlier vintages hold none.",
    ),
    exclusions="Facilities without a published value; how many is shown.",
    benchmarks=(
        Benchmark("total", "US", "2024-10-01", 48.8, _AVERAGES),
        Benchmark("rn", "US", "2024-10-01", 45.5, _AVERAGES),
        Benchmark("administrators", "US", "2024-10-01", 0.6, _AVERAGES),
    ),
)

# ---------------------------------------------------------------------------------------------- 6 vaccination

_VACC_STATE = "kpi_staff_vaccination_by_state"
_VACC_FACILITY = "kpi_staff_vaccination_by_facility"


def _vaccination(key: str, label: str, column: str, reporting: str) -> Measure:
    definition = "definition_period"
    return Measure(
        key,
        label,
        PERCENT,
        state=Series(_VACC_STATE, "as_of_date", column, reporting, definition=definition, published=f"published_{column}"),
        facility=Series(
            _VACC_FACILITY, "as_of_date", f"avg(f.{column})", f"count(f.{column})", definition="max(f.definition_period)"
        ),
        lower_is_better=False,
    )


VACCINATION_KPI = Kpi(
    number=6,
    key="vaccination",
    title="COVID-19 vaccination, up to date",
    asked_as="COVID-19 Staff Vaccination Rates",
    definition="Share of staff, and of residents, who are up to date with COVID-19 vaccination.",
    formula="mean of the facilities that report",
    source="CMS COVID-19 vaccination files (provider data and averages)",
    how_averaged="Mean of reporting facilities, as in CMS's own averages.",
    measures=(
        _vaccination("staff", "Staff up to date", "staff_up_to_date_pct", "facilities_reporting"),
        _vaccination("residents", "Residents up to date", "residents_up_to_date_pct", "resident_facilities_reporting"),
    ),
    caveats=(
        "“Not Available” means that a facility did not report. It is not zero and is left out of the mean.",
        "The meaning changed in February 2022, August 2022 and July 2023: lines are broken there and must not be joined.",
    ),
    exclusions="Facilities that did not report; how many is shown.",
    changes=(
        "February 2022: share with a booster dose added",
        "August 2022: booster columns became “up to date”",
        "July 2023: completed primary series dropped, up to date only",
    ),
    benchmarks=(
        Benchmark("staff", "US", "2024-10-27", 5.9, "CMS COVID-19 Vaccination Averages, 27 Oct 2024"),
        Benchmark("residents", "US", "2024-10-27", 23.7, "CMS COVID-19 Vaccination Averages, 27 Oct 2024"),
    ),
)

# ----------------------------------------------------------------------------------------------- 7 throughput

_OCCUPANCY_STATE = "staffing_occupancy_by_state_month"
_THROUGHPUT = "kpi_resident_throughput_by_facility_month"

THROUGHPUT_KPI = Kpi(
    number=7,
    key="resident-throughput",
    title="Resident days, census and occupancy",
    asked_as="Patient Throughput (MDS Census Proxy)",
    definition="Resident days (a proxy for patient throughput), mean daily census, and occupancy of certified beds.",
    formula="resident days = sum of daily census; occupancy = 100 x resident days / (certified beds x days)",
    source=f"{_PBJ} (census) and {_PROVIDER} (beds)",
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
                _ratio("case when f.bed_days is not null then f.resident_days end", "f.bed_days", "100.0"),
                "count(distinct case when f.bed_days is not null then f.ccn end)",
            ),
        ),
        Measure(
            "census",
            "Mean daily census of a facility",
            RESIDENTS,
            state=Series(_OCCUPANCY_STATE, "month", "average_daily_census_per_facility"),
            facility=_facility(_THROUGHPUT, "month", _ratio("f.resident_days", "f.days")),
        ),
        Measure(
            "resident_days",
            "Resident days",
            RESIDENT_DAYS,
            state=Series(_OCCUPANCY_STATE, "month", "resident_days"),
            facility=_facility(_THROUGHPUT, "month", "sum(f.resident_days)"),
            mapped_as="occupancy",
        ),
    ),
    caveats=(
        "A proxy: the census says how many residents were there, not how many came or left.",
        "Beds are those of the ProviderInfo vintage valid on the day, or of the nearest vintage where none is.",
        "Above 100% means that more residents were reported than beds are certified.",
    ),
    exclusions="Facilities without known beds are in neither sum of occupancy.",
    proxy_note="Resident days stand in for patient throughput: public files hold neither admissions nor discharges.",
    benchmarks=(Benchmark("resident_days", "US", "2024Q2", 110_554_155, _ORACLE),),
)

# --------------------------------------------------------------------------------------------- 8 readmissions

NO_DIAGNOSIS_SENTENCE = (
    "Public files hold no diagnosis, so readmissions cannot be shown by diagnosis. "
    "Here they are by measure, state and CMS's comparison category instead; every measure is about short stays."
)


def _readmission(key: str, label: str, code: str, note: str) -> Measure:
    source = "vbp" if code.startswith("SNFRM") else "claims" if code.startswith("521") else "qrp"
    where = f"source = '{source}' and measure_code = '{code}'"
    return Measure(
        key,
        label,
        PERCENT,
        state=Series(
            "kpi_readmissions_by_state",
            "period_end_date",
            "rate",
            "facilities_reporting",
            published="published_rate",
            where=where,
        ),
        facility=Series(
            "kpi_readmissions_by_facility",
            "period_end_date",
            "avg(f.rate)",
            "count(f.rate)",
            footnote="max(f.footnote)",
            where=where.replace("source", "f.source").replace("measure_code", "f.measure_code"),
        ),
        note=note,
        lower_is_better=True,
    )


READMISSIONS_KPI = Kpi(
    number=8,
    key="readmissions",
    title="30-day hospital readmissions",
    asked_as="Readmission Rates Within 30 Days (by Diagnosis)",
    definition="Three CMS measures of return to hospital, kept apart: their populations, windows and adjustments differ.",
    formula="as CMS publishes them; a state's figure is the unweighted mean of its reporting facilities",
    source="SNF Value-Based Purchasing (SNFRM), Claims-based quality measures (521), SNF Quality Reporting Program (S_004_01)",
    how_averaged="Unweighted mean of facilities' adjusted rates. Adjusted rates cannot be pooled exactly.",
    measures=(
        _readmission(
            "vbp", "SNF VBP: risk-standardised, performance period", "SNFRM_PERFORMANCE", "All-cause readmission within 30 days."
        ),
        _readmission("vbp_baseline", "SNF VBP: risk-standardised, baseline period", "SNFRM_BASELINE", "Needs 25 eligible stays."),
        _readmission("claims", "Claims measure 521: risk-adjusted", "521_ADJUSTED", "Short-stay residents rehospitalised."),
        _readmission("claims_observed", "Claims measure 521: observed", "521_OBSERVED", "Not adjusted for risk."),
        _readmission("claims_expected", "Claims measure 521: expected", "521_EXPECTED", "Predicted from residents' risk."),
        _readmission(
            "qrp",
            "QRP S_004_01: potentially preventable, risk-standardised",
            "S_004_01_PPR_PD_RSRR",
            "Potentially preventable readmission within 30 days after discharge, with a 95% interval.",
        ),
        _readmission("qrp_observed", "QRP S_004_01: potentially preventable, observed", "S_004_01_PPR_PD_OBS", "Not adjusted."),
    ),
    notice=NO_DIAGNOSIS_SENTENCE,
    caveats=(
        NO_DIAGNOSIS_SENTENCE,
        "The three sources must not be averaged or compared with one another.",
        "CMS publishes an interval and a category (better, no different, worse) for the QRP measure only.",
    ),
    exclusions="Facilities with too few stays (CMS suppresses them); how many is shown. Facilities that ProviderInfo lacks "
    "stay in.",
    benchmarks=(
        Benchmark(
            "vbp_baseline", "US", "2019-09-30", 19.788, "CMS SNF VBP Aggregate Performance FY2024 (not a mean)", comparable=False
        ),
        Benchmark("vbp", "US", "2022-09-30", 20.223, "CMS SNF VBP Aggregate Performance FY2024 (not a mean)", comparable=False),
        Benchmark("claims", "US", "2024-03-31", 23.15, _AVERAGES),
        Benchmark("qrp", "US", "2023-09-30", 10.51, "CMS SNF QRP National Data, Oct 2024 (unadjusted)", comparable=False),
    ),
)

# -------------------------------------------------------------------------------------------------- 9 ratings

_RATING_STATE = "kpi_rating_trend_by_state"
_RATING_FACILITY = "kpi_ratings_by_facility"


def _rating(key: str, label: str, column: str, reporting: str) -> Measure:
    return Measure(
        key,
        label,
        STARS,
        state=Series(_RATING_STATE, "processing_date", column, reporting, definition="definition_period"),
        facility=Series(
            _RATING_FACILITY,
            "processing_date",
            f"avg(f.{column})",
            f"count(f.{column})",
            definition="max(f.definition_period)",
            footnote=f"max(f.{column}_footnote)",
        ),
        lower_is_better=False,
    )


RATINGS_KPI = Kpi(
    number=9,
    key="ratings",
    title="Five-star quality ratings",
    asked_as="Provider Quality Rating Trends",
    definition="CMS's stars, 1 to 5, overall and for health inspections, staffing and quality measures, vintage by vintage.",
    formula="mean of the rated facilities",
    source=f"{_PROVIDER}, every vintage",
    how_averaged="Mean of rated facilities.",
    measures=(
        _rating("overall", "Overall rating", "overall_rating", "facilities_rated"),
        _rating("inspection", "Health inspection rating", "health_inspection_rating", "facilities_with_health_inspection_rating"),
        _rating("staffing", "Staffing rating", "staffing_rating", "facilities_with_staffing_rating"),
        _rating("quality", "Quality measure rating", "qm_rating", "facilities_with_qm_rating"),
    ),
    caveats=(
        "Health inspection stars are graded on a curve within each state: do not compare states by them.",
        "Special focus facilities (footnote 18) have no stars. No stars is not zero stars.",
        "A trend needs at least two vintages.",
    ),
    exclusions="Facilities without a rating; how many is shown.",
    changes=(
        "July 2024: staffing adjusted with the PDPM nursing case mix",
        "July 2025: health inspections rest on two cycles instead of three",
    ),
    benchmarks=(),
)

# ------------------------------------------------------------------------------------------------ 10 incidents

_INCIDENT_STATE = "kpi_incidents_by_state"
_INCIDENT_FACILITY = "kpi_incidents_by_facility"


def _incident_rate(key: str, label: str, stem: str, definition: str = "", note: str = "") -> Measure:
    column = f"{stem}_pct"
    state_definition = definition or "cast(null as varchar)"
    return Measure(
        key,
        label,
        PERCENT,
        state=Series(
            _INCIDENT_STATE,
            "processing_date",
            column,
            f"{stem}_facilities_reporting",
            definition=state_definition,
            published=f"published_{column}",
        ),
        facility=Series(
            _INCIDENT_FACILITY,
            "processing_date",
            f"avg(f.{column})",
            f"count(f.{column})",
            definition=f"max(f.{definition})" if definition else state_definition,
            footnote=f"max(f.{stem}_footnote)",
        ),
        note=note,
        lower_is_better=True,
    )


def _incident_count(key: str, label: str, column: str) -> Measure:
    return Measure(
        key,
        label,
        PER_FACILITY,
        state=Series(_INCIDENT_STATE, "processing_date", f"1.0 * {column} / nullif(facilities, 0)"),
        facility=Series(
            _INCIDENT_FACILITY, "processing_date", f"1.0 * sum(f.{column}) / nullif(count(f.{column}), 0)", f"count(f.{column})"
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
    "them, "
    "counts of citations, reported incidents and substantiated complaints.",
    formula="rates: mean of reporting facilities; counts: sum of facilities, shown per facility",
    source=f"CMS MDS quality measures, Health Citations, {_PROVIDER}",
    how_averaged="Rates: mean of reporting facilities. Counts: sum divided by facilities.",
    measures=(
        _incident_rate("falls", "Falls with major injury (measure 410)", "falls_major_injury"),
        _incident_rate("uti", "Urinary tract infections (measure 407)", "uti"),
        _incident_rate(
            "ulcers",
            "Pressure ulcers (measure 453, later 479)",
            "pressure_ulcer",
            "pressure_ulcer_measure_code",
            "453 speaks for high-risk residents, 479 for all long-stay residents: not comparable, the line is broken.",
        ),
        _incident_count("infection_control", "Infection-control citations", "infection_control_citations"),
        _incident_count("serious", "Serious citations (severity G or worse)", "serious_citations"),
        _incident_count("jeopardy", "Immediate-jeopardy citations (J, K, L)", "immediate_jeopardy_citations"),
        _incident_count("reported", "Facility-reported incidents", "facility_reported_incidents"),
        _incident_count("complaints", "Substantiated complaints", "substantiated_complaints"),
    ),
    caveats=(
        "Rates and counts are different things and are never added.",
        "Citations are a moving window of about three inspection cycles that CMS overwrites in place: a fall may mean that "
        "an old cycle "
        "left the window.",
        "Measures of one vintage may cover different measure periods; the table names each.",
    ),
    exclusions="Facilities whose rate CMS suppresses (footnotes 7, 9 and others); how many is shown.",
    changes=("Pressure ulcers: measure 453 (high-risk residents) was replaced by 479 (all long-stay residents)",),
    benchmarks=(
        Benchmark("falls", "US", "2024-10-01", 3.34, _AVERAGES),
        Benchmark("uti", "US", "2024-10-01", 2.00, _AVERAGES),
        Benchmark("ulcers", "US", "2024-10-01", 7.85, _AVERAGES),
    ),
)

KPIS: tuple[Kpi, ...] = (
    HOURS_KPI,
    HPRD_KPI,
    CONTRACT_KPI,
    OVERTIME_KPI,
    TURNOVER_KPI,
    VACCINATION_KPI,
    THROUGHPUT_KPI,
    READMISSIONS_KPI,
    RATINGS_KPI,
    INCIDENTS_KPI,
)

# What a card, a profile or a comparison shows of each KPI when there is room for one figure, and its label in a narrow place.
HEADLINES: tuple[tuple[Kpi, Measure, str], ...] = (
    (HPRD_KPI, HPRD_KPI.measure("total"), "Nurse hours, all"),
    (HPRD_KPI, HPRD_KPI.measure("rn"), "Nurse hours, RN"),
    (HOURS_KPI, HOURS_KPI.measure("total"), "Total nurse hours"),
    (CONTRACT_KPI, CONTRACT_KPI.measure("total"), "Contract staffing"),
    (OVERTIME_KPI, OVERTIME_KPI.measure("surge"), "Surge share"),
    (TURNOVER_KPI, TURNOVER_KPI.measure("total"), "Nursing turnover"),
    (VACCINATION_KPI, VACCINATION_KPI.measure("staff"), "Staff vaccination"),
    (THROUGHPUT_KPI, THROUGHPUT_KPI.measure("occupancy"), "Occupancy"),
    (READMISSIONS_KPI, READMISSIONS_KPI.measure("claims"), "Readmissions"),
    (RATINGS_KPI, RATINGS_KPI.measure("overall"), "Overall stars"),
    (INCIDENTS_KPI, INCIDENTS_KPI.measure("falls"), "Falls, major injury"),
    (INCIDENTS_KPI, INCIDENTS_KPI.measure("serious"), "Serious citations"),
)

# Tables of gold that the dashboard may read: a name outside this list never reaches SQL.
GOLD_TABLES: tuple[str, ...] = (
    "data_freshness",
    "data_reconciliation",
    "facilities",
    "facility_citations",
    "facility_penalties",
    "facility_quality_measures",
    "kpi_contract_staffing_by_facility_month",
    "kpi_contract_staffing_by_state_quarter",
    "kpi_hprd_by_facility_month",
    "kpi_hprd_by_state_quarter",
    "kpi_incidents_by_facility",
    "kpi_incidents_by_state",
    "kpi_nurse_hours_by_state_month",
    "kpi_overtime_proxy_by_facility_month",
    "kpi_rating_trend_by_state",
    "kpi_ratings_by_facility",
    "kpi_readmissions_by_facility",
    "kpi_readmissions_by_state",
    "kpi_resident_throughput_by_facility_month",
    "kpi_staff_vaccination_by_facility",
    "kpi_staff_vaccination_by_state",
    "kpi_turnover_by_facility",
    "kpi_turnover_by_state",
    "staffing_by_type_quarter",
    "staffing_occupancy_by_state_month",
)
