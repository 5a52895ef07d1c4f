"""Users: who may sign in, as what, for which unit. And the audit trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from command_api.access.accounts import LONGEST_DISPLAY_NAME, LONGEST_UNIT, UNIT, USER_NAME
from command_api.access.guard import guarded_router
from command_api.access.passwords import LONGEST_PASSWORD, random_password, weakness
from command_api.access.sign_in import Principal
from command_api.context import ApiContext
from command_api.errors import ApiError, forbidden, not_found
from command_api.roles import Role
from command_api.routers.common import Caller, Context, RequestBody
from command_api.store import audit, people

router = guarded_router("users")

Name = Annotated[str, Path(pattern=USER_NAME)]
DisplayName = Annotated[str, Field(min_length=1, max_length=LONGEST_DISPLAY_NAME)]
Unit = Annotated[
    str, Field(min_length=1, max_length=LONGEST_UNIT, pattern=UNIT, description="E.g. bureau/kuangshanlu.")
]
Password = Annotated[str, Field(min_length=1, max_length=LONGEST_PASSWORD)]


class NewUser(RequestBody):
    """Somebody who is to sign in. Without a password they get a one-time one."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"name": "zhang", "display_name": "张警官", "role": "operator", "unit": "bureau/kuangshanlu"}
        }
    )

    name: Annotated[str, Field(pattern=USER_NAME)]
    display_name: DisplayName
    role: Role
    unit: Unit
    password: Password | None = None


class UserChange(RequestBody):
    """What is to change; everything left out stays."""

    display_name: DisplayName | None = None
    role: Role | None = None
    unit: Unit | None = None
    password: Password | None = Field(default=None, description="New one-time password.")
    disabled: bool | None = Field(default=None, description="true: may not sign in; everything of theirs is kept.")
    reset_password: bool = Field(default=False, description="Make a random one-time password and tell it once.")


class UserView(BaseModel):
    """A user."""

    name: str
    display_name: str
    role: Role
    unit: str
    must_change_password: bool
    disabled: bool
    created_at: AwareDatetime


class UserWithPassword(UserView):
    """A user, and the one-time password where one was made; it is told once."""

    one_time_password: str | None = None


class Users(BaseModel):
    """Users."""

    users: list[UserView]


class AuditRecord(BaseModel):
    """One record of the audit trail."""

    id: int
    at: AwareDatetime
    actor: str
    address: str
    action: audit.Action
    subject: str
    detail: str
    hash: str


class AuditPage(BaseModel):
    """Some of the audit trail, and whether these records are as they were written."""

    records: list[AuditRecord]
    is_intact: bool
    broken_at: int | None = Field(description="The first record that does not fit the ones before it.")


@router.get("/api/users")
async def list_users(caller: Caller, context: Context) -> Users:
    """Users of the caller's unit and below."""
    users = await context.store.read(people.all_users)
    return Users(users=[_view(user) for user in users if context.register.covers(caller.unit, user.unit)])


@router.post("/api/users", status_code=201)
async def create_user(new: NewUser, caller: Caller, context: Context) -> UserWithPassword:
    """Add a user; the first sign-in asks for a password of their own."""
    _check_may_give(caller, context, new.role, new.unit)
    one_time = None if new.password is not None else random_password()
    password = _checked(new.password or one_time or "", new.name)
    password_hash = await context.sign_ins.hash(password)
    now = context.clock.now()
    user = people.User(new.name, new.display_name, new.role, new.unit, password_hash, True, now, now)
    entry = audit.Entry(now, caller.name, caller.address, audit.Action.USER_CREATED, new.name, _words(user))

    def work(connection: Connection) -> bool:
        if people.get_user(connection, user.name) is not None:
            return False
        people.add_user(connection, user)
        audit.append(connection, entry)
        return True

    if not await context.store.write(work):
        raise ApiError(409, "user_exists", "用户已存在", "there is a user of that name")
    return UserWithPassword(**dict(_view(user)), one_time_password=one_time)


