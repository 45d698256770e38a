"""KPI 8: three measures of return to hospital, kept apart."""

from __future__ import annotations

from kpi_catalogue.model import Benchmark, Kpi, Mean, Measure

NO_DIAGNOSIS_SENTENCE = (
    "Public files hold no diagnosis, so readmissions cannot be shown by diagnosis. "
    "Here they are by measure, state and CMS's comparison category instead; every measure is about short stays."
)


_RATES = Mean("kpi_readmissions_by_state", "kpi_readmissions_by_facility", "period_end_date", lower_is_better=True)


def _readmission(key: str, label: str, code: str, note: str) -> Measure:
    source = "vbp" if code.startswith("SNFRM") else "claims" if code.startswith("521") else "qrp"
    where = f"f.source = '{source}' and f.measure_code = '{code}' and f.is_newest_of_period"
    return _RATES.measure(
        key, label, "rate", "facilities_reporting", published="published_rate", footnote="footnote", where=where, note=note
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
            "vbp", "SNF VBP: risk-standardized, performance period", "SNFRM_PERFORMANCE", "All-cause readmission within 30 days."
        ),
        _readmission("vbp_baseline", "SNF VBP: risk-standardized, baseline period", "SNFRM_BASELINE", "Needs 25 eligible stays."),
        _readmission("claims", "Claims measure 521: risk-adjusted", "521_ADJUSTED", "Short-stay residents rehospitalized."),
        _readmission("claims_observed", "Claims measure 521: observed", "521_OBSERVED", "Not adjusted for risk."),
        _readmission("claims_expected", "Claims measure 521: expected", "521_EXPECTED", "Predicted from residents' risk."),
        _readmission(
            "qrp",
            "QRP S_004_01: potentially preventable, risk-standardized",
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
        # CMS's VBP aggregates are not means of facilities, and its QRP figure is not adjusted.
        Benchmark("vbp_baseline", "vbp_baseline_rate", at="2019-09-30", is_comparable=False),
        Benchmark("vbp", "vbp_performance_rate", at="2022-09-30", is_comparable=False),
        Benchmark("claims", "claims_521_adjusted_rate", at="2024-03-31"),
        Benchmark("qrp", "qrp_s_004_01_rate", at="2023-09-30", is_comparable=False),
    ),
)
