"""Train the bundled model on frames of the simulated district: `python -m scripts.train_model`.

    scripts.district frames  ->  crops  ->  stage 1: crops at 192x320  ->  stage 2: frames at 384x640  ->  ONNX

The network is a YOLO of ultralytics at half the width of its nano, so that a district of eight cameras leaves two cores
time for everything else; trained from nothing (no weights are downloaded) in rectangular batches,
at last of the size it runs at. Only the head that is exported is trained: ultralytics' own layout hands the loss over
to a second, NMS-free head as training goes on. The run is seeded, shows its progress, and goes on where it stopped with
--resume; --processes shares each batch out between processes, because torch's own threads wait for each other here.
ultralytics looks the network up when it is imported and keeps settings in the home directory: YOLO_OFFLINE and
YOLO_CONFIG_DIR keep it from both. On a CPU the forward pass runs in bfloat16 with channels last (1.4 times as fast
where the CPU has avx512_bf16); on a GPU in float32, because ultralytics' check of mixed precision downloads weights.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.district.scene import CLASSES
from scripts.onnx_start import weights_from_onnx
from scripts.torchvision_nms import mend_torchvision
from scripts.training_crops import CROP_WIDTH_PX, cut_crops

ROOT = Path(__file__).resolve().parent.parent
INPUT_WIDTH_PX = 640
INPUT_HEIGHT_PX = 384
ONNX_OPSET = 17
DESCRIPTION = "Lookout: knows the simulated district and nothing else"
ACTIVATIONS = {"hardswish": "torch.nn.Hardswish()", "silu": "torch.nn.SiLU()"}
CROPS_STAGE = "crops"
FRAMES_STAGE = "frames"
NANO_DEPTH = 0.5
NANO_LARGEST_CHANNELS = 1024


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
        mend_torchvision()
        from ultralytics import YOLO
    except ImportError as error:
        raise SystemExit("train_model: ultralytics is not installed; run: make setup-dev EXTRAS=yolo") from error
    return YOLO(weights_or_layout)


def write_layout(work: Path, family: str, width: float, activation: str) -> Path:
    """A family's own layout at a width of its own: the file a model is made from.

    Args:
        family: a layout file of ultralytics with scales, such as 'yolo26.yaml'.
        width: share of the full channels; ultralytics' own nano has 0.25.
        activation: what follows a convolution, one of `ACTIVATIONS`.
    """
    keep_ultralytics_inside(work)
    from ultralytics.utils import YAML
    from ultralytics.utils.checks import check_yaml

    layout = YAML.load(check_yaml(family))
    layout["scales"] = {"n": [NANO_DEPTH, width, NANO_LARGEST_CHANNELS]}
    layout["end2end"] = False
    layout["nc"] = len(CLASSES)  # else a start's own class layer does not fit
    layout["activation"] = ACTIVATIONS[activation]
    file = work / "district.yaml"
    YAML.save(file, layout)
    return file


def choose_device(wanted: str) -> str:
    """'cpu' or a CUDA index: what the machine has unless the person named one."""
    if wanted != "auto":
        return wanted
    import torch

    return "0" if torch.cuda.is_available() else "cpu"


def show_epoch(trainer: Any) -> None:
    """One line an epoch, for people who watch."""
    map50 = (trainer.metrics or {}).get("metrics/mAP50(B)", float("nan"))
    print(f"{trainer.args.name}: epoch {trainer.epoch + 1}/{trainer.epochs} mAP50 {map50:.4f}", flush=True)


def compute_in_bfloat16(model: Any) -> None:
    """Run training batches in bfloat16 with channels last, for CPUs."""
    import torch

    context = torch.autocast("cpu", torch.bfloat16)

    def to_channels_last(trainer: Any) -> None:
        trainer.model.to(memory_format=torch.channels_last)

    def enter(_trainer: Any) -> None:
        context.__enter__()

    def leave(_trainer: Any) -> None:
        context.__exit__(None, None, None)

    model.add_callback("on_train_start", to_channels_last)
    model.add_callback("on_train_batch_start", enter)
    model.add_callback("on_train_batch_end", leave)


def make_trainer(processes: int) -> Any:
    """ultralytics' trainer for detection; with several processes its gradients are the mean of theirs."""
    from ultralytics.models.yolo.detect import DetectionTrainer

    if processes == 1:
        return DetectionTrainer

    class SharingTrainer(DetectionTrainer):  # type: ignore[misc]
        """Takes each step with the mean gradient of all processes, so that their weights stay the same."""

        def _setup_train(self) -> None:
            super()._setup_train()
            take_first_weights(self.model)
            take_first_weights(self.ema.ema)

        def optimizer_step(self) -> None:
            average_gradients(self.model, processes)
            super().optimizer_step()

    return SharingTrainer


