"""KPI 3: share of nurse hours worked by contract staff."""

from __future__ import annotations

from kpi_catalogue.model import PBJ, Benchmark, Kpi, Measure, Series, added_up
from units import PERCENT

CONTRACT_FACILITY = "kpi_contract_staffing_by_facility_month"
_CONTRACT_STATE = "kpi_contract_staffing_by_state_quarter"


def _contract(key: str, label: str, column: str, note: str = "") -> Measure:
    facility = added_up(CONTRACT_FACILITY, "quarter", ratio=column)
    return Measure(key, label, PERCENT, facility, Series(_CONTRACT_STATE, "quarter", column), note)


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
        _contract("total", "Contract share of nurse hours", "contract_share_pct"),
        _contract("rn", "Contract share of RN hours", "rn_contract_share_pct"),
        _contract("lpn", "Contract share of LPN hours", "lpn_contract_share_pct"),
        _contract("aide", "Contract share of nurse aide hours", "nurse_aide_contract_share_pct"),
        _contract(
            "as_published",
            "Contract share as published, uncorrected",
            "contract_share_as_published_pct",
            "Every column of the files as it stands. It differs from the corrected share only where a file is corrected.",
        ),
    ),
    caveats=(
        "All eight nurse categories count, not only RN, LPN and CNA.",
        "2017 Q2 is corrected: CMS mislabeled a column in that file. The switch on the page shows the figure as published.",
    ),
    exclusions="Facilities without any nurse hours have no share; they are not counted as zero.",
    notes_subject="contract_staffing",
    benchmarks=(Benchmark("total", "contract_share_pct"),),
)
