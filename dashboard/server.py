"""`streamlit run server.py`: the dashboard, with its libraries loaded before the first visitor comes (a second and a half)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st


@asynccontextmanager
async def _warm(_app: st.App) -> AsyncIterator[None]:
    import kpi_page  # noqa: F401, PLC0415 - with it come pandas, Plotly, DuckDB and all modules of the pages

    yield


app = st.App("streamlit_app.py", lifespan=_warm)
