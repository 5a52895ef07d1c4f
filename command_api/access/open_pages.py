"""Ends what a sign-in still has open once it has ended, so that nobody watches on who has no right to.

    sign-out, password change, user changed or removed --at once--> event streams here, sessions at the live gateway
    every few seconds: whose sign-in has meanwhile run out, or could not be ended at once?   --> the same

A live picture goes from the gateway to the browser without passing here, so the gateway has to be told.
"""

from __future__ import annotations

import logging
from typing import Any

import httpx

from command_api.access.sign_in import SignIns
from command_api.push.hub import Hub

_LOGGER = logging.getLogger(__name__)
_SIGN_INS = "/sign-ins"
_ANSWER_WITHIN = httpx.Timeout(2.0)


class OpenPages:
    """What is open, by sign-in.

    Args:
        sign_ins: which sign-ins still hold.
        hub: event streams of this process.
        live: client of the live gateway's socket.
    """

    def __init__(self, sign_ins: SignIns, hub: Hub, live: httpx.AsyncClient) -> None:
        self._sign_ins = sign_ins
        self._hub = hub
        self._live = live
        self._problem = ""

    async def end_sign_in(self, token_sha256: str) -> None:
        """End the streams and live sessions of a sign-in that is over."""
        self._hub.close_session(token_sha256)
        await self._ask("DELETE", {"key": token_sha256})

    async def end_user(self, name: str, but: str = "") -> None:
        """End those of a user, except at the gateway for the sign-in of hash `but`; its page opens a new stream."""
        self._hub.close_user(name)
        await self._ask("DELETE", {"user": name, "but": but})

    async def end_leftovers(self) -> int:
        """End what sign-ins have open that ran out meanwhile; returns how many sign-ins they were.

        Raises:
            StoreUnavailable: it is not known which sign-ins hold.
        """
        answer = await self._ask("GET", {})
        at_gateway = frozenset(answer["sign_ins"]) if answer is not None else frozenset()
        here = frozenset(mailbox.principal.token_sha256 for mailbox in self._hub.mailboxes)
        over = await self._sign_ins.over(at_gateway | here)
        for token_sha256 in over:
            await self.end_sign_in(token_sha256)
        return len(over)

    async def _ask(self, method: str, query: dict[str, str]) -> dict[str, Any] | None:
        """The gateway's answer; None where it gives none: without a gateway no live session is open."""
        try:
            answer = await self._live.request(method, _SIGN_INS, params=query, timeout=_ANSWER_WITHIN)
        except httpx.ConnectError:
            return None
        except httpx.TransportError as error:
            self._note(type(error).__name__)
            return None
        if answer.status_code != httpx.codes.OK:
            self._note(f"status {answer.status_code}")
            return None
        self._note("")
        body: dict[str, Any] = answer.json()
        return body

    def _note(self, problem: str) -> None:
        """Keep what is wrong with the gateway; a change is logged, a repetition is not."""
        if problem == self._problem:
            return
        self._problem = problem
        if problem:
            _LOGGER.error("live gateway does not end sessions (%s); sign-ins that are over may watch on", problem)
        else:
            _LOGGER.info("live gateway ends sessions again")
