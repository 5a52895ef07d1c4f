"""Which role may use which route: the one table. A route that is not in it is refused (default deny)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a user is. viewer < operator < duty officer; pilot, maintainer and auditor stand beside them; admin may all.

    A pilot watches and gives orders to drones.
    """

    VIEWER = "viewer"
    OPERATOR = "operator"
    DUTY_OFFICER = "duty_officer"
    PILOT = "pilot"
    MAINTAINER = "maintainer"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Door(StrEnum):
    """What a caller has to show at all."""

    OPEN = "open"
    SIGNED_IN = "signed_in"
    LOOPBACK_OR_SIGNED_IN = "loopback_or_signed_in"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use one route.

    Attributes:
        door: what a caller has to show.
        roles: roles that may pass once signed in.
        before_password_change: also allowed while the user still has to change a one-time password.
    """

    door: Door
    roles: frozenset[Role]
    before_password_change: bool = False


_ALL = frozenset(Role)
_HANDLERS = frozenset({Role.OPERATOR, Role.DUTY_OFFICER, Role.ADMIN})
_PILOTS = frozenset({Role.PILOT, Role.DUTY_OFFICER, Role.ADMIN})
_WATCHERS = _HANDLERS | {Role.VIEWER, Role.PILOT, Role.MAINTAINER}
_READERS = _WATCHERS | {Role.AUDITOR}
_MAINTAINERS = frozenset({Role.MAINTAINER, Role.ADMIN})
_AUDITORS = frozenset({Role.AUDITOR, Role.ADMIN})

_OPEN = Access(Door.OPEN, _ALL, before_password_change=True)
_OWN_SESSION = Access(Door.SIGNED_IN, _ALL, before_password_change=True)


def _for(roles: frozenset[Role]) -> Access:
    return Access(Door.SIGNED_IN, roles)


ROUTES: dict[tuple[str, str], Access] = {
    ("POST", "/api/session"): _OPEN,
    ("GET", "/api/session"): _OWN_SESSION,
    ("DELETE", "/api/session"): _OWN_SESSION,
    ("POST", "/api/session/password"): _OWN_SESSION,
    ("GET", "/api/site"): _OWN_SESSION,
    ("GET", "/api/cameras"): _for(_WATCHERS),
    ("GET", "/api/alerts"): _for(_READERS),
    ("GET", "/api/alerts/{alert_id}"): _for(_READERS),
    ("GET", "/api/alerts/{alert_id}/snapshot"): _for(_READERS),
    ("GET", "/api/alerts/{alert_id}/clip"): _for(_READERS),
    ("POST", "/api/alerts/{alert_id}/acknowledge"): _for(_HANDLERS),
    ("POST", "/api/alerts/{alert_id}/undo"): _for(_HANDLERS),
    ("POST", "/api/alerts/{alert_id}/false_alarm"): _for(_HANDLERS),
    ("POST", "/api/alerts/{alert_id}/dispatch/offer"): _for(_HANDLERS | _PILOTS),
    ("POST", "/api/alerts/{alert_id}/dispatch"): _for(_PILOTS),
    ("GET", "/api/drones"): _for(_WATCHERS),
    ("POST", "/api/drones/{drone_id}/{order}"): _for(_PILOTS),
    ("GET", "/api/patrols"): _for(_READERS),
    ("GET", "/api/patrols/runs"): _for(_READERS),
    ("POST", "/api/patrols/{patrol_id}/start"): _for(_PILOTS),
    ("POST", "/api/patrols/runs/{run_id}/confirm"): _for(_PILOTS),
    ("GET", "/api/flights"): _for(_READERS),
    ("GET", "/api/flights/{flight_id}"): _for(_READERS),
    ("GET", "/api/map"): _for(_WATCHERS),
    ("GET", "/api/events"): _for(_WATCHERS),
    ("POST", "/api/events/webrtc"): _for(_WATCHERS),
    ("DELETE", "/api/events/webrtc/{session}"): _for(_WATCHERS),
    ("OPTIONS", "/whep/{camera_id}"): _OPEN,
    ("POST", "/whep/{camera_id}"): _for(_WATCHERS),
    ("DELETE", "/whep/{camera_id}/{session}"): _for(_WATCHERS),
    ("GET", "/api/health"): _for(_READERS),
    ("GET", "/api/health/strip"): _for(_READERS),
    ("GET", "/api/maintenance"): _for(_READERS),
    ("POST", "/api/maintenance"): _for(_MAINTAINERS),
    ("POST", "/api/maintenance/{outage_id}/end"): _for(_MAINTAINERS),
    ("GET", "/api/users"): _for(_MAINTAINERS),
    ("POST", "/api/users"): _for(_MAINTAINERS),
    ("PATCH", "/api/users/{name}"): _for(_MAINTAINERS),
    ("DELETE", "/api/users/{name}"): _for(_MAINTAINERS),
    ("GET", "/api/audit"): _for(_AUDITORS),
    ("GET", "/healthz"): _OPEN,
    ("GET", "/metrics"): Access(Door.LOOPBACK_OR_SIGNED_IN, _MAINTAINERS),
    ("GET", "/openapi.json"): _for(_ALL),
    ("GET", "/{path:path}"): _OPEN,
}


def access_of(method: str, route_path: str) -> Access | None:
    """The table's row for a route, or None: refuse. HEAD counts as GET."""
    return ROUTES.get(("GET" if method == "HEAD" else method, route_path))
