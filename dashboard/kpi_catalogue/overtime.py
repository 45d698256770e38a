"""KPI 4: two proxies for overtime, which no public file holds."""

from __future__ import annotations

from kpi_catalogue.model import PBJ, Kpi, Measure, added_up
from units import PERCENT

_PROXY = "kpi_overtime_proxy_by_facility_month"
PROXY_SENTENCE = (
    "This is a proxy, not overtime. No public file holds overtime hours: PBJ reports paid hours but not which were overtime."
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
    source=PBJ,
    how_averaged="Ratio of sums.",
    measures=(
        Measure(
            "contract",
            "Overtime proxy 1: contract share",
            PERCENT,
            facility=added_up(_PROXY, "month", ratio="contract_share_pct"),
            is_proxy=True,
        ),
        Measure(
            "surge",
            "Overtime proxy 2: surge share",
            PERCENT,
            facility=added_up(_PROXY, "month", ratio="surge_share_pct"),
            is_proxy=True,
            note="Surge hours: hours above the facility's own mean day of this month and the two before it.",
        ),
    ),
    caveats=(
        PROXY_SENTENCE,
        "A facility may buy agency hours instead of paying overtime: a high contract share can mean less overtime, not more.",
        "Surge hours also rise when a facility admits more residents; they show that a day was unusual, not who worked it.",
    ),
    exclusions="Facility-months without any nurse hours.",
    proxy_note=PROXY_SENTENCE,
)
