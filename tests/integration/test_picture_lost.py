"""The failing camera of the simulated district, rendered and coded: every way its picture is lost is told of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest

from detect.alerts.incidents import IncidentBook, IncidentChange, field_of
from detect.pictures.look import Look, look_at
from detect.rules.picture_lost import PictureLost
from kernel.config.rules import PictureLostRule
from scripts.district.faults import FAULTY_CAMERA
from scripts.district.library import render_camera
from scripts.district.video_file import read_video

pytestmark = pytest.mark.integration
FRAMES, EVERY = 30, 3  # two seconds at 15 fps; every third frame is analysed
START_S = 1_700_000_000.0
SMALL_WH = (640, 360)


def lumas(file: Path) -> Iterator[npt.NDArray[np.uint8]]:
    """The decoded pictures of a loop, luma only, as small as a model takes them."""
    header, units = read_video(file)
    decoder = av.CodecContext.create(header.codec, "r")
    assert isinstance(decoder, av.VideoCodecContext)
    packets = [av.Packet(unit.data) for unit in units]
    for packet in [*packets, None]:
        for frame in decoder.decode(packet):
            luma = frame.to_ndarray(format="yuv420p")[: frame.height]
            yield np.asarray(cv2.resize(luma, SMALL_WH, interpolation=cv2.INTER_LINEAR), np.uint8)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Look]]:
    """What is seen of the camera as it is, lost in each way (the district blurs none), and with its light off."""
    folder = tmp_path_factory.mktemp("district")
    render_camera(folder, 11, FAULTY_CAMERA, FRAMES)
    pictures = {name: list(lumas(folder / FAULTY_CAMERA / f"{name}.lkv")) for name in ("main", "frozen", "covered")}
    pictures["defocused"] = [np.asarray(cv2.GaussianBlur(luma, (0, 0), 5), np.uint8) for luma in pictures["main"]]
    pictures["night"] = [np.asarray(16 + (luma.astype(np.float32) - 16) * 0.3, np.uint8) for luma in pictures["main"]]
    return {name: [look_at(luma) for luma in shown] for name, shown in pictures.items()}


def told(films: dict[str, list[Look]], *parts: tuple[float, str]) -> list[tuple[str, float]]:
    """(fault, second) of every incident while the films are shown over and over, each so long."""
    settings = {"id": "r", "kind": "picture_lost", "cooldown_s": 10.0}
    rule, numbers = PictureLost(FAULTY_CAMERA, PictureLostRule.model_validate(settings)), count()
    book = IncidentBook({field_of(FAULTY_CAMERA, "r"): 10.0}, lambda: str(next(numbers)))
    opened, number, end_s = [], 0, 0.0
    for length_s, name in parts:
        end_s += length_s
        while (at_s := number * EVERY / 15) < end_s:
            look, now = films[name][number * EVERY % len(films[name])], datetime.fromtimestamp(START_S + at_s, UTC)
            updates = [u for trigger in rule.watch(look, START_S + at_s) for u in book.accept(trigger, now)]
            updates += book.sweep(now)
            opened += [(u.alert.class_name, at_s) for u in updates if u.change is IncidentChange.OPENED]
            number += 1
    return opened


def test_every_fault_of_the_failing_camera_is_told_once_and_soon(films: dict[str, list[Look]]) -> None:
    well = (30.0, "main")
    parts = [(70.0, "main"), (15.0, "covered"), well, (15.0, "frozen"), well, (15.0, "defocused"), well]
    incidents = told(films, *parts)
    assert [fault for fault, _ in incidents] == ["black", "frozen", "defocused"]  # it is covered by something dark
    delays_s = [at_s - begun_s for (_, at_s), begun_s in zip(incidents, (70.0, 115.0, 160.0), strict=True)]
    assert all(0 < delay_s <= 12 for delay_s in delays_s)


def test_the_camera_as_it_is_raises_nothing_nor_does_its_light_going_off(films: dict[str, list[Look]]) -> None:
    assert told(films, (120.0, "main"), (30.0, "night"), (60.0, "main")) == []
