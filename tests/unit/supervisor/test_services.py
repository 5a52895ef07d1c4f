"""Which processes make up an installation."""

from __future__ import annotations

from pathlib import Path

import pytest

from detect.engines.devices import gpus, has_driver
from kernel.config.lookout import LookoutConfig
from supervisor.gpus import detector_devices, told_by_pytorch
from supervisor.services import service_specs

CONFIG = Path("room.yaml")


def test_the_drone_service_is_started_where_there_is_a_fleet() -> None:
    without = [spec.name for spec in service_specs(CONFIG, 2)]
    with_fleet = service_specs(CONFIG, 2, "python", has_fleet=True)

    assert without == ["command_api", "live", "ingest-0", "ingest-1", "detect"]
    assert [spec.name for spec in with_fleet] == [*without, "drone"]
    assert with_fleet[-1].argv == ("python", "-m", "drone", "--config", "room.yaml")


def test_each_of_several_gpus_gets_a_detector_with_a_part_of_the_cameras() -> None:
    specs = service_specs(CONFIG, 1, "python", detector_devices=["cuda:0", "cuda:1"])

    assert [spec.name for spec in specs] == ["command_api", "live", "ingest-0", "detect-0", "detect-1"]
    assert specs[-1].argv[2:] == ("detect", "--config", "room.yaml", "--shard", "1/2", "--device", "cuda:1")


def test_another_process_tells_the_gpus_that_this_one_would_find() -> None:
    assert told_by_pytorch() == gpus()


@pytest.mark.skipif(has_driver(), reason="there is a GPU's driver here")
def test_without_a_driver_one_detector_finds_its_own_device() -> None:
    assert detector_devices(LookoutConfig()) == []
