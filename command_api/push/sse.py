"""Server-sent events of one page (WHATWG HTML, section 9.2): replay by seq first, then what happens.

    open mailbox -> replay alerts after Last-Event-ID -> live messages, a ping every 2 s -> closed

The mailbox opens before the replay is read, so nothing falls between; what the replay already told is not told again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial

from command_api.context import ApiContext
from command_api.push.hub import Mailbox, Message, Topic
from command_api.store import alerts

PING_EVERY_S = 2.0
_RENEW_EVERY_PINGS = 15
_REPLAY_PAGE = 500


async def stream(context: ApiContext, mailbox: Mailbox, after_seq: int | None) -> AsyncIterator[str]:
    """The text of the stream, until the page leaves, falls behind, signs out, or the service stops."""
    context.hub.open(mailbox)
    try:
        yield _ping(context.clock.now())
        told_seq = after_seq or 0
        if after_seq is not None:
            async for message in _missed(context, mailbox, after_seq):
                told_seq = max(told_seq, message.seq or 0)
                yield _text(message)
        loop = asyncio.get_running_loop()
        pings, ping_at_s = 0, loop.time() + PING_EVERY_S
        while not mailbox.is_closed:
            for message in await mailbox.take(ping_at_s - loop.time()):
                if message.seq is None or message.seq > told_seq:
                    yield _text(_for(mailbox, message))
            if loop.time() >= ping_at_s and not mailbox.is_closed:
                pings, ping_at_s = pings + 1, loop.time() + PING_EVERY_S
                if pings % _RENEW_EVERY_PINGS == 0 and await context.sign_ins.renewed(mailbox.principal) is None:
                    return
                yield _ping(context.clock.now())
    finally:
        context.hub.forget(mailbox)


async def _missed(context: ApiContext, mailbox: Mailbox, after_seq: int) -> AsyncIterator[Message]:
    """Alerts changed after a seq, as messages."""
    while True:
        selection = alerts.Selection(mailbox.camera_ids, after_seq=after_seq, limit=_REPLAY_PAGE)
        page = await context.store.read(partial(alerts.find, selection=selection))
        for alert in page:
            yield Message(Topic.ALERT, alert.model_dump_json(), alert.camera_id, alert.seq)
        if len(page) < _REPLAY_PAGE:
            return
        after_seq = page[-1].seq


def _for(mailbox: Mailbox, message: Message) -> Message:
    """The message as this page may see it: the detector tells of many cameras at once, an offer of many drones."""
    if message.topic is Topic.DETECTOR:
        return _thinned(message, "cameras", "camera_id", mailbox.camera_ids)
    if message.topic is Topic.DISPATCH:
        return _thinned(message, "candidates", "drone_id", mailbox.drone_ids)
    return message


def _thinned(message: Message, key: str, id_key: str, visible: frozenset[str] | None) -> Message:
    """The message without the lines of a list that the user may not see."""
    if visible is None:
        return message
    body = json.loads(message.body)
    if key in body:
        body[key] = [line for line in body[key] if line[id_key] in visible]
    return Message(message.topic, json.dumps(body))


def _text(message: Message) -> str:
    number = f"id: {message.seq}\n" if message.seq is not None else ""
    return f"{number}event: {message.topic}\ndata: {message.body}\n\n"


def _ping(now: datetime) -> str:
    return f'event: ping\ndata: {{"now":"{now.isoformat().replace("+00:00", "Z")}"}}\n\n'
