"""`lookout users`: who may sign in, from the machine's own console; the way back in when the password was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from command_api.roles import Role
from kernel.clock import SystemClock
from kernel.config import load_config
from supervisor.printing import AsJson, ConfigPath, print_json, say

if TYPE_CHECKING:
    from command_api.store.people import User

users_app = typer.Typer(help="Users: who may sign in; the way back in when a password was lost.", no_args_is_help=True)
UserName = Annotated[str, typer.Argument(metavar="NAME", help="The name they sign in with.", show_default=False)]


def row_of(user: User) -> dict[str, Any]:
    """A user as listed; never a hash."""
    return {
        "name": user.name,
        "display_name": user.display_name,
        "role": user.role.value,
        "unit": user.unit,
        "disabled": user.disabled,
        "must_change_password": user.must_change_password,
        "created_at": user.created_at.isoformat().replace("+00:00", "Z"),
    }


@users_app.command("list")
def list_users(config: ConfigPath, as_json: AsJson = False) -> None:
    """List the users."""
    from command_api.access import accounts
    from command_api.store import people
    from supervisor.listing import print_table

    with accounts.opened_store(load_config(config), writing=False) as connection:
        rows = [row_of(user) for user in people.all_users(connection)]
    if as_json:
        print_json(rows)
    else:
        print_table("users", rows)


@users_app.command("add")
def add(
    config: ConfigPath,
    name: UserName,
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.OPERATOR,
    unit: Annotated[str | None, typer.Option(help="Whose cameras they see; the root unit by default.")] = None,
    display_name: Annotated[str | None, typer.Option(help="Name shown to others; NAME by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add a user and print their one-time password; the page asks for one of their own."""
    from command_api.access import accounts

    loaded = load_config(config)
    with accounts.opened_store(loaded, writing=True) as connection:
        user, password = accounts.added(
            connection, name, role, unit or loaded.site.unit, display_name or name, SystemClock().now()
        )
    tell(user, as_json, f"user {user.name} added", password)


@users_app.command("reset-password")
def reset_password(config: ConfigPath, name: UserName, as_json: AsJson = False) -> None:
    """Give a user a new one-time password and print it; ends their sessions."""
    from command_api.access import accounts

    with accounts.opened_store(load_config(config), writing=True) as connection:
        user, password = accounts.with_new_password(connection, name, SystemClock().now())
    tell(user, as_json, f"user {user.name}", password)


@users_app.command("disable")
def disable(config: ConfigPath, name: UserName, as_json: AsJson = False) -> None:
    """Let a user sign in no more; ends their sessions, keeps what they did."""
    from command_api.access import accounts

    with accounts.opened_store(load_config(config), writing=True) as connection:
        user = accounts.disabled(connection, name, SystemClock().now())
    tell(user, as_json, f"user {user.name} disabled")


@users_app.command("enable")
def enable(config: ConfigPath, name: UserName, as_json: AsJson = False) -> None:
    """Let a disabled user sign in again."""
    from command_api.access import accounts

    with accounts.opened_store(load_config(config), writing=True) as connection:
        user = accounts.enabled(connection, name, SystemClock().now())
    tell(user, as_json, f"user {user.name} enabled")


def tell(user: User, as_json: bool, done: str, password: str | None = None) -> None:
    """Say what was done; the password is told here and nowhere else."""
    if as_json:
        told: dict[str, Any] = row_of(user)
        print_json(told if password is None else {**told, "one_time_password": password})
        return
    if password is not None:
        done += f" password {password} (once: the page asks for a new one)"
    say(done + ("; the user is disabled" if user.disabled and password is not None else ""))
