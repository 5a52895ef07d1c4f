"""Sign-in and sessions: who a caller is.

    password --argon2--> session (token to the caller, its SHA-256 to the store) --each request--> Principal

A session ends when unused for web.session_timeout_s, after a week in any case, at sign-out, and when the password
changes or the user is removed. Every page that is left open keeps asking, and that counts as use.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from command_api.access.lockout import FORGET_AFTER_S, LockOut
from command_api.access.passwords import hash_password, random_password, verify_password
from command_api.roles import Role
from command_api.store import audit, people
from command_api.store.database import Store
from kernel.clock import Clock

LONGEST_SESSION = timedelta(days=7)
_TOUCH_EVERY = timedelta(minutes=1)
_FREE_FAILURES_PER_USER = 5
_FREE_FAILURES_PER_ADDRESS = 20
_HASHES_AT_ONCE = 2
_REMEMBERED_SIGN_INS = 10_000


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking."""

    name: str
    display_name: str
    role: Role
    unit: str
    must_change_password: bool
    token_sha256: str
    expires_at: datetime
    address: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in that worked; the token is told once."""

    token: str
    principal: Principal


@dataclass(frozen=True, slots=True)
class LockedOut:
    """Too many failures; try again after this time."""

    wait_s: float


class SignIns:
    """Checks passwords and keeps sessions.

    Args:
        store: where users and sessions are.
        clock: time.
        timeout_s: a session unused for this long ends.
    """

    def __init__(self, store: Store, clock: Clock, timeout_s: float) -> None:
        self._store = store
        self._clock = clock
        self._timeout = timedelta(seconds=timeout_s)
        self._by_user = LockOut(_FREE_FAILURES_PER_USER)
        self._by_address = LockOut(_FREE_FAILURES_PER_ADDRESS)
        self._hashing = asyncio.Semaphore(_HASHES_AT_ONCE)
        self._nobodys_hash = hash_password(random_password())

    async def sign_in(self, name: str, password: str, address: str) -> SignedIn | LockedOut | None:
        """A new session, how long to wait, or None for a wrong name or password (which of them is not told)."""
        now_s = self._clock.monotonic_s()
        if self._by_user.wait_s(name, now_s) > 0 and await self._has_newer_password(name, now_s):
            self._by_user.succeeded(name)
        wait_s = max(self._by_user.wait_s(name, now_s), self._by_address.wait_s(address, now_s))
        if wait_s > 0:
            return LockedOut(wait_s)
        self._by_user.failed(name, now_s)  # counted before it is known, so that many at once gain nothing
        self._by_address.failed(address, now_s)
        user = await self._store.read(lambda connection: people.get_user(connection, name))
        is_right = await self.is_password(user.password_hash if user else self._nobodys_hash, password)
        if user is None or not is_right or user.disabled:
            await self._record(audit.Entry(self._clock.now(), name, address, audit.Action.SIGN_IN_FAILED, name))
            return None
        self._by_user.succeeded(name)
        self._by_address.forgive_one(address)
        return await self._open(user, address)

    async def remember_failures(self) -> None:
        """Count the failed sign-ins of the last half hour anew, from the audit trail: a restart forgives nobody."""
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        since = now - timedelta(seconds=FORGET_AFTER_S)
        entries = await self._store.read(lambda c: audit.sign_ins_since(c, since, _REMEMBERED_SIGN_INS))
        for entry in entries:
            if entry.action is audit.Action.SIGN_IN:
                self._by_user.succeeded(entry.actor)
                continue
            at_s = now_s - max(0.0, (now - entry.at).total_seconds())
            self._by_user.failed(entry.actor, at_s)
            self._by_address.failed(entry.address, at_s)

    async def _has_newer_password(self, name: str, now_s: float) -> bool:
        """Whether the user got a new password after the last failure: what was tried before was tried at another."""
        user = await self._store.read(lambda connection: people.get_user(connection, name))
        failed_at = self._clock.now() - timedelta(seconds=now_s - self._by_user.last_s(name, now_s))
        return user is not None and user.password_changed_at > failed_at

    async def principal(self, token: str, address: str) -> Principal | None:
        """Whose token this is, or None where it is nobody's or its session ended."""
        return await self._alive(_sha256(token), address)

    async def renewed(self, principal: Principal) -> Principal | None:
        """The caller of a stream that stays open, as they are now; None where their session ended."""
        return await self._alive(principal.token_sha256, principal.address)

    async def _alive(self, token_sha256: str, address: str) -> Principal | None:
        found = await self._store.read(lambda connection: people.get_session(connection, token_sha256))
        now = self._clock.now()
        if found is None or self._expires_at(found[0]) <= now or found[1].disabled:
            return None
        session, user = found
        if now - session.last_used_at >= _TOUCH_EVERY:
            await self._store.write(lambda connection: people.touch_session(connection, token_sha256, now))
            session = replace(session, last_used_at=now)
        return self._principal_of(session, user, address)

    async def is_password(self, password_hash: str, password: str) -> bool:
        """Whether the password belongs to the hash; takes the same time for a wrong one."""
        async with self._hashing:
            return await asyncio.to_thread(verify_password, password_hash, password)

    async def confirm(self, principal: Principal, password_hash: str, password: str) -> bool:
        """Whether a signed-in user knows their password; while they are locked out the answer is no."""
        now_s = self._clock.monotonic_s()
        if self._by_user.wait_s(principal.name, now_s) > 0:
            return False
        self._by_user.failed(principal.name, now_s)
        is_right = await self.is_password(password_hash, password)
        if is_right:
            self._by_user.succeeded(principal.name)
        return is_right

    async def hash(self, password: str) -> str:
        """An argon2id hash of a new password."""
        async with self._hashing:
            return await asyncio.to_thread(hash_password, password)

    async def over(self, tokens_sha256: frozenset[str]) -> frozenset[str]:
        """Those of these sign-ins that no longer hold; asking is no use of them."""
        if not tokens_sha256:
            return tokens_sha256
        known = await self._store.read(lambda connection: people.sessions_among(connection, tokens_sha256))
        now = self._clock.now()
        return tokens_sha256 - {session.token_sha256 for session in known if self._expires_at(session) > now}

    async def end_stale(self) -> None:
        """Remove sessions that ended."""
        now = self._clock.now()
        unused, old = now - self._timeout, now - LONGEST_SESSION
        await self._store.write(lambda connection: people.end_sessions_before(connection, unused, old))

    async def _open(self, user: people.User, address: str) -> SignedIn:
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        session = people.Session(_sha256(token), user.name, now, now, address)

        def work(connection: Connection) -> None:
            people.add_session(connection, session)
            audit.append(connection, audit.Entry(now, user.name, address, audit.Action.SIGN_IN, user.name))

        await self._store.write(work)
        return SignedIn(token, self._principal_of(session, user, address))

    async def _record(self, entry: audit.Entry) -> None:
        await self._store.write(lambda connection: audit.append(connection, entry))

    def _expires_at(self, session: people.Session) -> datetime:
        return min(session.last_used_at + self._timeout, session.created_at + LONGEST_SESSION)

    def _principal_of(self, session: people.Session, user: people.User, address: str) -> Principal:
        return Principal(
            user.name,
            user.display_name,
            user.role,
            user.unit,
            user.must_change_password,
            session.token_sha256,
            self._expires_at(session),
            address,
        )


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
