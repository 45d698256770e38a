"""Family and period as file names tell them, in all conventions that CMS has used."""

from __future__ import annotations

import pytest

from include.contracts.contract import Contract, PeriodKind, load_contract, load_contracts
from include.contracts.errors import AmbiguousFileNameError, UnknownFamilyError
from include.contracts.file_name import ignored_because, match_family, period_in_name, period_of_cell

NAMES = [
    ("PBJ_dailynursestaffing_CY2023Q1.csv", "pbj_daily_nurse_staffing", "2023Q1"),
    ("PBJ_Daily_Nurse_Staffing_CY_2020Q2.csv", "pbj_daily_nurse_staffing", "2020Q2"),
    ("Payroll_Based_Journal_Daily_Nurse_Staffing_2023_Q2.csv", "pbj_daily_nurse_staffing", "2023Q2"),
    ("PBJ_Daily_Nurse_Staffing_Q2_2024.csv", "pbj_daily_nurse_staffing", "2024Q2"),
    ("pbj_daily_nurse_staffing_q4_2021.CSV", "pbj_daily_nurse_staffing", "2021Q4"),
    ("pbj_daily_nurse_staffing_cy_2020q4.csv", "pbj_daily_nurse_staffing", "2020Q4"),
    ("PBJ_Nurse_2019_Q2_4juw-fxcf.csv", "pbj_daily_nurse_staffing", "2019Q2"),
    ("2qky-49qq.csv", "pbj_daily_nurse_staffing", None),
    ("NH_ProviderInfo_Oct2024.csv", "nh_provider_info", "2024-10"),
    ("ProviderInfo_2018_01.csv", "nh_provider_info", "2018-01"),
    ("NH_ProviderInfo_September_2021.csv", "nh_provider_info", "2021-09"),
    ("NH_Penalties_Feb2025.csv", "nh_penalties", "2025-02"),
    ("NH_HealthCitations_Oct2024.csv", "nh_health_citations", "2024-10"),
    ("NH_FireSafetyCitations_Oct2024.csv", "nh_fire_safety_citations", "2024-10"),
    ("NH_Ownership_Oct2024.csv", "nh_ownership", "2024-10"),
    ("NH_QualityMsr_MDS_Oct2024.csv", "nh_quality_msr_mds", "2024-10"),
    ("NH_QualityMsr_Claims_Oct2024.csv", "nh_quality_msr_claims", "2024-10"),
    ("NH_StateUSAverages_Jun2026.csv", "nh_state_us_averages", "2026-06"),
    ("NH_SurveyDates_Oct2024.csv", "nh_survey_dates", "2024-10"),
    ("NH_SurveySummary_Oct2024.csv", "nh_survey_summary", "2024-10"),
    ("NH_CovidVaxProvider_20241027.csv", "nh_covid_vax_provider", "2024-10-27"),
    ("NH_CovidVaxAverages_20241027.csv", "nh_covid_vax_averages", "2024-10-27"),
    ("NH_DataCollectionIntervals_Oct2024.csv", "nh_data_collection_intervals", "2024-10"),
    ("NH_CitationDescriptions_Oct2024.csv", "nh_citation_descriptions", "2024-10"),
    ("NH_HlthInspecCutpointsState_Oct2024.csv", "nh_health_inspec_cutpoints_state", "2024-10"),
    ("FY_2024_SNF_VBP_Facility_Performance.csv", "snf_vbp_facility_performance", "FY2024"),
    ("FY_2025_SNF_VBP_Aggregate_Performance.csv", "snf_vbp_aggregate_performance", "FY2025"),
    ("Skilled_Nursing_Facility_Quality_Reporting_Program_Provider_Data_Oct2024.csv", "snf_qrp_provider_data", "2024-10"),
    ("Skilled_Nursing_Facility_Quality_Reporting_Program_National_Data_Oct2024.csv", "snf_qrp_national_data", "2024-10"),
    ("Swing_Bed_SNF_data_Oct2024.csv", "swing_bed_snf_data", "2024-10"),
    # Since July 2026 with data set and date before it, which is not the period.
    ("4pq5-n9py_2026-07-01_NH_ProviderInfo_Jul2026.csv", "nh_provider_info", "2026-07"),
    ("r5ix-sfxw_2026-08-01_NH_HealthCitations_Jul2026.csv", "nh_health_citations", "2026-07"),
    ("abcd-1234_2026-08-01_NH_CovidVaxProvider_20260726.csv", "nh_covid_vax_provider", "2026-07-26"),
    ("284v-j9fz_2025-12-10_FY_2026_SNF_VBP_Facility_Performance.csv", "snf_vbp_facility_performance", "FY2026"),
    # The portal's time and the archive until October 2020: the period is in the rows.
    ("ProviderInfo_Download.csv", "nh_provider_info", None),
    ("HealthDeficiencies_Download.csv", "nh_health_citations", None),
    ("FireSafetyDeficiencies_Download.csv", "nh_fire_safety_citations", None),
    ("SurveySummary_Download.csv", "nh_survey_summary", None),
    ("QualityMsrMDS_Download.csv", "nh_quality_msr_mds", None),
    ("QualityMsrClaims_Download.csv", "nh_quality_msr_claims", None),
    ("Ownership_Download.csv", "nh_ownership", None),
    ("Penalties_Download.csv", "nh_penalties", None),
    ("StateUSAverages_Download.csv", "nh_state_us_averages", None),
    ("StateAverages_Download.csv", "nh_state_us_averages", None),
    ("NH_ProviderInfo.csv", "nh_provider_info", None),
    ("Deficiencies.csv", "nh_health_citations", None),
    ("Star_Ratings.csv", "nh_provider_info", None),
    ("SNF VBP Facility Performance.csv", "snf_vbp_facility_performance", None),
    ("FY_2021_SNF_VBP_Facility_Performance.csv", "snf_vbp_facility_performance", "FY2021"),
    ("FY 2025 SNF VBP Facility-Level Dataset.csv", "snf_vbp_facility_performance", "FY2025"),
    ("NH_QMDataCollectionPeriods_Feb2021.csv", "nh_data_collection_intervals", "2021-02"),
    ("Skilled Nursing Facility Quality Reporting Program - Swing Beds - Provider Data.csv", "swing_bed_snf_data", None),
]


