"""The warning about a model that knows only the simulated district, used on other cameras; pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from detect.models.card import ModelCard
from kernel.config.camera import CameraConfig
from kernel.config.sections import Language

_WORDS = {
    Language.ZH_CN: (
        "模型 {model} 只认识模拟辖区的画面，不能用于真实摄像机（{cameras}）；请导入真实模型：lookout models import"
    ),
    Language.EN: (
        "model {model} knows only the simulated district, not real cameras ({cameras}); "
        "set models.default to a real model's ONNX file"
    ),
}
_NAMED = 3


def model_warning(cards: Iterable[ModelCard], cameras: Iterable[CameraConfig], language: Language) -> str:
    """What the wall and the log have to say, empty where all is well.

    Args:
        cards: models in use.
        cameras: cameras that are analysed.
        language: of the wall.
    """
    district_models = [card.name for card in cards if card.district_only]
    real = [camera.id for camera in cameras if not _is_simulated(camera)]
    if not district_models or not real:
        return ""
    named = ", ".join(real[:_NAMED]) + (" …" if len(real) > _NAMED else "")
    return _WORDS[language].format(model=", ".join(district_models), cameras=named)


def _is_simulated(camera: CameraConfig) -> bool:
    """Whether every stream comes from this machine, as the simulated district's do."""
    return all(_is_loopback(urlsplit(stream.url).hostname or "") for stream in camera.streams.by_name().values())


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
