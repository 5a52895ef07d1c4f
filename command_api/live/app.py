"""The gateway's HTTP surface on its Unix socket. command_api has checked who asks and says so in `X-Lookout-User`."""

from __future__ import annotations

import json
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from command_api.live import addresses
from command_api.live.gateway import Gateway
from command_api.live.offer import LARGEST_OFFER_BYTES
from command_api.live.problems import LiveProblemError, NotSdpError, OfferRejectedError, OfferTooLargeError

SDP = "application/sdp"


def make_app(gateway: Gateway) -> Starlette:
    """The routes over a gateway."""

    async def watch(request: Request) -> Response:
        camera_id = request.path_params["camera_id"]
        user = _user(request)
        offer = await _read_offer(request)
        _note_client(request)
        session_id, answer = await gateway.watch(camera_id, request.query_params.get("stream"), user, offer)
        return _created(answer, f"/whep/{camera_id}/{session_id}")

    async def unwatch(request: Request) -> Response:
        path = request.path_params
        await gateway.end_viewer(path["session_id"], path["camera_id"], _user(request))
        return Response(status_code=HTTPStatus.OK)

    async def subscribe(request: Request) -> Response:
        user, units = _user(request), _units(request)
        offer = await _read_offer(request)
        _note_client(request)
        session_id, answer = await gateway.subscribe(user, units, offer)
        return _created(answer, f"/events/{session_id}")

    async def unsubscribe(request: Request) -> Response:
        await gateway.end_subscriber(request.path_params["session_id"], _user(request))
        return Response(status_code=HTTPStatus.OK)

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


def _user(request: Request) -> str:
    user = request.headers.get("x-lookout-user", "")
    if not user:
        raise OfferRejectedError("header X-Lookout-User is missing; ask through command_api")
    return user


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