def family_and_period(name: str) -> tuple[str, str | None]:
    contract = match_family(name)
    return contract.family, period_in_name(name, contract.period.kind)


@pytest.mark.parametrize(("name", "family", "period"), NAMES)
def test_name_as_cms_published_it(name: str, family: str, period: str | None) -> None:
    assert family_and_period(name) == (family, period)


@pytest.mark.parametrize(("name", "family", "period"), NAMES)
@pytest.mark.parametrize("addition", ["Copy of ", "Copy of Copy of ", "monthly/", "archive/2026/Copy of "])
def test_copy_made_in_drive_and_member_of_an_archive_tell_the_same(
    name: str, family: str, period: str | None, addition: str
) -> None:
    assert family_and_period(addition + name) == (family, period)


def test_every_family_is_among_the_names_above() -> None:
    assert {family for _, family, _ in NAMES} == {contract.family for contract in load_contracts()}


@pytest.mark.parametrize(("name", "family", "period"), NAMES)
@pytest.mark.parametrize("addition", [" (1)", "(2)", "_v2", " - Copy"])
def test_copy_of_a_download_tells_the_same(name: str, family: str, period: str | None, addition: str) -> None:
    stem, dot, suffix = name.rpartition(".")
    assert family_and_period(stem + addition + dot + suffix) == (family, period)


@pytest.mark.parametrize(
    "name",
    [
        "PBJ_Daily_Non-Nurse_Staffing_CY_2020Q2.csv",
        "PBJ_Non-Nurse_2019_Q2_abcd-1234.csv",
        "2qky-49qr.csv",
        "4pq5-n9py_2026-07-01.csv",
        "._NH_Penalties_Feb2025.csv",
        "NH_Penaltiesx_Feb2025.csv",
        "notes.csv",
        ".csv",
        "",
    ],
)
def test_name_of_no_family_is_refused_and_says_where_to_add_it(name: str) -> None:
    with pytest.raises(UnknownFamilyError, match="include/contracts/families/") as raised:
        match_family(name)
    assert raised.value.code == "unknown_family"


