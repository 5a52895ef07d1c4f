"""The live view and the data channel, handed on to the live gateway on its Unix socket once the caller may have them.

    page --POST /whep/cam-01--> guard --> POST /whep/cam-01 at live.sock (X-Lookout-User) --> answer, Location

The browser sees one origin; the gateway sees only requests that were allowed. It keeps the key of the sign-in each
session was opened under, so that all of them end with it.
"""

from __future__ import annotations

import json
from typing import Annotated
from urllib.parse import urlsplit

import httpx
from fastapi import Query, Request, Response

from command_api.access.guard import guarded_router
from command_api.access.sign_in import Principal
from command_api.context import ApiContext
from command_api.errors import ApiError, not_found, not_signed_in, retry_later
from command_api.routers.common import Caller, CameraId, Context, GatewaySession
from command_api.store import audit
from kernel.bus.address import wait_or_stop
from kernel.config.camera import StreamName

router = guarded_router("live")

_SDP = "application/sdp"
_LARGEST_OFFER_BYTES = 256 * 1024
_GATEWAY_STARTS_WITHIN_S = 5.0
_LOOK_FOR_GATEWAY_EVERY_S = 0.1
_KEPT_HEADERS = ("content-type", "retry-after", "etag", "link", "accept-patch")
_SDP_BODY = {
    "requestBody": {"required": True, "content": {_SDP: {"schema": {"type": "string"}}}},
    "responses": {"201": {"description": "The answer; Location is the session.", "content": {_SDP: {}}}},
}


@router.options("/whep/{camera_id}", status_code=204)
async def offers_whep(camera_id: CameraId) -> Response:
    """What the resource takes (draft-ietf-wish-whep, section 4.1)."""
    headers = {"Accept-Post": _SDP, "Allow": "POST, OPTIONS"}
    return Response(status_code=204, headers=headers)


@router.post("/whep/{camera_id}", status_code=201, response_class=Response, openapi_extra=_SDP_BODY)
async def watch(
    camera_id: CameraId,
    request: Request,
    caller: Caller,
    context: Context,
    stream: Annotated[StreamName | None, Query()] = None,
) -> Response:
    """Begin a live view with an SDP offer. Looking at a camera goes on record."""
    camera = context.register.get(camera_id)
    if camera is None or not context.register.may_see(caller, camera_id):
        raise not_found("摄像机", "camera")
    if stream is not None and stream not in camera.streams.by_name():
        raise not_found("码流", "stream")
    offer = await _offer(request)
    parameters = {"stream": stream.value} if stream is not None else {}
    answer = await _forward(context, "POST", f"/whep/{camera_id}", caller, offer, parameters)
    if answer.status_code == 201:
        entry = audit.Entry(context.clock.now(), caller.name, caller.address, audit.Action.LIVE_VIEW, camera_id)
        await context.store.write(lambda connection: audit.append(connection, entry))
    await _check_still_signed_in(caller, context)
    return _handed_back(answer, "/whep/", "/whep/")


@router.delete("/whep/{camera_id}/{session}", response_class=Response)
async def stop_watching(camera_id: CameraId, session: GatewaySession, caller: Caller, context: Context) -> Response:
    """End a live view of one's own."""
    answer = await _forward(context, "DELETE", f"/whep/{camera_id}/{session}", caller)
    return _handed_back(answer, "/whep/", "/whep/")


@router.post("/api/events/webrtc", status_code=201, response_class=Response, openapi_extra=_SDP_BODY)
async def open_data_channel(request: Request, caller: Caller, context: Context) -> Response:
    """Begin a data channel that carries the same alerts as /api/events, with an SDP offer.

    While the gateway restarts the answer waits for it: each page asks once, and then calls its tiles back at once.
    """
    offer = await _offer(request)
    answer = await _forward(context, "POST", "/events", caller, offer, wait_for_gateway_s=_GATEWAY_STARTS_WITHIN_S)
    await _check_still_signed_in(caller, context)
    return _handed_back(answer, "/events/", "/api/events/webrtc/")


@router.delete("/api/events/webrtc/{session}", response_class=Response)
async def close_data_channel(session: GatewaySession, caller: Caller, context: Context) -> Response:
    """End a data channel of one's own."""
    answer = await _forward(context, "DELETE", f"/events/{session}", caller)
    return _handed_back(answer, "/events/", "/api/events/webrtc/")


async def _check_still_signed_in(caller: Principal, context: ApiContext) -> None:
    """A sign-out while the gateway was answering found no session to end yet: it is ended here.

    Raises:
        ApiError: the sign-in has ended.
    """
    if await context.sign_ins.renewed(caller) is None:
        await context.open_pages.end_sign_in(caller.token_sha256)
        raise not_signed_in()


async def _offer(request: Request) -> bytes:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != _SDP:
        raise ApiError(415, "unsupported_media_type", f"内容类型须为 {_SDP}", f"send the offer as {_SDP}")
    offer = bytearray()
    async for chunk in request.stream():
        offer += chunk
        if len(offer) > _LARGEST_OFFER_BYTES:
            raise ApiError(413, "too_large", "SDP 过大", f"the offer is larger than {_LARGEST_OFFER_BYTES} bytes")
    if not offer:
        raise ApiError(400, "bad_request", "缺少 SDP", "the offer is empty")
    return bytes(offer)


async def _forward(
    context: ApiContext,
    method: str,
    path: str,
    caller: Principal,
    offer: bytes | None = None,
    parameters: dict[str, str] | None = None,
    wait_for_gateway_s: float = 0.0,
) -> httpx.Response:
    units = context.register.visible_units(caller)
    headers = {
        "X-Lookout-User": caller.name,
        "X-Lookout-Sign-In": caller.token_sha256,
        "X-Lookout-Units": json.dumps("*" if units is None else units),
        "X-Lookout-Client": caller.address,
    }
    if offer is not None:
        headers["Content-Type"] = _SDP
    request = context.live.build_request(method, path, params=parameters, content=offer, headers=headers)
    try:
        return await _sent(context, request, wait_for_gateway_s)
    except httpx.TransportError as error:
        raise retry_later(
            "live_gateway_down", "实时画面服务暂不可用", "the live gateway does not answer; try again", 2
        ) from error


async def _sent(context: ApiContext, request: httpx.Request, wait_for_gateway_s: float) -> httpx.Response:
    """The gateway's answer; one that does not listen is waited for this long.

    Raises:
        httpx.TransportError: it does not answer.
    """
    give_up_at_s = context.clock.monotonic_s() + wait_for_gateway_s
    while True:
        try:
            return await context.live.send(request)
        except httpx.ConnectError:
            if context.clock.monotonic_s() >= give_up_at_s or context.stopping.is_set():
                raise
            await wait_or_stop(context.stopping, _LOOK_FOR_GATEWAY_EVERY_S)


def _handed_back(answer: httpx.Response, inner_prefix: str, outer_prefix: str) -> Response:
    """The gateway's answer with its session under the public path."""
    headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    location = urlsplit(answer.headers.get("location", "")).path
    if location.startswith(inner_prefix):
        headers["Location"] = outer_prefix + location.removeprefix(inner_prefix)
    headers["Cache-Control"] = "no-store"
    return Response(answer.content, answer.status_code, headers)
