"""How CMS wrote each of the 37 quarters of PBJ: header and file name, by the drift that SCHEMAS.md documents."""

from __future__ import annotations

from include.contracts.contract import load_contract

FAMILY = "pbj_daily_nurse_staffing"
QUARTERS = [f"{year}Q{number}" for year in range(2017, 2027) for number in range(1, 5)][:37]
LOWER_CASE = {quarter for quarter in QUARTERS if quarter < "2018Q1" or "2018Q4" <= quarter <= "2019Q4" or quarter == "2020Q3"}
NAMES_OF_2017 = {"Hrs_LPNadmin": "hrs_lpn_admin", "Hrs_NAtrn": "hrs_na_trn"}
#: What 2017Q2 wrote, under a second name of the directors of nursing, in the place of the medication aides' contract hours.
MISLABELLED = ("2017Q2", "Hrs_MedAide_ctr", "hrs_rn_donadmin")
FILE_NAMES = {
    "2019Q2": "PBJ_Nurse_2019_Q2_4juw-fxcf.csv",
    "2020Q1": "PBJ_Daily_Nurse_Staffing_CY_2020Q1.csv",
    "2020Q2": "PBJ_Daily_Nurse_Staffing_CY_2020Q2.csv",
    "2020Q3": "2qky-49qq.csv",  # tells its quarter only inside
    "2020Q4": "pbj_daily_nurse_staffing_cy_2020q4.csv",
    "2023Q2": "Payroll_Based_Journal_Daily_Nurse_Staffing_2023_Q2.csv",
    "2024Q2": "PBJ_Daily_Nurse_Staffing_Q2_2024.csv",
}


def file_name_of(quarter: str) -> str:
    return FILE_NAMES.get(quarter, f"PBJ_dailynursestaffing_CY{quarter}.csv")


def columns_of(quarter: str) -> list[str]:
    """The contract's column names in the order of that quarter's file: 2017 has medication aides before those in training."""
    names = [column.name for column in load_contract(FAMILY).columns if column.name != "incomplete" or quarter == "2021Q4"]
    if quarter < "2018Q1":
        in_training = [name for name in names if name.startswith("na_training")]
        names = [name for name in names if name not in in_training] + in_training
    return names


def header_of(quarter: str) -> list[str]:
    """The header as that quarter's file has it."""
    now = {column.name: column.header for column in load_contract(FAMILY).columns}
    return [_spelt(now[name], quarter) for name in columns_of(quarter)]


def _spelt(header: str, quarter: str) -> str:
    if (quarter, header) == MISLABELLED[:2]:
        return MISLABELLED[2]
    if quarter == "2017Q1" and header == "Hrs_RNDON":
        return "hrs_rn_donadmin"
    if quarter < "2018Q1" and header in NAMES_OF_2017:
        return NAMES_OF_2017[header]
    return header.lower() if quarter in LOWER_CASE else header
