"""Adds the page "Data landing" to Airflow's UI: every file version, how far it is, and why it was refused."""

from __future__ import annotations

import sys
from typing import Any

from airflow.plugins_manager import AirflowPlugin


def _apps() -> list[dict[str, Any]]:
    """The web page, in the process that serves pages; all others only load the plugin's name."""
    if "api-server" not in sys.argv:
        return []
    from include.on_call.landing_page.app import app

    return [{"app": app, "url_prefix": "/data-landing", "name": "Data landing"}]


class DataLandingPlugin(AirflowPlugin):
    name = "data_landing"
    fastapi_apps = _apps()
    external_views = [
        {
            "name": "Data landing",
            "href": "/data-landing/",
            "destination": "nav",
            "category": "browse",
            "url_route": "data-landing",
        }
    ]
