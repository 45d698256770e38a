"""KPI 4: two proxies for overtime, named as proxies."""

import gold
import page_frame
from charts import Line
from kpi_catalogue import OVERTIME_KPI
from kpi_page import View, render
from page_frame import Column, Table
from units import PERCENT


def _both_proxies(view: View) -> None:
    frames = [
        gold.trend(view.publication, measure, view.scope, view.period.first, view.period.last)
        for measure in OVERTIME_KPI.measures
    ]
    names = [measure.label for measure in OVERTIME_KPI.measures]
    lines = [Line(name, frame) for name, frame in zip(names, frames, strict=True)]
    rows = page_frame.with_period_words(frames[0][["period"]])
    for line in lines:
        rows[line.name] = line.frame["value"].to_numpy()
    heading = f"Both overtime proxies: {view.place}, {view.period.words}"
    columns = {"period_words": Column("Month"), **{name: Column(name, PERCENT) for name in names}}
    table = Table(rows[[*columns]], columns, view.file_name("both_proxies"), view.about(heading))
    note = "Neither line is overtime. They often move apart: agency staff can replace overtime."
    page_frame.trend_figure(heading, note, lines, PERCENT, table)


render(OVERTIME_KPI, _both_proxies)
