"""The drone's camera as a client sees it: real RTSP, real H.264, the view of where the vehicle is."""

import asyncio

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from scripts.vehicle.eye.camera_server import DroneCamera
from scripts.vehicle.options import VehicleOptions
from scripts.vehicle.vector import Vector
from scripts.vehicle.vehicle import Vehicle

pytestmark = pytest.mark.integration


def one_picture(url: str) -> NDArray[np.uint8]:
    with av.open(url, options={"rtsp_transport": "tcp", "analyzeduration": "200000"}, timeout=20) as stream:
        for frame in stream.decode(video=0):
            return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
    raise AssertionError("the stream ended without a picture")


async def test_it_shows_the_pad_from_above_and_the_yard_from_elsewhere() -> None:
    vehicle = Vehicle(VehicleOptions(41.7, 109.9))
    camera = DroneCamera(vehicle, "uav-1")
    vehicle.body.position = Vector(0.0, 0.0, 20.0)
    vehicle.gimbal.pitch_deg = -90.0
    await camera.start("127.0.0.1", 0)
    url = f"rtsp://127.0.0.1:{camera.port}/uav-1"
    try:
        over_home = await asyncio.to_thread(one_picture, url)
        vehicle.body.position = Vector(30.0, -40.0, 20.0)
        elsewhere = await asyncio.to_thread(one_picture, url)
    finally:
        await camera.stop()
    assert over_home.shape == (360, 640, 3)
    assert yellow_pixels(over_home) > 300
    assert yellow_pixels(elsewhere) < 30


def yellow_pixels(picture: NDArray[np.uint8]) -> int:
    """Pixels of the mark on the pad, in the middle of the picture."""
    middle = picture[80:280, 160:480].astype(int)
    return int(((middle[..., 2] - middle[..., 0]) > 70).sum())
