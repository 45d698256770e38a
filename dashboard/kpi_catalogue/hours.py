"""KPI 1: total nurse hours worked."""

from __future__ import annotations

from kpi_catalogue.contract import CONTRACT_FACILITY
from kpi_catalogue.hprd import HPRD_FACILITY
from kpi_catalogue.model import PBJ, Benchmark, Kpi, Measure, Series, added_up
from units import HOURS, HPRD

_HOURS_TABLE = "kpi_nurse_hours_by_state_month"


def _hours(key: str, label: str, column: str, table: str = HPRD_FACILITY) -> Measure:
    return Measure(
        key,
        label,
        HOURS,
        state=Series(_HOURS_TABLE, "month", column),
        facility=added_up(table, "month", f"sum(f.{column})"),
        mapped_as="per_resident_day",
    )


HOURS_KPI = Kpi(
    number=1,
    key="hours",
    title="Total nurse hours worked",
    asked_as="Total Hours Worked (State & Month)",
    definition="Paid hours of all eight nurse categories, employees and contract staff, by state and calendar month.",
    formula="sum of DON + RN admin + RN + LPN admin + LPN + CNA + nurse aide in training + medication aide hours",
    source=PBJ,
    how_averaged="A sum. Totals follow a state's size, so the map shows hours per resident day instead.",
    measures=(
        _hours("total", "Total nurse hours", "total_nurse_hours"),
        _hours("rn", "Registered nurse (RN) hours", "rn_hours"),
        _hours("lpn", "Licensed practical nurse (LPN) hours", "lpn_hours"),
        _hours("aide", "Nurse aide hours", "nurse_aide_hours"),
        _hours("employee", "Employee hours", "employee_hours", CONTRACT_FACILITY),
        _hours("contract", "Contract (agency) hours", "contract_hours", CONTRACT_FACILITY),
        Measure(
            "per_resident_day",
            "Total nurse hours per resident day",
            HPRD,
            state=Series(_HOURS_TABLE, "month", ratio="total_nurse_hprd"),
            facility=added_up(HPRD_FACILITY, "month", ratio="total_nurse_hprd"),
        ),
    ),
    caveats=(
        "Hours are placed in the state that the PBJ file names; facilities that ProviderInfo lacks are counted too.",
        "Nurse aides in training and medication aides belong to the total. Leaving them out lowers it by about 4%.",
        "A few facility-days hold impossible hours (more than 24 a resident). They are kept, as CMS published them.",
    ),
    exclusions="None. Every facility-day of the file counts.",
    benchmarks=(Benchmark("total", "total_nurse_hours"),),
)