def take_first_weights(model: Any) -> None:
    """Copy the weights and statistics of the first process into this one's model."""
    import torch

    for tensor in model.state_dict().values():
        torch.distributed.broadcast(tensor, 0)


def average_gradients(model: Any, processes: int) -> None:
    """Replace each gradient by its mean over the processes; every process must call it at the same step."""
    import torch

    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    flat = torch.cat([one.reshape(-1) for one in gradients])
    torch.distributed.all_reduce(flat)
    for gradient, mean in zip(gradients, flat.div_(processes).split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(mean.view_as(gradient))


def share_of(dataset: Path, work: Path, rank: int, processes: int) -> Path:
    """A dataset with every `processes`-th training picture, from `rank`: all shares are the same size.

    Returns:
        Its data.yaml; the dataset's own when there is one process.
    """
    whole = dataset / "data.yaml"
    if processes == 1:
        return whole
    pictures = sorted((dataset / "images" / "train").resolve().glob("*.jpg"))
    pictures = pictures[: len(pictures) // processes * processes]
    listed = work / f"{dataset.name}-share-{rank}.txt"
    listed.write_text("".join(f"{one}\n" for one in pictures[rank::processes]), encoding="utf-8")
    share = listed.with_suffix(".yaml")
    share.write_text(
        whole.read_text(encoding="utf-8").replace("train: images/train", f"train: {listed.resolve()}"), encoding="utf-8"
    )
    return share


def train_stage(options: argparse.Namespace, stage: str, dataset: Path, start: str, epochs: int) -> Path:
    """Train one stage, or go on with a stopped one; a finished stage is left alone.

    Returns:
        The stage's best weights.
    """
    name = stage if options.rank == 0 else f"{stage}-{options.rank}"
    best = options.work / name / "weights" / "best.pt"
    last = best.with_name("last.pt")
    done = options.work / name / "done"
    if options.resume and done.exists():
        return Path(best)
    device = choose_device(options.device)
    resuming = options.resume and last.exists()
    layout = write_layout(options.work, options.family, options.width, options.activation)
    model = load_yolo(options.work, str(last if resuming else layout))
    if start and not resuming:
        model.load(start)
    model.add_callback("on_fit_epoch_end", show_epoch)
    if device == "cpu":
        compute_in_bfloat16(model)
    if resuming:
        model.train(trainer=make_trainer(options.processes), resume=True, device=device)
    else:
        model.train(
            trainer=make_trainer(options.processes),
            data=str(share_of(dataset, options.work, options.rank, options.processes).resolve()),
            epochs=epochs,
            batch=options.batch * (2 if stage == CROPS_STAGE else 1),
            imgsz=CROP_WIDTH_PX if stage == CROPS_STAGE else INPUT_WIDTH_PX,
            rect=True,
            device=device,
            workers=options.workers,
            cache=options.cache,
            seed=options.seed + options.rank,
            deterministic=True,
            amp=False,
            project=str(options.work.resolve()),
            name=name,
            exist_ok=True,
            pretrained=bool(start),
            plots=False,
            verbose=False,
            cos_lr=True,
            scale=0.25,
            translate=0.1,
            hsv_v=0.35,
            erasing=0.0,
            warmup_epochs=1.0,
            val=stage == FRAMES_STAGE,
        )
    done.touch()
    return Path(best)


def start_processes(options: argparse.Namespace, arguments: Sequence[str]) -> list[subprocess.Popen[bytes]]:
    """Start the other processes (from the first), and join them all in one group.

    Returns:
        The processes started: none in those that were started.
    """
    import torch

    torch.set_num_threads(1)
    meeting = options.work / "meeting-point"
    others = []
    if options.rank == 0:
        meeting.unlink(missing_ok=True)
        command = [sys.executable, "-m", "scripts.train_model", *arguments, "--rank"]
        others = [subprocess.Popen([*command, str(rank)]) for rank in range(1, options.processes)]
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{meeting.resolve()}", rank=options.rank, world_size=options.processes
    )
    return others


def train(options: argparse.Namespace) -> Path:
    """Both stages.

    Returns:
        The best weights.
    """
    start = str(options.start or "")
    if start.endswith(".onnx"):
        start = str(unfolded_start(options))
    if options.crop_epochs > 0:
        crops = options.work / "crop-pictures"
        if options.rank == 0 and not (options.resume and (crops / "data.yaml").exists()):
            print(f"cut {cut_crops(options.frames, crops, options.crops_per_frame, options.seed)} crops", flush=True)
        if options.processes > 1:
            import torch

            torch.distributed.barrier()
        start = str(train_stage(options, CROPS_STAGE, crops, start, options.crop_epochs))
    return train_stage(options, FRAMES_STAGE, options.frames, start, options.epochs)


def unfolded_start(options: argparse.Namespace) -> Path:
    """The weights of an exported model, made fit for training by the first process for all.

    Raises:
        SystemExit: it is of another layout.
    """
    out = Path(options.work / "start.pt")
    if options.rank == 0 and not (options.resume and out.exists()):
        layout = write_layout(options.work, options.family, options.width, options.activation)
        from ultralytics.nn.tasks import DetectionModel

        pictures = sorted((options.frames / "images" / "train").glob("*.jpg"))
        network = DetectionModel(str(layout), ch=3, verbose=False)
        weights_from_onnx(options.start, network, pictures, (INPUT_WIDTH_PX, INPUT_HEIGHT_PX), out)
    if options.processes > 1:
        import torch

        torch.distributed.barrier()
    return out


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
    return describe(Path(exported), out / "model.onnx")


def describe(exported: Path, target: Path) -> Path:
    """Write an exported model with a description of our own: ultralytics' names the folder it was trained in.

    Returns:
        `target`.
    """
    import onnx

    graph = onnx.load(exported)
    for entry in graph.metadata_props:
        if entry.key == "description":
            entry.value = DESCRIPTION
    onnx.save(graph, target)
    return target


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.train_model", description=(__doc__ or "").split("\n", 1)[0]
    )
    parser.add_argument("--frames", type=Path, required=True, help="what `scripts.district frames --out` made")
    parser.add_argument("--work", type=Path, default=ROOT / "var" / "train", help="checkpoints (default: var/train)")
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "district-n", help="where model.onnx goes")
    parser.add_argument("--family", default="yolo26.yaml", help="layout of ultralytics (default: yolo26.yaml)")
    parser.add_argument("--width", type=float, default=0.125, help="share of channels; ultralytics' nano has 0.25")
    parser.add_argument(
        "--activation",
        choices=sorted(ACTIVATIONS),
        default="hardswish",
        help="what follows a convolution (default: hardswish, a quarter of a picture's time less than silu)",
    )
    parser.add_argument("--epochs", type=int, default=12, help="epochs on whole frames")
    parser.add_argument("--crop-epochs", type=int, default=20, help="epochs on crops before; 0 for none (on a GPU)")
    parser.add_argument("--crops-per-frame", type=int, default=2)
    parser.add_argument("--batch", type=int, default=16, help="frames in a batch; twice as many crops")
    parser.add_argument("--workers", type=int, default=min(8, os.cpu_count() or 1))
    parser.add_argument("--cache", choices=("ram", "disk", "no"), default="ram", help="where decoded frames are kept")
    parser.add_argument("--processes", type=int, default=1, help="on a CPU: processes that share each batch out")
    parser.add_argument("--rank", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--device", default="auto", help="auto, cpu, or a CUDA index")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true", help="go on where a stopped run left off")
    parser.add_argument(
        "--start", type=Path, help="begin with these weights, or an exported model.onnx, instead of from nothing"
    )
    parser.add_argument("--weights", type=Path, help="export these weights and train nothing")
    options = parser.parse_args(arguments)
    options.cache = False if options.cache == "no" else options.cache
    if options.weights is None and not (options.frames / "data.yaml").is_file():
        parser.error(f"{options.frames} has no data.yaml; make it with: python -m scripts.district frames --out DIR")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and export; 0 when the ONNX file is written."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    options = parse(arguments)
    options.work.mkdir(parents=True, exist_ok=True)
    others = start_processes(options, arguments) if options.processes > 1 else []
    weights = options.weights if options.weights is not None else train(options)
    if options.rank > 0:
        return 0
    for other in others:
        other.wait()
    print(f"exported {export(options.work, weights, options.out)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
