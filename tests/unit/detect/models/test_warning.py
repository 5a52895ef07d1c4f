from __future__ import annotations

import pytest

from detect.models.card import Layout, ModelCard, ModelInput
from detect.models.warning import model_warning
from kernel.config.camera import CameraConfig, StreamConfig, StreamRole, StreamsConfig
from kernel.config.sections import Language


def camera(camera_id: str, host: str, sub_host: str | None = None) -> CameraConfig:
    roles = (StreamRole.ANALYSE,) if sub_host else (StreamRole.ANALYSE, StreamRole.LIVE)
    main = StreamConfig(url=f"rtsp://{host}:554/main", roles=roles)
    sub = StreamConfig(url=f"rtsp://{sub_host}:554/sub", roles=(StreamRole.LIVE,)) if sub_host else None
    return CameraConfig(id=camera_id, name=camera_id, unit="b", streams=StreamsConfig(main=main, sub=sub))


def card(district_only: bool) -> ModelCard:
    return ModelCard(
        name="district-n",
        layout=Layout.ULTRALYTICS_END2END,
        classes=("person",),
        input=ModelInput(width_px=640, height_px=384),
        sha256="0" * 64,
        district_only=district_only,
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "[::1]", "localhost"])
def test_simulated_cameras_need_no_warning(host: str) -> None:
    assert model_warning([card(True)], [camera("cam-01", host)], Language.EN) == ""


@pytest.mark.parametrize("host", ["10.1.2.3", "camera.local", "[fd00::1]", "8.8.8.8"])
@pytest.mark.parametrize("language", Language)
def test_real_camera_with_the_district_model_is_named(host: str, language: Language) -> None:
    cameras = [camera("cam-01", "127.0.0.1"), camera("cam-02", host)]
    warning = model_warning([card(True)], cameras, language)
    assert "district-n" in warning
    assert "cam-02" in warning
    assert "cam-01" not in warning


def test_real_sub_stream_makes_a_camera_real() -> None:
    assert "cam-03" in model_warning([card(True)], [camera("cam-03", "127.0.0.1", "10.0.0.9")], Language.EN)


def test_real_model_on_real_cameras_needs_no_warning() -> None:
    assert model_warning([card(False)], [camera("cam-02", "10.1.2.3")], Language.EN) == ""


def test_many_cameras_are_abbreviated() -> None:
    cameras = [camera(f"cam-{index}", "10.0.0.1") for index in range(9)]
    warning = model_warning([card(True)], cameras, Language.EN)
    assert "cam-2 …" in warning
    assert "cam-3" not in warning
