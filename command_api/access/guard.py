"""The check that every route passes through, before its body is even read.

route in the table? -> session? -> CSRF header for cookie sessions? -> role? -> password changed? -> handler
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from command_api.access.sign_in import Principal
from command_api.context import ApiContext, context_of
from command_api.errors import ERROR_RESPONSES, ApiError, forbidden, not_signed_in
from command_api.roles import Access, Door, access_of

SESSION_COOKIE = "lookout_session"
CSRF_HEADER = "X-Lookout"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST_TOKEN = 200


class GuardedRoute(APIRoute):
    """A route that lets nobody in whom the role table does not name."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()
        path = self.path

        async def guarded(request: Request) -> Response:
            request.state.principal = await admit(request, access_of(request.method, path))
            return await handler(request)

        return guarded


def guarded_router(tag: str) -> APIRouter:
    """A router all of whose routes are guarded."""
    return APIRouter(route_class=GuardedRoute, tags=[tag], responses=ERROR_RESPONSES)


async def admit(request: Request, access: Access | None) -> Principal | None:
    """Who is asking, None where the door is open to all.

    Raises:
        ApiError: 401 or 403.
    """
    if access is None:
        raise forbidden()
    if access.door is Door.OPEN or (access.door is Door.LOOPBACK_OR_SIGNED_IN and comes_from_loopback(request)):
        return None
    context = context_of(request)
    principal = await _principal(request, context)
    if principal is None:
        raise not_signed_in()
    if principal.role not in access.roles:
        raise forbidden()
    if principal.must_change_password and context.is_exposed and not access.before_password_change:
        raise ApiError(403, "password_change_required", "请先修改一次性密码", "change the one-time password first")
    return principal


def address_of(request: Request) -> str:
    """The caller's address, as the socket says (forwarded headers can be made up)."""
    return request.client.host if request.client is not None else ""


def comes_from_loopback(request: Request) -> bool:
    """Whether the caller is on this machine and no proxy stands between."""
    if "forwarded" in request.headers or "x-forwarded-for" in request.headers:
        return False
    try:
        return ipaddress.ip_address(address_of(request)).is_loopback
    except ValueError:
        return False


async def _principal(request: Request, context: ApiContext) -> Principal | None:
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer:
        return await _whose(bearer.strip(), request, context)
    cookie = request.cookies.get(SESSION_COOKIE, "")
    if not cookie:
        return None
    principal = await _whose(cookie, request, context)
    if principal is not None and request.method not in _SAFE_METHODS and not request.headers.get(CSRF_HEADER):
        raise ApiError(
            403, "csrf_header_missing", f"缺少请求头 {CSRF_HEADER}", f"send the header {CSRF_HEADER}: 1 with a cookie"
        )
    return principal


async def _whose(token: str, request: Request, context: ApiContext) -> Principal | None:
    if len(token) > _LONGEST_TOKEN:
        return None
    return await context.sign_ins.principal(token, address_of(request))
