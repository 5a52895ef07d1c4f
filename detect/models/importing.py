"""A model file somebody brings -> a bundle in the models directory: understood, tried out here, described by a card.

    .onnx ------------------------------------------------> layout recognised -> runs on this machine -> models/NAME/
    .pt   --exported by ultralytics in a process of its own--^

A .pt file is a pickle: loading it runs whatever code its author put in. It is opened only because somebody named it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from detect.engines.choice import choose_engine
from detect.engines.tensorrt_file import build_engine_file, may_build
from detect.errors import EngineError
from detect.models.card import CARD_FILE, MODEL_FILE, ModelCard
from detect.models.model import Model, load_model
from kernel.config.sections import DetectConfig
from kernel.errors import BadInputError

NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
EXPORT_WITHIN_S = 900.0
GPU_BATCH = 32
_LAST_WORDS = 300
_EXPORT = """
import sys
from ultralytics import YOLO
weights, height_px, width_px = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
model = YOLO(weights)
if model.task != "detect":
    sys.exit(f"a model for the task {model.task!r}; bring one for the task 'detect'")
model.export(format="onnx", imgsz=[height_px, width_px], dynamic=True, simplify=False, opset=17)
"""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a model is brought in.

    Attributes:
        name: of its folder; what a config says.
        width_px, height_px: input a .pt is exported for; an .onnx file has its own.
        licence, data: for the card; empty keeps what the file says.
        replaces: an existing model of that name is replaced.
    """

    name: str
    width_px: int = 640
    height_px: int = 384
    licence: str = ""
    data: str = ""
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of it: the bundle, the engine it ran on here and the pictures a second that were measured."""

    folder: Path
    card: ModelCard
    engine: str
    capacity_fps: float


def import_model(source: Path, models_dir: Path, options: ImportOptions, cache_dir: Path, say: Say) -> Imported:
    """Bring a model in; it is there whole or not at all.

    Args:
        source: an .onnx file, a folder of one with its card, or a .pt of ultralytics (which needs the extra yolo).
        models_dir: where bundles live; made where it is missing.
        options: name and card.
        cache_dir: where engine measurements are kept.
        say: takes a line for each step.

    Raises:
        BadInputError: the file is missing or not understood; the name is no name or taken; no room for the bundle.
        EngineError: it does not run here.
    """
    target = place_for(models_dir, options)
    if not source.is_file() and not (source / CARD_FILE).is_file():
        raise BadInputError(
            f"{source}: no such file; name an .onnx file, a folder of one and its card.json, or a .pt of ultralytics"
        )
    try:
        engine_name, capacity_fps = _bring_in(source.resolve(), target, options, cache_dir, say)
    except OSError as error:
        where = error.filename or models_dir
        raise BadInputError(f"{where}: {error.strerror}; the model was not imported") from error
    card = ModelCard.model_validate_json((target / CARD_FILE).read_text(encoding="utf-8"))
    return Imported(target, card, engine_name, capacity_fps)


def place_for(models_dir: Path, options: ImportOptions) -> Path:
    """Where a model will lie.

    Raises:
        BadInputError: the name is no name, or taken.
    """
    target = models_dir / options.name
    if not NAME_PATTERN.fullmatch(options.name):
        raise BadInputError(f"model name {options.name!r}: use small letters, digits, '-', '_' and '.'")
    if target.exists() and not options.replaces:
        raise BadInputError(f"{target}: there is a model of that name; give another --name, or --replace")
    return target


def _bring_in(source: Path, target: Path, options: ImportOptions, cache_dir: Path, say: Say) -> tuple[str, float]:
    """Make the bundle beside its place and move it there; the engine it ran on, and how fast."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".import-", dir=target.parent) as scratch:
        work = Path(scratch)
        onnx = exported(source, work, options, say) if source.suffix == ".pt" else source
        say(f"reading {source.name}")
        model = load_model(str(onnx), target.parent)
        say("running it here, to see how fast it is")
        engine, capacity_fps = choose_engine(model, DetectConfig(), cache_dir)
        engine_name = engine.name
        engine.close()
        if device := may_build(model):
            say(f"making a TensorRT engine for {device}; this takes minutes")
            try:
                build_engine_file(model, device, cache_dir, GPU_BATCH)
            except EngineError as error:
                say(f"warning: {error}; PyTorch runs the model on the GPU")
        put_in_place(work, write_bundle(work / "bundle", model, options), target)
    return engine_name, capacity_fps


def exported(weights: Path, work: Path, options: ImportOptions, say: Say) -> Path:
    """The ONNX file that ultralytics makes of a .pt file.

    Raises:
        BadInputError: ultralytics is missing, or does not understand the file.
    """
    say(f"warning: {weights.name} is a pickle and may run code of its author's; go on only with files you trust")
    say(f"exporting {weights.name} for {options.width_px}x{options.height_px}; this takes up to a minute")
    copy = work / weights.name
    shutil.copyfile(weights, copy)
    settings = {"YOLO_OFFLINE": "1", "YOLO_AUTOINSTALL": "0", "YOLO_CONFIG_DIR": str(work), "MPLCONFIGDIR": str(work)}
    command = [sys.executable, "-c", _EXPORT, str(copy), str(options.height_px), str(options.width_px)]
    environment = {**os.environ, **settings}
    try:
        done = subprocess.run(
            command, cwd=work, env=environment, capture_output=True, text=True, timeout=EXPORT_WITHIN_S
        )
    except subprocess.TimeoutExpired as error:
        raise BadInputError(
            f"{weights}: not exported within {EXPORT_WITHIN_S:.0f} s; export it to ONNX elsewhere and import that"
        ) from error
    if done.returncode != 0:
        lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
        reason = lines[-1][:_LAST_WORDS] if lines else f"exit code {done.returncode}"
        if "No module named 'ultralytics'" in done.stderr:
            reason = "ultralytics is not installed; install Lookout with the extra yolo, or bring an .onnx file"
        raise BadInputError(f"{weights}: cannot be exported: {reason}")
    return copy.with_suffix(".onnx")


def write_bundle(folder: Path, model: Model, options: ImportOptions) -> Path:
    """A folder with the file and its card; returns it."""
    folder.mkdir()
    shutil.copyfile(model.path, folder / MODEL_FILE)
    words = {"name": options.name, "licence": options.licence, "data": options.data}
    said = {key: value for key, value in words.items() if value}
    card = model.card.model_copy(update={**said, "int8": None})  # int8 was judged by somebody else's pictures
    (folder / CARD_FILE).write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return folder


def put_in_place(work: Path, bundle: Path, target: Path) -> None:
    """Move the bundle to where it belongs, what was there aside first, and back where that fails."""
    replaced = work / "replaced"
    if target.exists():
        target.rename(replaced)
    try:
        bundle.rename(target)
    except OSError:
        if replaced.exists():
            replaced.rename(target)
        raise
