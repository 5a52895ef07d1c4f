"""Every route stands in the one role table, and nothing in the table is without a route."""

from __future__ import annotations

import itertools

from fastapi import FastAPI
from starlette.routing import BaseRoute

from command_api.access.guard import GuardedRoute
from command_api.app import ROUTERS
from command_api.roles import ROUTES, Door, Role, access_of


def _routes() -> list[GuardedRoute]:
    routes: list[BaseRoute] = list(itertools.chain.from_iterable(router.routes for router in ROUTERS))
    assert all(isinstance(route, GuardedRoute) for route in routes), "a route that is not guarded"
    return [route for route in routes if isinstance(route, GuardedRoute)]


def test_every_route_is_in_the_table_and_the_other_way_round() -> None:
    found = {(method, route.path) for route in _routes() for method in route.methods or ()}
    assert found == set(ROUTES)


def test_the_app_adds_no_route_of_its_own() -> None:
    stock = FastAPI(openapi_url=None)
    assert stock.routes == []


def test_a_route_that_is_not_in_the_table_is_refused() -> None:
    assert access_of("GET", "/api/new-and-forgotten") is None
    assert access_of("DELETE", "/api/alerts") is None


def test_head_counts_as_get() -> None:
    assert access_of("HEAD", "/api/alerts") is ROUTES[("GET", "/api/alerts")]


def test_only_these_doors_are_open_to_all() -> None:
    open_doors = {route for route, access in ROUTES.items() if access.door is Door.OPEN}
    assert open_doors == {
        ("POST", "/api/session"),
        ("OPTIONS", "/whep/{camera_id}"),
        ("GET", "/healthz"),
        ("GET", "/{path:path}"),
    }


def test_roles_rise_from_viewer_to_duty_officer_and_admin_may_all() -> None:
    for route, access in ROUTES.items():
        assert Role.ADMIN in access.roles, route
        if Role.VIEWER in access.roles:
            assert Role.OPERATOR in access.roles, route
        if Role.OPERATOR in access.roles:
            assert Role.DUTY_OFFICER in access.roles, route


def test_who_handles_alerts_and_who_keeps_users() -> None:
    assert access_of("POST", "/api/alerts/{alert_id}/acknowledge").roles == {  # type: ignore[union-attr]
        Role.OPERATOR,
        Role.DUTY_OFFICER,
        Role.ADMIN,
    }
    assert access_of("POST", "/api/users").roles == {Role.MAINTAINER, Role.ADMIN}  # type: ignore[union-attr]
    assert Role.AUDITOR not in access_of("POST", "/whep/{camera_id}").roles  # type: ignore[union-attr]
