"""Real people on a real clip, through GStreamer's RTSP server and YOLOX, cross a line: the alert reaches the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser
from ruamel.yaml import YAML

from kernel.runtime import RuntimePaths
from tests.e2e.conftest import ADMIN_PASSWORD
from tests.e2e.room import running_room
from tests.e2e.street import free_port
from tests.e2e.wall_page import WallPage
from tests.integration.browser import CHROMIUM
from tests.integration.rtsp_server import GstServer, require_gstreamer
from tests.integration.shared_files import shared_file

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(240),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed"),
]


async def test_a_person_crossing_a_line_is_an_alert_on_the_page(tmp_path: Path, browser: Browser, shots: Path) -> None:
    require_gstreamer()
    clip, model = shared_file("footage/pedestrians_h265.mp4"), shared_file("models/yolox_nano.onnx")
    rtsp = GstServer({"/street": {"file": str(clip), "codec": "h265"}})
    try:
        config = write_config(tmp_path, f"rtsp://127.0.0.1:{rtsp.port}/street", model)
        with running_room(config, tmp_path / "data") as room:
            wall = WallPage(await browser.new_page(), room.url, shots)
            await wall.open()
            await wall.sign_in(room.user, room.password)
            await wall.replace_password(ADMIN_PASSWORD)
            await wall.until_signed_in()
            await wall.until_playing(["street"])
            alert_id, _seen_ms = await wall.until("() => Object.entries(window.notedCards)[0]", within_s=70)
            await wall.shoot("footage-line-crossing")
            stored = await wall.get(f"/api/alerts/{alert_id}")
            assert (stored["kind"], stored["class_name"], stored["rule_id"]) == ("line_crossing", "person", "path")
            snapshot = RuntimePaths(room.data_dir).evidence_dir / stored["snapshot_path"]
            assert snapshot.read_bytes()[:2] == b"\xff\xd8"  # JPEG
            assert wall.errors == []
    finally:
        rtsp.kill()


def write_config(directory: Path, url: str, model: Path) -> Path:
    """One camera with a line over the path that most people of the clip walk along."""
    rule = {
        "id": "path",
        "name": "越过小路",
        "kind": "line_crossing",
        "level": "red",
        "line": [[0.5, 0.15], [0.5, 0.95]],
        "min_confidence": 0.4,
    }
    camera = {"id": "street", "name": "小路", "unit": "bureau", "streams": {"main": {"url": url}}, "rules": [rule]}
    (directory / "data").mkdir()
    config = {
        "data_dir": str(directory / "data"),
        "web": {"port": free_port()},
        "models": {"default": str(model)},
        "cameras": [camera],
    }
    file = directory / "lookout.yaml"
    with file.open("w") as out:
        YAML(typ="safe").dump(config, out)
    return file
