"""PBJ files that add up exactly to the published totals of a quarter: a few facilities a state, the quarter's own header."""

from __future__ import annotations

import csv
import io
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from tests import pbj_history

CENT = Decimal("0.01")
FACILITIES = 2  # a state
CATEGORIES = ("rn_don", "rn_admin", "rn", "lpn_admin", "lpn", "cna", "na_training", "med_aide")
#: What the file of 2017Q2 has under the mislabelled header: all hours of medication aides. A tenth of them is by contract.
MISLABELLED_QUARTER, AIDES_BY_CONTRACT = "2017Q2", Decimal("0.1")

Oracle = dict[tuple[str, str], dict[str, float]]


@dataclass(frozen=True)
class Totals:
    """Hours of a state and quarter by category, of employees and by contract, as the file has them; the residents' days."""

    resident_days: int
    employee: dict[str, Decimal]
    contract: dict[str, Decimal]
    aide_hours_under_the_wrong_name: Decimal | None = None


def read_oracle(folder: Path) -> Oracle:
    """(state, quarter) → the figures that others computed from the genuine files; US is the nation."""
    found: Oracle = {}
    for name in ("state_quarterly_metrics.csv", "national_quarterly_metrics.csv"):
        with (folder / name).open(newline="") as lines:
            for row in csv.DictReader(lines):
                key = ("US" if row["STATE"] == "NATIONAL" else row["STATE"], row["CY_Qtr"])
                found[key] = {
                    column: float(value) for column, value in row.items() if column not in ("STATE", "CY_Qtr") and value
                }
    return found


def totals_of(quarter: str, figures: dict[str, float]) -> Totals:
    """Categories whose sums are those of the oracle; how a group divides into its categories is ours."""

    def hours(column: str) -> Decimal:
        return Decimal(figures[column]).quantize(CENT)

    nurse, rn, aides = hours("Total_Nurse_Hours"), hours("Total_RN_Hours"), hours("Total_Nurse_Assistant_Hours")
    rn_care, care, contract = hours("Total_RN_Care_Hours"), hours("Total_Nurse_Care_Hours"), hours("Total_Contract_Hours")
    lpn_care = care - rn_care - aides
    is_mislabelled = quarter == MISLABELLED_QUARTER
    wrong = (contract / 2).quantize(CENT) if is_mislabelled else None
    med_aides = (aides / 20).quantize(CENT) if wrong is None else wrong
    in_training = (aides / 50).quantize(CENT)
    don = ((rn - rn_care) / 3).quantize(CENT)
    total = {
        "rn_don": don, "rn_admin": rn - rn_care - don, "rn": rn_care, "lpn_admin": nurse - rn - aides - lpn_care, "lpn": lpn_care,
        "na_training": in_training, "med_aide": med_aides, "cna": aides - in_training - med_aides,
    }  # fmt: skip
    by_contract = _spread(contract - (wrong or 0), total, leave_out={"med_aide"} if is_mislabelled else set())
    if wrong is not None:
        by_contract["med_aide"] = (wrong * AIDES_BY_CONTRACT).quantize(CENT)
    employee = {name: total[name] - by_contract[name] for name in CATEGORIES}
    assert min(*employee.values(), *by_contract.values()) >= 0
    return Totals(int(figures["total_resident_days"]), employee, by_contract, wrong)


def _spread(contract: Decimal, total: dict[str, Decimal], leave_out: set[str]) -> dict[str, Decimal]:
    """Contract hours over the categories in proportion; what rounding leaves goes to the largest."""
    chosen = {name: hours for name, hours in total.items() if name not in leave_out}
    whole = sum(chosen.values())
    spread = dict.fromkeys(CATEGORIES, Decimal(0)) | {
        name: (contract * hours / whole).quantize(CENT) for name, hours in chosen.items()
    }
    spread[max(chosen, key=lambda name: chosen[name])] += contract - sum(spread.values())
    return spread


def corrected_contract_hours(totals: Totals) -> Decimal:
    return sum(totals.contract.values(), Decimal(0))


def write_quarter(quarter: str, states: dict[str, Totals], seed: int) -> bytes:
    """The file of the quarter: each facility has one day in each month, and all of a state add up to its totals."""
    chance = random.Random(f"{seed} {quarter}")
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(pbj_history.header_of(quarter))
    for number, (state, totals) in enumerate(sorted(states.items())):
        for cells in _state_rows(quarter, state, number, totals, chance):
            writer.writerow([cells[name] for name in pbj_history.columns_of(quarter)])
    return text.getvalue().encode("cp1252")


def _state_rows(quarter: str, state: str, number: int, totals: Totals, chance: random.Random) -> Iterator[dict[str, str]]:
    first_month = 3 * int(quarter[-1]) - 2
    days = [f"{quarter[:4]}{month:02d}{chance.randint(1, 28):02d}" for month in range(first_month, first_month + 3)]
    rows = [
        {
            "ccn": f"{number + 1:02d}5{facility:03d}", "provider_name": f"ST. MARY’S {state}", "city": "TOWN", "state": state,
            "county_name": "Franklin", "county_fips": "059", "quarter": quarter, "work_date": day,
            "incomplete": "Y" if facility == 0 and day == days[0] else "",
        }
        for facility in range(FACILITIES) for day in days
    ]  # fmt: skip
    for row, census in zip(rows, _parts(Decimal(totals.resident_days), len(rows), Decimal(1), chance), strict=True):
        row["resident_census"] = str(census)
    hours: dict[str, list[Decimal]] = defaultdict(list)
    for name in CATEGORIES:
        hours[f"{name}_employee_hours"] = _parts(totals.employee[name], len(rows), CENT, chance)
        hours[f"{name}_contract_hours"] = _parts(totals.contract[name], len(rows), CENT, chance)
        pairs = zip(hours[f"{name}_employee_hours"], hours[f"{name}_contract_hours"], strict=True)
        hours[f"{name}_hours"] = [employee + contract for employee, contract in pairs]
    if totals.aide_hours_under_the_wrong_name is not None:
        hours["med_aide_contract_hours"] = hours["med_aide_hours"]
    for at, row in enumerate(rows):
        yield row | {name: str(parts[at]) for name, parts in hours.items()}


def _parts(whole: Decimal, count: int, unit: Decimal, chance: random.Random) -> list[Decimal]:
    """Unequal parts that add up to the whole, none of them negative."""
    weights = [Decimal(chance.randint(50, 150)) for _ in range(count)]
    parts = [(whole * weight / sum(weights) // unit) * unit for weight in weights]
    return [*parts[:-1], whole - sum(parts[:-1])]
