"""Sign in, sign out, change the password."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Annotated

from fastapi import Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from command_api.access.guard import SESSION_COOKIE, address_of, guarded_router
from command_api.access.passwords import LONGEST_PASSWORD, weakness
from command_api.access.sign_in import LONGEST_SESSION, LockedOut, Principal
from command_api.errors import ApiError, ErrorBody
from command_api.roles import Role
from command_api.routers.common import Caller, Context, RequestBody
from command_api.store import audit, people

router = guarded_router("session")

UserName = Annotated[str, Field(min_length=1, max_length=64)]
Password = Annotated[str, Field(min_length=1, max_length=LONGEST_PASSWORD)]


class Credentials(RequestBody):
    """What a person signs in with."""

    model_config = ConfigDict(json_schema_extra={"example": {"username": "zhang", "password": "correct horse 7"}})

    username: UserName
    password: Password


class PasswordChange(RequestBody):
    """The password so far and the new one."""

    old: Password
    new: Password


class SessionUser(BaseModel):
    """Who is signed in."""

    name: str
    display_name: str
    role: Role
    unit: str


class SessionView(BaseModel):
    """A session as its owner sees it."""

    user: SessionUser
    must_change_password: bool
    expires_at: AwareDatetime


class NewSession(SessionView):
    """A session just begun; the token serves as bearer token and is told once."""

    token: str


@router.post("/api/session", responses={401: {"model": ErrorBody}, 429: {"model": ErrorBody}})
async def sign_in(credentials: Credentials, request: Request, response: Response, context: Context) -> NewSession:
    """Begin a session: sets the cookie, and tells the token for programs."""
    outcome = await context.sign_ins.sign_in(credentials.username, credentials.password, address_of(request))
    if outcome is None:
        raise ApiError(401, "wrong_credentials", "用户名或密码错误", "wrong user name or password")
    if isinstance(outcome, LockedOut):
        wait_s = math.ceil(outcome.wait_s)
        raise ApiError(
            429,
            "locked",
            f"尝试次数过多，请 {wait_s} 秒后再试",
            f"too many failed attempts; try again in {wait_s} s",
            {"Retry-After": str(wait_s)},
        )
    response.set_cookie(
        SESSION_COOKIE,
        outcome.token,
        max_age=int(LONGEST_SESSION.total_seconds()),
        path="/",
        secure=context.config.web.secure_cookie or context.config.web.tls_certificate is not None,
        httponly=True,
        samesite="strict",
    )
    response.headers["Cache-Control"] = "no-store"
    return NewSession(**dict(_view(outcome.principal)), token=outcome.token)


@router.get("/api/session")
async def current_session(caller: Caller) -> SessionView:
    """Who is signed in."""
    return _view(caller)


@router.delete("/api/session", status_code=204)
async def sign_out(caller: Caller, response: Response, context: Context) -> None:
    """End this session."""
    entry = audit.Entry(context.clock.now(), caller.name, caller.address, audit.Action.SIGN_OUT, caller.name)

    def work(connection: Connection) -> None:
        people.end_session(connection, caller.token_sha256)
        audit.append(connection, entry)

    await context.store.write(work)
    await context.open_pages.end_sign_in(caller.token_sha256)
    response.delete_cookie(SESSION_COOKIE, path="/")


@router.post("/api/session/password", status_code=204)
async def change_password(change: PasswordChange, caller: Caller, context: Context) -> None:
    """Set a new password; ends this user's other sessions."""
    user = await context.store.read(lambda connection: people.get_user(connection, caller.name))
    if user is None or not await context.sign_ins.confirm(caller, user.password_hash, change.old):
        raise ApiError(403, "wrong_password", "原密码错误", "the old password is wrong")
    if change.new == change.old:
        raise ApiError(
            422, "weak_password", "新密码不能与原密码相同", "the new password is the old one; choose another"
        )
    problem = weakness(change.new, caller.name)
    if problem is not None:
        raise ApiError(422, "weak_password", *problem)
    now = context.clock.now()
    password_hash = await context.sign_ins.hash(change.new)
    entry = audit.Entry(now, caller.name, caller.address, audit.Action.PASSWORD_CHANGED, caller.name)

    def work(connection: Connection) -> None:
        known = people.get_user(connection, caller.name)  # again: it may have changed while the password was hashed
        if known is None or known.password_hash != user.password_hash:
            raise ApiError(
                409, "user_changed", "账号刚被修改，请重新登录", "the account was just changed; sign in again"
            )
        changed = replace(known, password_hash=password_hash, must_change_password=False, password_changed_at=now)
        people.replace_user(connection, changed)
        people.end_sessions_of(connection, caller.name, but=caller.token_sha256)
        audit.append(connection, entry)

    await context.store.write(work)
    await context.open_pages.end_user(caller.name, but=caller.token_sha256)


def _view(principal: Principal) -> SessionView:
    return SessionView(
        user=SessionUser(
            name=principal.name, display_name=principal.display_name, role=principal.role, unit=principal.unit
        ),
        must_change_password=principal.must_change_password,
        expires_at=principal.expires_at,
    )
