"""The gateway's HTTP surface on its Unix socket. command_api has checked who asks and says so in `X-Lookout-User`.

`X-Lookout-Sign-In` is the key of the sign-in they ask under. When that ends, `DELETE /sign-ins` ends what it watches.
"""

from __future__ import annotations

import json
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from command_api.live import addresses
from command_api.live.gateway import Asker, Gateway
from command_api.live.offer import LARGEST_OFFER_BYTES
from command_api.live.problems import LiveProblemError, NotSdpError, OfferRejectedError, OfferTooLargeError

SDP = "application/sdp"


def make_app(gateway: Gateway) -> Starlette:
    """The routes over a gateway."""

    async def watch(request: Request) -> Response:
        camera_id = request.path_params["camera_id"]
        asker = _asker(request)
        offer = await _read_offer(request)
        _note_client(request)
        session_id, answer = await gateway.watch(camera_id, request.query_params.get("stream"), asker, offer)
        return _created(answer, f"/whep/{camera_id}/{session_id}")

    async def unwatch(request: Request) -> Response:
        path = request.path_params
        await gateway.end_viewer(path["session_id"], path["camera_id"], _asker(request).user)
        return Response(status_code=HTTPStatus.OK)

    async def subscribe(request: Request) -> Response:
        asker, units = _asker(request), _units(request)
        offer = await _read_offer(request)
        _note_client(request)
        session_id, answer = await gateway.subscribe(asker, units, offer)
        return _created(answer, f"/events/{session_id}")

    async def unsubscribe(request: Request) -> Response:
        await gateway.end_subscriber(request.path_params["session_id"], _asker(request).user)
        return Response(status_code=HTTPStatus.OK)

    async def sign_ins(_request: Request) -> Response:
        return JSONResponse({"sign_ins": sorted(gateway.sign_ins)})

    async def end_sign_ins(request: Request) -> Response:
        query = request.query_params
        if key := query.get("key"):
            ended = await gateway.end_sign_in(key)
        elif user := query.get("user"):
            ended = await gateway.end_user(user, query.get("but", ""))
        else:
            raise OfferRejectedError("name the sign-in by key= or the user by user=")
        return JSONResponse({"ended": ended})

    async def options(_request: Request) -> Response:
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"Accept-Post": SDP, "Allow": "POST, OPTIONS"})

    async def status(_request: Request) -> Response:
        return JSONResponse(gateway.status())

    return Starlette(
        routes=[
            Route("/whep/{camera_id}", watch, methods=["POST"]),
            Route("/whep/{camera_id}", options, methods=["OPTIONS"]),
            Route("/whep/{camera_id}/{session_id}", unwatch, methods=["DELETE"]),
            Route("/events", subscribe, methods=["POST"]),
            Route("/events", options, methods=["OPTIONS"]),
            Route("/events/{session_id}", unsubscribe, methods=["DELETE"]),
            Route("/sign-ins", sign_ins, methods=["GET"]),
            Route("/sign-ins", end_sign_ins, methods=["DELETE"]),
            Route("/status", status, methods=["GET"]),
        ],
        exception_handlers={LiveProblemError: _refuse},
    )


def _created(answer: str, location: str) -> Response:
    headers = {"Location": location, "Cache-Control": "no-store"}
    return Response(answer, status_code=HTTPStatus.CREATED, media_type=SDP, headers=headers)


async def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, LiveProblemError)
    headers = {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}
    return JSONResponse(error.as_json(), status_code=error.status, headers=headers)


async def _read_offer(request: Request) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != SDP:
        raise NotSdpError
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_OFFER_BYTES:
            raise OfferTooLargeError(LARGEST_OFFER_BYTES)
    return body


def _asker(request: Request) -> Asker:
    user = request.headers.get("x-lookout-user", "")
    if not user:
        raise OfferRejectedError("header X-Lookout-User is missing; ask through command_api")
    return Asker(user, request.headers.get("x-lookout-sign-in", ""))


def _units(request: Request) -> frozenset[str]:
    try:
        units = json.loads(request.headers.get("x-lookout-units", "[]"))
    except ValueError as error:
        raise OfferRejectedError("header X-Lookout-Units is no JSON") from error
    if isinstance(units, str):
        units = [units]
    if not isinstance(units, list) or not all(isinstance(unit, str) for unit in units):
        raise OfferRejectedError("header X-Lookout-Units is no list of names")
    return frozenset(units)


def _note_client(request: Request) -> None:
    client = request.headers.get("x-lookout-client", "")
    addresses.client_is_local.set(addresses.is_local(client, addresses.host_addresses(True, True)))
