"""KPI 7: resident days as the proxy of throughput, daily census and occupancy."""

from kpi_catalogue import THROUGHPUT_KPI
from kpi_page import render

render(THROUGHPUT_KPI)
