"""`lookout models use`: writes another model into the config, comments and order kept; running detectors see it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from detect.models.model import load_model, split_shape
from kernel.config import load_config
from kernel.config.lookout import LookoutConfig
from kernel.config.problems import ConfigErrors, did_you_mean
from kernel.errors import BadInputError


def use_model(config_path: Path, name: str, camera_ids: Sequence[str] = ()) -> LookoutConfig:
    """Have a config's cameras analysed by another model; written whole or not at all.

    Args:
        config_path: the installation's YAML file.
        name: a folder of models.dir, or the path of an .onnx file.
        camera_ids: cameras that get a model of their own; none for models.default.

    Returns:
        The config as it is now.

    Raises:
        BadInputError: the model cannot be used, a camera is unknown, or the file cannot be written.
    """
    config = load_config(config_path)
    known = [camera.id for camera in config.cameras]
    for camera_id in camera_ids:
        if camera_id not in known:
            raise BadInputError(f"{config_path}: no camera {camera_id!r}; {did_you_mean(camera_id, known)}")
    is_plain = Path(name).name == name and (config.models.dir / split_shape(name)[0]).exists()
    named = name if is_plain else os.path.normpath(Path.cwd() / name)
    load_model(named if is_plain or Path(split_shape(named)[0]).exists() else name, config.models.dir)
    target = config_path.resolve()
    try:
        with target.open(encoding="utf-8", newline="") as file:  # line ends as they are
            changed = with_model(file.read(), named, camera_ids)
        return _written(target, changed, config, named, set(camera_ids))
    except (ConfigErrors, _CannotEdit) as error:
        keys = ", ".join(f"model of {one}" for one in camera_ids) or "models.default"
        raise BadInputError(f"{config_path}: cannot be changed here; set {keys} to {named} by hand") from error
    except OSError as error:
        raise BadInputError(f"{config_path}: cannot be written ({error.strerror}); check its permissions") from error


class _CannotEdit(Exception):
    """The text does not have the form that is understood here."""


def with_model(text: str, name: str, camera_ids: Sequence[str] = ()) -> str:
    """A config's text with another model, everything else as it was."""
    root = YAML(typ="safe", pure=True).compose(text)
    if not isinstance(root, MappingNode):
        raise _CannotEdit
    value = json.dumps(name, ensure_ascii=False)
    if camera_ids:
        cameras = _value(root, "cameras")
        entries = cameras.value if isinstance(cameras, SequenceNode) else []
        chosen = [entry for entry in entries if isinstance(entry, MappingNode) and _text(entry, "id") in camera_ids]
        edits = [_set(entry, "model", value, before="streams") for entry in chosen]
    else:
        models = _value(root, "models")
        if models is None:
            return text + ("" if text.endswith("\n") else "\n") + f"models: {{default: {value}}}\n"
        edits = [_set(models, "default", value)]
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _set(mapping: Node, key: str, value: str, before: str = "") -> tuple[int, int, str]:
    """How to change a mapping's text so that a key has that value: from, to, what stands there then."""
    if not isinstance(mapping, MappingNode) or not mapping.value:
        raise _CannotEdit
    present = _value(mapping, key)
    if present is not None:
        if not isinstance(present, ScalarNode):
            raise _CannotEdit
        return present.start_mark.index, present.end_mark.index, value
    first = next((name for name, _ in mapping.value if name.value == before), mapping.value[0][0])
    mark = first.start_mark
    end = ", " if mapping.flow_style else "\n" + " " * mark.column
    return mark.index, mark.index, f"{key}: {value}{end}"


def _value(mapping: MappingNode, key: str) -> Node | None:
    return next((value for name, value in mapping.value if name.value == key), None)


def _text(mapping: MappingNode, key: str) -> str:
    node = _value(mapping, key)
    return str(node.value) if isinstance(node, ScalarNode) else ""


def _written(target: Path, text: str, before: LookoutConfig, name: str, camera_ids: set[str]) -> LookoutConfig:
    """Put the text in the file's place once it is seen to say just what was meant."""
    handle, scratch = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        now = load_config(Path(scratch))
        if now != _meant(before, name, camera_ids):
            raise _CannotEdit
        found = target.stat()
        if (os.geteuid(), os.getegid()) != (found.st_uid, found.st_gid):
            os.chown(scratch, found.st_uid, found.st_gid)  # the services may run as its owner, who could not read it
        Path(scratch).chmod(found.st_mode & 0o7777)
        Path(scratch).replace(target)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise
    return now


def _meant(config: LookoutConfig, name: str, camera_ids: set[str]) -> LookoutConfig:
    if not camera_ids:
        return config.model_copy(update={"models": config.models.model_copy(update={"default": name})})
    cameras = tuple(
        camera.model_copy(update={"model": name}) if camera.id in camera_ids else camera for camera in config.cameras
    )
    return config.model_copy(update={"cameras": cameras})
