"""What the profile of one facility shows: who it is, how it stands, and five views of everything that gold knows about it."""

from __future__ import annotations

from collections.abc import Callable

from facility_views.identity import show_identity, show_stars
from facility_views.inspections import show_inspections
from facility_views.peers import show_beside_peers, show_peers
from facility_views.profile import Profile
from facility_views.quality_measures import show_quality_measures
from facility_views.ratings import show_ratings
from facility_views.staffing import show_staffing

__all__ = ["VIEWS", "Profile", "show_beside_peers", "show_identity", "show_stars"]

VIEWS: dict[str, tuple[str, Callable[[Profile], None]]] = {
    "staffing": ("Staffing", show_staffing),
    "ratings": ("Ratings and vaccination", show_ratings),
    "inspections": ("Inspections and penalties", show_inspections),
    "measures": ("Quality measures", show_quality_measures),
    "peers": ("Peers in the state", show_peers),
}
