"""KPI 3: share of nurse hours worked by contract staff."""

import gold
import page_frame
from charts import Line
from kpi_catalogue import CONTRACT_KPI
from kpi_page import View, render
from page_frame import Column, Table
from units import PERCENT


def _by_profession(view: View) -> None:
    frames = {
        measure: gold.trend(view.publication, measure, view.scope, view.period.first, view.period.last)
        for measure in CONTRACT_KPI.measures
    }
    lines = [
        Line(measure.label.removeprefix("Contract share of ").capitalize().replace("Rn", "RN").replace("Lpn", "LPN"), frame)
        for measure, frame in frames.items()
    ]
    table_rows = page_frame.with_period_words(lines[0].frame[["period"]])
    for line in lines:
        table_rows[line.name] = line.frame["value"].to_numpy()
    heading = f"Contract share by profession: {view.place}, {view.period.words}"
    columns = {"period_words": Column("Quarter"), **{line.name: Column(line.name, PERCENT) for line in lines}}
    note = "Contract hours of a profession in percent of its own hours."
    table = Table(table_rows[[*columns]], columns, view.file_name("by_profession"), view.about(heading))
    page_frame.trend_figure(heading, note, lines, PERCENT, table)


render(CONTRACT_KPI, _by_profession)
