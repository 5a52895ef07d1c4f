"""Finding a place in the model from an error's location."""

from __future__ import annotations

import pytest

from kernel.config.camera import CameraConfig
from kernel.config.explain import locate
from kernel.config.lookout import LookoutConfig
from kernel.config.problems import KeyPath, did_you_mean, dotted
from kernel.config.rules import ZoneIntrusionRule


@pytest.mark.parametrize(
    ("location", "path", "owner", "is_secret"),
    [
        (("cameras", 2, "password"), ("cameras", 2, "password"), CameraConfig, True),
        (("cameras", 2, "username"), ("cameras", 2, "username"), CameraConfig, False),
        (
            ("cameras", 0, "rules", 1, "zone_intrusion", "zone"),
            ("cameras", 0, "rules", 1, "zone"),
            ZoneIntrusionRule,
            False,
        ),
        (("cameras", 0, "nothing", "here"), ("cameras", 0, "nothing", "here"), None, False),
        ((), (), None, False),
    ],
)
def test_locate(location: KeyPath, path: KeyPath, owner: type | None, is_secret: bool) -> None:
    place = locate(LookoutConfig, location)
    assert (place.path, place.owner, place.is_secret) == (path, owner, is_secret)


def test_paths_are_written_as_people_write_them() -> None:
    assert dotted(("cameras", 3, "streams", "main", "url")) == "cameras[3].streams.main.url"


def test_the_nearest_word_is_named() -> None:
    assert did_you_mean("portt", ["host", "port"]) == "did you mean 'port'?"
    assert did_you_mean("x", ["host", "port"]) == "known here: host, port"
    assert did_you_mean("x", []) == "there are none here"