def test_name_that_fits_two_families_is_refused_and_names_both() -> None:
    penalties = load_contract("nh_penalties")
    twin = Contract.model_validate({**penalties.model_dump(), "family": "nh_penalties_twin"})
    with pytest.raises(AmbiguousFileNameError, match="nh_penalties, nh_penalties_twin"):
        match_family("NH_Penalties_Feb2025.csv", [penalties, twin])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("NH_CovidVaxProvider_20241327.csv", PeriodKind.DATE),
        ("NH_CovidVaxProvider_20240231.csv", PeriodKind.DATE),
        ("NH_Penalties.csv", PeriodKind.MONTH),
        ("NH_Penalties_120241099.csv", PeriodKind.MONTH),
        ("PBJ_Daily_Nurse_Staffing_2024Q5.csv", PeriodKind.QUARTER),
        ("PBJ_Daily_Nurse_Staffing_Q1.csv", PeriodKind.QUARTER),
    ],
)
def test_name_without_a_possible_period_tells_none(name: str, kind: PeriodKind) -> None:
    assert period_in_name(name, kind) is None


@pytest.mark.parametrize(
    ("cell", "kind", "period"),
    [
        ("2024Q2", PeriodKind.QUARTER, "2024Q2"),
        ("2017q2", PeriodKind.QUARTER, "2017Q2"),
        ("2024-10-01", PeriodKind.MONTH, "2024-10"),
        ("20241001", PeriodKind.MONTH, "2024-10"),
        ("10/01/2024", PeriodKind.MONTH, "2024-10"),
        (" 10/27/2024 ", PeriodKind.DATE, "2024-10-27"),
        ("soon", PeriodKind.DATE, "soon"),
    ],
)
def test_period_of_a_cell(cell: str, kind: PeriodKind, period: str) -> None:
    assert period_of_cell(cell, kind) == period


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("PBJ_dailynonnursestaffing_CY2023Q1.csv", "other than nurses"),
        ("PBJ_Daily_Non-Nurse_Staffing_CY_2020Q2.csv", "other than nurses"),
        ("Payroll_Based_Journal_Daily_Non-Nurse_Staffing_2023_Q2.csv", "other than nurses"),
        ("PBJ_Employee_Detail_Nursing_Home_Staffing_Q1_2024.csv", "single employees"),
        ("NH_Data_Dictionary.pdf", "description of the columns"),
        ("archive/CMS_Data_Dictionary_v22.xlsx", "description of the columns"),
        ("DataMedicareGov_MetadataAllTabs_v17.xlsx", "description of the columns"),
        ("manifest.json", "what the archive holds"),
        ("2026-07/manifest.json", "what the archive holds"),
        ("__MACOSX/._NH_ProviderInfo_Jul2026.csv", "macOS"),
        ("__MACOSX/2026/._NH_ProviderInfo_Jul2026.csv", "macOS"),
        ("2026/.DS_Store", "macOS"),
        ("Nursing_Home_Chain_Performance_Measures_Mar_2026.csv", "chain"),
        ("SNF_Enrollments_2026.07.31.csv", "enrollment"),
        ("Long_Term_Care_Facility_Characteristics_Q4_2025.csv", "another survey"),
        ("facility_level_mds_frequency.csv", "another survey"),
        ("COVID-19_Nursing_Home_weekly.csv", "weekly"),
        ("Penalty_Counts.csv", "part of a table"),
        ("Inspection_Cycle_1_Deficiencies.csv", "part of a table"),
        ("Staffing.csv", "part of a table"),
    ],
)
def test_known_neighbor_is_left_alone_with_its_reason(name: str, reason: str) -> None:
    assert reason in str(ignored_because(name))
    assert ignored_because(name.upper()) == ignored_because(name)


@pytest.mark.parametrize("name", [name for name, _, _ in NAMES])
def test_file_of_a_family_is_no_neighbor_wherever_it_lies(name: str) -> None:
    assert ignored_because(name) is None
    assert ignored_because(f"Data Dictionary and metadata/{name}") is None


@pytest.mark.parametrize("name", ["notes.csv", "NH_Penaltiesx_Feb2025.csv", "NH_NewTable_Oct2027.csv", ""])
def test_file_that_nobody_knows_is_not_passed_over(name: str) -> None:
    assert ignored_because(name) is None
