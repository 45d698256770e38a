"""What keeps strangers out of the page: a strict Content-Security-Policy, and no request from another site's page.

Airflow knows its user by a cookie, or takes everybody for an admin (the embedded default), so that a browser adds the right to
do it to whatever another site's page sends here. No site can change what the browser says of where a request comes from.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from airflow.configuration import conf
from fastapi import HTTPException, Request

#: Airflow shows the page in a frame of its own; nobody else may. No inline script or style: a file name can bring none.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'self'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class RefusedError(HTTPException):
    """Its detail is a sentence of ours for the person at the screen."""


def require_same_origin(request: Request) -> None:
    """Browsers leave out Sec-Fetch-Site on plain http; Origin stands in every POST. Who sends neither is no browser: refused."""
    site = request.headers.get("sec-fetch-site")
    is_ours = site == "same-origin" if site else _is_our_host(request, request.headers.get("origin", ""))
    if not is_ours:
        raise RefusedError(403, "This was not sent by the page itself, so nothing was done. Press the button on the page.")


def _is_our_host(request: Request, origin: str) -> bool:
    """A proxy in front may rewrite Host: the address that Airflow is configured with counts as well."""
    ours = {request.headers.get("host", ""), urlsplit(conf.get("api", "base_url", fallback="")).netloc} - {""}
    return urlsplit(origin).netloc in ours
