"""The weather from an address: a real HTTP server that answers, says no, or is gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from drone.weather_source import observe
from kernel.config.lookout import LookoutConfig

pytestmark = pytest.mark.integration
GOOD = {"wind_m_s": 3, "temperature_c": 12, "observed_at": "2026-11-23T04:00:00Z"}


@contextmanager
def station(status: int, body: bytes) -> Iterator[str]:
    """A weather station's page at an address of its own."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/now"
        finally:
            server.shutdown()
            thread.join()


def config(url: str) -> LookoutConfig:
    return LookoutConfig.model_validate({"weather": {"source": "url", "url": url}})


def test_a_station_that_answers() -> None:
    with station(200, json.dumps(GOOD).encode()) as url:
        seen = observe(config(url))
    assert seen.weather is not None
    assert (seen.weather.wind_m_s, seen.weather.temperature_c) == (3.0, 12.0)


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [(503, b"", "Service Unavailable"), (200, b"\xff", "no UTF-8 text"), (200, b"<html>", "no JSON")],
)
def test_a_station_that_says_something_else(status: int, body: bytes, problem: str) -> None:
    with station(status, body) as url:
        seen = observe(config(url))
    assert seen.weather is None
    assert problem in seen.problem


def test_a_station_that_is_gone() -> None:
    with station(200, b"") as url:
        pass
    seen = observe(config(url))
    assert seen.weather is None
    assert "refused" in seen.problem
