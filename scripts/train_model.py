"""Train the bundled model on frames of the simulated district: `python -m scripts.train_model`.

    python -m scripts.district frames --out FRAMES   ->   this   ->   weights, ONNX at 384x640   ->   evaluate_model

The network is a nano YOLO of ultralytics, trained from nothing (no weights are downloaded) in rectangular batches of
the size it runs at. The run is seeded, shows its progress, and goes on where it stopped with --resume. ultralytics
looks the network up when it is imported and keeps settings in the home directory: YOLO_OFFLINE and YOLO_CONFIG_DIR
keep it from both.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
INPUT_WIDTH_PX = 640
INPUT_HEIGHT_PX = 384
ONNX_OPSET = 17


def keep_ultralytics_inside(work: Path) -> None:
    """Stop ultralytics from asking the network and from writing to the home directory; before it is imported."""
    settings = work / "ultralytics"
    settings.mkdir(parents=True, exist_ok=True)
    os.environ["YOLO_OFFLINE"] = "1"
    os.environ["YOLO_AUTOINSTALL"] = "0"
    os.environ["YOLO_CONFIG_DIR"] = str(settings)
    os.environ["MPLCONFIGDIR"] = str(settings / "matplotlib")


def load_yolo(work: Path, weights_or_layout: str) -> Any:
    """A model of ultralytics from a weights file or a layout such as 'yolo26n.yaml'."""
    keep_ultralytics_inside(work)
    try:
        from ultralytics import YOLO
    except ImportError as error:
        raise SystemExit("train_model: ultralytics is not installed; run: make setup-dev EXTRAS=yolo") from error
    return YOLO(weights_or_layout)


def choose_device(wanted: str) -> str:
    """'cpu' or a CUDA index: what the machine has unless the person named one."""
    if wanted != "auto":
        return wanted
    import torch

    return "0" if torch.cuda.is_available() else "cpu"


def show_epoch(trainer: Any) -> None:
    """One line an epoch, for people who watch."""
    metrics = trainer.metrics or {}
    map50 = metrics.get("metrics/mAP50(B)", float("nan"))
    print(f"epoch {trainer.epoch + 1}/{trainer.epochs} mAP50 {map50:.4f}", flush=True)


def train(options: argparse.Namespace) -> Path:
    """Train, or go on with a stopped run.

    Returns:
        The best weights.
    """
    last = options.work / "run" / "weights" / "last.pt"
    if options.resume and last.exists():
        model = load_yolo(options.work, str(last))
        model.add_callback("on_fit_epoch_end", show_epoch)
        model.train(resume=True, device=choose_device(options.device))
    else:
        model = load_yolo(options.work, options.layout)
        model.add_callback("on_fit_epoch_end", show_epoch)
        model.train(
            data=str(options.frames.resolve() / "data.yaml"),
            epochs=options.epochs,
            batch=options.batch,
            imgsz=INPUT_WIDTH_PX,
            rect=True,
            device=choose_device(options.device),
            workers=options.workers,
            cache=options.cache,
            seed=options.seed,
            deterministic=True,
            amp=False,
            project=str(options.work.resolve()),
            name="run",
            exist_ok=True,
            pretrained=False,
            plots=False,
            verbose=False,
            cos_lr=True,
            scale=0.35,
            translate=0.1,
            hsv_v=0.35,
            erasing=0.0,
        )
    return Path(options.work) / "run" / "weights" / "best.pt"


def export(work: Path, weights: Path, out: Path) -> Path:
    """Write the model as ONNX for 384x640 (any batch: engines fix the shape themselves).

    Returns:
        `out`/model.onnx.
    """
    model = load_yolo(work, str(weights))
    exported = model.export(
        format="onnx", imgsz=(INPUT_HEIGHT_PX, INPUT_WIDTH_PX), dynamic=True, simplify=False, opset=ONNX_OPSET
    )
    out.mkdir(parents=True, exist_ok=True)
    target = out / "model.onnx"
    shutil.copyfile(exported, target)
    return target


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m scripts.train_model", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--frames", type=Path, required=True, help="what `scripts.district frames --out` made")
    parser.add_argument("--work", type=Path, default=ROOT / "var" / "train", help="checkpoints (default: var/train)")
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "district-n", help="where model.onnx goes")
    parser.add_argument("--layout", default="yolo26n.yaml", help="network of ultralytics (default: yolo26n.yaml)")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--workers", type=int, default=min(16, os.cpu_count() or 1))
    parser.add_argument("--cache", choices=("ram", "disk", "no"), default="ram", help="where decoded frames are kept")
    parser.add_argument("--device", default="auto", help="auto, cpu, or a CUDA index")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true", help="go on where a stopped run left off")
    parser.add_argument("--export-only", action="store_true", help="export the best weights of an earlier run")
    options = parser.parse_args(arguments)
    options.cache = False if options.cache == "no" else options.cache
    if not (options.frames / "data.yaml").is_file() and not options.export_only:
        parser.error(f"{options.frames} has no data.yaml; make it with: python -m scripts.district frames --out DIR")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and export; 0 when the ONNX file is written."""
    options = parse(arguments)
    options.work.mkdir(parents=True, exist_ok=True)
    weights = options.work / "run" / "weights" / "best.pt" if options.export_only else train(options)
    print(f"exported {export(options.work, weights, options.out)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
