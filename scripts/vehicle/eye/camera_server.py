"""The drone's camera on the network: one RTSP path of the district's server, showing where the vehicle is now."""

from __future__ import annotations

import os
import time
import zlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kernel.errors import CannotRunError
from scripts.district.credentials import PASSWORD_VARIABLE, USERNAME
from scripts.district.light import LIGHTS
from scripts.district.rtsp_auth import Credentials, Scheme
from scripts.district.rtsp_media import MediaPath, Quirks
from scripts.district.rtsp_server import DistrictServer
from scripts.district.sent_log import SentLog
from scripts.vehicle.eye.ground_map import GroundMap, paint_map
from scripts.vehicle.eye.live_loop import LiveLoop
from scripts.vehicle.eye.traffic import Traffic
from scripts.vehicle.eye.view import DEFAULT_FOV_DEG, AirView, EyePose
from scripts.vehicle.vehicle import Vehicle

_LIGHT = LIGHTS["day"]


def pose_of(vehicle: Vehicle) -> EyePose:
    """Where the vehicle's camera really is; the reported position is centimetres off."""
    body, gimbal = vehicle.body, vehicle.gimbal
    place = body.position
    return EyePose(place.east, place.north, place.up, (body.yaw_deg + gimbal.yaw_deg) % 360, gimbal.pitch_deg)


class DroneCamera:
    """Draws and serves one vehicle's view at `rtsp://HOST:PORT/NAME`."""

    def __init__(
        self, vehicle: Vehicle, name: str, ground: GroundMap | None = None, fov_deg: float = DEFAULT_FOV_DEG
    ) -> None:
        """`ground` spares the painting when several vehicles fly over the same place; `fov_deg` is horizontal."""
        cv2.setNumThreads(1)  # pictures this small take longer shared than alone
        self._vehicle, self.name = vehicle, name
        self._view = AirView(ground or paint_map(_LIGHT, 7), _LIGHT, fov_deg)
        self._traffic = Traffic(7)
        self._loop = LiveLoop(self.draw, zlib.crc32(name.encode()))
        self._server: DistrictServer | None = None

    def draw(self) -> NDArray[np.uint8]:
        """The picture of this moment; people move in real time, whatever the vehicle's speed-up."""
        pose = pose_of(self._vehicle)
        caption = f"{self.name}  H{pose.up_m:5.1f}m  {pose.heading_deg:03.0f}"
        return self._view.picture(pose, self._traffic.at(time.time(), self._view.near(pose)), caption)[0]

    async def start(self, host: str, port: int) -> None:
        """Serve it; with a password where the environment has the district's.

        Raises:
            CannotRunError: the port cannot be had.
        """
        password = os.environ.get(PASSWORD_VARIABLE, "")
        quirks = Quirks(scheme=Scheme.DIGEST if password else Scheme.NONE)
        path = MediaPath(self.name, self.name, "main", self._loop, quirks)
        server = DistrictServer([path], Credentials(USERNAME, password), SentLog(Path(os.devnull)))
        self._loop.is_watched = lambda: server.is_watched(path)
        try:
            await server.start(host, port)
        except OSError as error:
            raise CannotRunError(f"--camera {host}:{port}: {error}") from error
        self._server = server

    @property
    def port(self) -> int:
        """The port listened on."""
        assert self._server is not None
        return self._server.port

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.stop()
