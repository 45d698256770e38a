"""KPI 3: share of nurse hours worked by contract staff."""

from __future__ import annotations

from kpi_catalogue.model import ORACLE, PBJ, Benchmark, Kpi, Measure, Series, added_up, ratio_of_sums
from units import PERCENT

CONTRACT_FACILITY = "kpi_contract_staffing_by_facility_month"
_CONTRACT_STATE = "kpi_contract_staffing_by_state_quarter"


def _contract(
    key: str, label: str, prefix: str = "", hours: str = "total_nurse_hours", suffix: str = "", note: str = ""
) -> Measure:
    share = ratio_of_sums(f"f.{prefix}contract_hours{suffix}", f"f.{hours}", "100.0")
    return Measure(
        key,
        label,
        PERCENT,
        state=Series(_CONTRACT_STATE, "quarter", f"{prefix}contract_share{suffix}_pct"),
        facility=added_up(CONTRACT_FACILITY, "quarter", share),
        note=note,
    )


CONTRACT_KPI = Kpi(
    number=3,
    key="contract-staffing",
    title="Contract staffing share",
    asked_as="Percentage of Contractor Staffing",
    definition="Share of nurse hours worked by contract (agency) staff rather than the facility's own employees.",
    formula="100 x sum of contract hours / sum of total nurse hours, all eight nurse categories in both",
    source=PBJ,
    how_averaged="Ratio of sums.",
    measures=(
        _contract("total", "Contract share of nurse hours"),
        _contract("rn", "Contract share of RN hours", "rn_", "rn_hours"),
        _contract("lpn", "Contract share of LPN hours", "lpn_", "lpn_hours"),
        _contract("aide", "Contract share of nurse aide hours", "nurse_aide_", "nurse_aide_hours"),
        _contract(
            "as_published", "Contract share as published, uncorrected", suffix="_as_published",
            note="Every column of the files as it stands. It differs from the corrected share only where a file is corrected.",
        ),
    ),
    caveats=(
        "All eight nurse categories count, not only RN, LPN and CNA.",
        "2017 Q2 is corrected: CMS mislabelled a column in that file. The switch on the page shows the figure as published.",
    ),
    exclusions="Facilities without any nurse hours have no share; they are not counted as zero.",
    notes_subject="contract_staffing",
    benchmarks=tuple(
        Benchmark("total", state, quarter, value, ORACLE)
        for state, quarter, value in (
            ("US", "2017Q1", 2.10), ("US", "2019Q4", 3.43), ("US", "2022Q4", 10.52), ("US", "2024Q2", 7.0392),
            ("US", "2026Q1", 5.31), ("VT", "2024Q2", 29.64), ("AL", "2024Q2", 1.40),
        )
    ),
)  # fmt: skip
