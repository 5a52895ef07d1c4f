"""What happens, as it happens: server-sent events."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Query
from fastapi.responses import StreamingResponse

from command_api.access.guard import guarded_router
from command_api.errors import ApiError
from command_api.push.hub import Mailbox
from command_api.push.sse import stream
from command_api.routers.common import Caller, Context

router = guarded_router("events")

_MOST_TRACKED = 64
_LONGEST_LIST = 4200
_MOST_STREAMS_PER_USER = 32


class EventStream(StreamingResponse):
    """text/event-stream."""

    media_type = "text/event-stream"


@router.get("/api/events", response_class=EventStream)
async def events(
    caller: Caller,
    context: Context,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
    after: Annotated[int | None, Query(ge=0, le=2**53, description="Like Last-Event-ID, for a first request.")] = None,
    tracks: Annotated[
        str, Query(max_length=_LONGEST_LIST, description="Cameras whose tracks are sent, separated by commas.")
    ] = "",
) -> EventStream:
    """Events alert, camera, detector, health, tracks, sights, drone, flight, run, dispatch and ping.

    Alerts carry their seq as id, and are sent again to a page that comes back; drones, flights and patrols it asks for
    anew.
    """
    tracked = frozenset(part for part in tracks.split(",") if part)
    if len(tracked) > _MOST_TRACKED:
        raise ApiError(422, "invalid_request", "tracks 中摄像机过多", f"tracks: at most {_MOST_TRACKED} cameras")
    if sum(mailbox.principal.name == caller.name for mailbox in context.hub.mailboxes) >= _MOST_STREAMS_PER_USER:
        raise ApiError(429, "too_many_streams", "打开的页面过多", "too many open pages", {"Retry-After": "5"})
    register = context.register
    mailbox = Mailbox(caller, register.visible_ids(caller), tracked, drone_ids=register.visible_drone_ids(caller))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventStream(stream(context, mailbox, _seq(last_event_id, after)), headers=headers)


def _seq(last_event_id: str | None, after: int | None) -> int | None:
    """The seq to go on from; a header that is no number of ours is as good as none (the page asks by `after`)."""
    if last_event_id is not None and last_event_id.isdecimal():
        return min(int(last_event_id), 2**53)
    return after