@router.patch("/api/users/{name}")
async def change_user(name: Name, change: UserChange, caller: Caller, context: Context) -> UserWithPassword:
    """Change a user; ends their sessions, so that the new rights hold at once."""
    user = await _manageable(name, caller, context)
    _check_may_give(caller, context, change.role or user.role, change.unit or user.unit)
    if change.disabled and name == caller.name:
        raise ApiError(409, "own_account", "不能停用自己", "you cannot disable yourself")
    one_time = random_password() if change.reset_password and change.password is None else None
    password = change.password or one_time
    password_hash = await context.sign_ins.hash(_checked(password, name)) if password is not None else None
    now = context.clock.now()

    def work(connection: Connection) -> people.User | None:
        known = people.get_user(connection, name)  # again: it may have changed while the password was hashed
        if known is None:
            raise not_found("用户", "user")
        changed = _changed(known, change, password_hash, now)
        loses_admin = changed.role is not Role.ADMIN or changed.disabled
        if loses_admin and people.is_last_admin(connection, name):
            return None
        people.replace_user(connection, changed)
        people.end_sessions_of(connection, name)
        words = _words(changed) + (" password" if password is not None else "")
        audit.append(connection, audit.Entry(now, caller.name, caller.address, audit.Action.USER_CHANGED, name, words))
        return changed

    changed = await context.store.write(work)
    if changed is None:
        raise _last_admin()
    await context.open_pages.end_user(name)
    return UserWithPassword(**dict(_view(changed)), one_time_password=one_time)


@router.delete("/api/users/{name}", status_code=204)
async def delete_user(name: Name, caller: Caller, context: Context) -> None:
    """Remove a user and end their sessions."""
    if name == caller.name:
        raise ApiError(409, "own_account", "不能删除自己", "you cannot remove yourself")
    await _manageable(name, caller, context)
    entry = audit.Entry(context.clock.now(), caller.name, caller.address, audit.Action.USER_DELETED, name)

    def work(connection: Connection) -> bool:
        if people.is_last_admin(connection, name):
            return False
        people.delete_user(connection, name)
        audit.append(connection, entry)
        return True

    if not await context.store.write(work):
        raise _last_admin()
    await context.open_pages.end_user(name)


@router.get("/api/audit")
async def read_audit(
    _caller: Caller,
    context: Context,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> AuditPage:
    """The audit trail in order, checked against its hashes."""
    # one record before the page gives the hash that the page begins from
    records = await context.store.read(lambda connection: audit.read(connection, max(0, after - 1), limit + 1))
    has_anchor = after > 0 and bool(records)
    page = records[1:] if has_anchor else records[:limit]
    broken_at = audit.broken_at(page, records[0].hash) if has_anchor else audit.broken_at(page)
    return AuditPage(
        records=[
            AuditRecord(
                id=record.id,
                at=record.entry.at,
                actor=record.entry.actor,
                address=record.entry.address,
                action=record.entry.action,
                subject=record.entry.subject,
                detail=record.entry.detail,
                hash=record.hash,
            )
            for record in page
        ],
        is_intact=broken_at is None,
        broken_at=broken_at,
    )


async def _manageable(name: str, caller: Principal, context: ApiContext) -> people.User:
    user = await context.store.read(lambda connection: people.get_user(connection, name))
    if user is None or not context.register.covers(caller.unit, user.unit):
        raise not_found("用户", "user")
    if user.role is Role.ADMIN and caller.role is not Role.ADMIN:
        raise forbidden()
    return user


def _check_may_give(caller: Principal, context: ApiContext, role: Role, unit: str) -> None:
    """Nobody hands out more than they have."""
    if role is Role.ADMIN and caller.role is not Role.ADMIN:
        raise forbidden()
    if not context.register.covers(caller.unit, unit):
        raise ApiError(403, "unit_not_yours", "该单位不在您的管辖范围", "that unit is not yours or below yours")


def _checked(password: str, name: str) -> str:
    problem = weakness(password, name)
    if problem is not None:
        raise ApiError(422, "weak_password", *problem)
    return password


def _changed(user: people.User, change: UserChange, password_hash: str | None, now: datetime) -> people.User:
    """The user with what is to change."""
    changed = replace(
        user,
        display_name=change.display_name or user.display_name,
        role=change.role or user.role,
        unit=change.unit or user.unit,
        disabled=user.disabled if change.disabled is None else change.disabled,
    )
    if password_hash is None:
        return changed
    return replace(changed, password_hash=password_hash, must_change_password=True, password_changed_at=now)


def _last_admin() -> ApiError:
    return ApiError(409, "last_admin", "必须保留至少一名管理员", "this is the last admin; make another first")


def _words(user: people.User) -> str:
    return f"role={user.role} unit={user.unit}" + (" disabled" if user.disabled else "")


def _view(user: people.User) -> UserView:
    return UserView(
        name=user.name,
        display_name=user.display_name,
        role=user.role,
        unit=user.unit,
        must_change_password=user.must_change_password,
        disabled=user.disabled,
        created_at=user.created_at,
    )
