"""YAML file -> LookoutConfig, or every problem at once.

text -> plain data with lines (document) -> references replaced (secrets) -> schema (pydantic, explain) and checks
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kernel.config.camera import StreamRole
from kernel.config.checks import findings
from kernel.config.document import Document, NotYaml, parse
from kernel.config.explain import explain, locate
from kernel.config.lookout import LookoutConfig
from kernel.config.patrols import FLAT, PatrolConfig, PlacedRoute
from kernel.config.plain import Finding
from kernel.config.problems import ConfigErrors, ConfigProblem, dotted
from kernel.config.secrets import Resolver


def load(path: Path, environment: Mapping[str, str] | None = None) -> LookoutConfig:
    """The checked config in a YAML file, its relative paths made absolute.

    Relative paths count from the file's own directory, wherever the program was started.

    Args:
        path: of the file.
        environment: for `${NAME}`; the process's own by default.

    Raises:
        ConfigErrors: everything that is wrong.
    """
    try:
        document = parse(_text_of(path))
    except NotYaml as error:
        raise ConfigErrors([ConfigProblem(path, error.line, "", error.message)]) from error
    if not isinstance(document.data, dict):
        raise ConfigErrors([ConfigProblem(path, 1, "", _no_mapping(document.data))])
    found: list[Finding] = []
    directory = path.absolute().parent
    resolver = Resolver(
        os.environ if environment is None else environment,
        directory,
        lambda key: locate(LookoutConfig, key).is_secret,
        lambda key, message: found.append((key, message)),
    )
    data = resolver.resolved(document.data)
    config, schema_findings = _validated(data, document)
    found += [finding for finding in schema_findings if finding[0] not in resolver.failed]
    found += [finding for finding in findings(data, directory) if finding[0] not in resolver.failed]
    if config is not None:
        found += _unused_rules(config)
    problems = _sorted_problems(path, document, found)
    if problems or config is None:
        raise ConfigErrors(problems)
    return with_absolute_paths(config, directory)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        problem = "no such file; give the path of a config, e.g. configs/lookout.example.yaml"
    except IsADirectoryError:
        problem = "is a directory; give the path of a YAML file"
    except UnicodeDecodeError as error:
        problem = f"not UTF-8 text (byte {error.start}); save it as UTF-8"
    except OSError as error:
        problem = f"cannot be read ({error.strerror}); check its permissions"
    raise ConfigErrors([ConfigProblem(path, 1, "", problem)])


def _no_mapping(data: Any) -> str:
    if data is None:
        return "empty file; start from configs/lookout.example.yaml"
    return "holds no keys; a config starts with keys like site: and cameras:"


def _validated(data: Any, document: Document) -> tuple[LookoutConfig | None, list[Finding]]:
    try:
        return LookoutConfig.model_validate(data), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        found = [explain(LookoutConfig, detail, document.texts) for detail in details]
        # pydantic also calls a list too short for entries it dropped because they were wrong
        around = {key[:length] for key, _ in found for length in range(len(key))}
        return None, [finding for finding in found if finding[0] not in around]


def _unused_rules(config: LookoutConfig) -> list[Finding]:
    """Rules that would never see a frame."""
    return [
        (("cameras", index, "rules"), "no stream of this camera has the role analyse; give it to one of streams")
        for index, camera in enumerate(config.cameras)
        if camera.rules and camera.streams.name_for(StreamRole.ANALYSE) is None
    ]


def _sorted_problems(path: Path, document: Document, found: list[Finding]) -> list[ConfigProblem]:
    problems = [
        ConfigProblem(path, line, dotted(key), f"given twice (first in line {first}); keep one")
        for key, line, first in document.duplicates
    ]
    problems += [ConfigProblem(path, document.line_of(key), dotted(key), message) for key, message in found]
    return sorted(dict.fromkeys(problems), key=lambda problem: problem.line)


def with_absolute_paths(config: LookoutConfig, directory: Path) -> LookoutConfig:
    """The config with every relative path counted from `directory`."""

    def absolute(path: Path | None) -> Path | None:
        return None if path is None else Path(os.path.normpath(directory / path))

    def model(name: str) -> str:
        is_path = "/" in name or name.endswith((".onnx", ".xml"))
        return os.path.normpath(directory / name) if is_path else name

    web = config.web.model_copy(
        update={
            "tls_certificate": absolute(config.web.tls_certificate),
            "tls_key": absolute(config.web.tls_key),
        }
    )
    models = config.models.model_copy(
        update={"dir": absolute(config.models.dir), "default": model(config.models.default)}
    )

    def terrain(name: str) -> str:
        return FLAT if name == FLAT else os.path.normpath(directory / name)

    cameras = tuple(camera.model_copy(update={"model": model(camera.model)}) for camera in config.cameras)
    zones = tuple(zone.model_copy(update={"file": absolute(zone.file)}) for zone in config.airspace)
    weather = config.weather and config.weather.model_copy(update={"file": absolute(config.weather.file)})
    changed = {
        "data_dir": absolute(config.data_dir),
        "web": web,
        "models": models,
        "cameras": cameras,
        "airspace": zones,
        "patrols": tuple(_with_absolute_files(patrol, absolute, terrain) for patrol in config.patrols),
        "dispatch": config.dispatch.model_copy(update={"terrain": terrain(config.dispatch.terrain)}),
        "weather": weather,
    }
    return config.model_copy(update=changed)


def _with_absolute_files(
    patrol: PatrolConfig, absolute: Callable[[Path | None], Path | None], terrain: Callable[[str], str]
) -> PatrolConfig:
    route = patrol.route
    if isinstance(route, PlacedRoute):
        route = route.model_copy(update={"file": absolute(route.file)})
    return patrol.model_copy(update={"route": route, "terrain": terrain(patrol.terrain)})
