"""Poses over the bus to the tracks of the cameras that fly."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from detect.aerial.eye import Eye
from detect.aerial.pose_track import Mount, PoseTrack
from detect.pose_intake import PoseIntake
from kernel.bus.embedded import EmbeddedServer
from kernel.bus.names import pose_channel
from kernel.bus.publisher import DurablePublisher
from kernel.clock import SystemClock
from tests.unit.detect.aerial.poses import air_pose

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
POSE = air_pose(AT)


def test_a_pose_on_the_bus_reaches_its_cameras_track_and_no_other(bus: EmbeddedServer) -> None:
    address = bus.address
    mine, other = PoseTrack(Mount(has_gimbal=False, pitch_deg=-60.0)), PoseTrack(Mount(has_gimbal=False, pitch_deg=0.0))
    intake = PoseIntake(address, {"uav-1-cam": mine, "uav-2-cam": other})
    publisher = DurablePublisher(address, SystemClock())
    intake.start()
    try:
        pause = threading.Event()
        for _ in range(100):  # what is published before the subscription stands is not received
            publisher.publish(pose_channel("uav-1-cam"), POSE)
            intake.take()
            if isinstance(mine.at(AT.timestamp()), Eye) or pause.wait(0.05):
                break
        assert isinstance(mine.at(AT.timestamp()), Eye)
        assert not isinstance(other.at(AT.timestamp()), Eye)
    finally:
        intake.close()
        publisher.close(1.0)
