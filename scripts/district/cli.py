"""The district's command line: render, serve, config, frames, preview."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from scripts.district.dataset import make_dataset, print_progress


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one subcommand; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.district", description="The simulated district.")
    commands = parser.add_subparsers(dest="command", required=True)
    frames = commands.add_parser("frames", help="draw a YOLO dataset of random frames (needs numpy and OpenCV only)")
    frames.add_argument("--seed", type=int, default=1, help="training frames use it, validation frames another")
    frames.add_argument("--count", type=int, default=3000, help="training frames to draw")
    frames.add_argument(
        "--val-share", type=float, default=0.1, help="validation frames as a share of the training frames"
    )
    frames.add_argument(
        "--out", type=Path, required=True, help="folder to write images, labels, ignore lists and data.yaml to"
    )
    frames.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args(argv)
    drawn = make_dataset(options.out, options.seed, options.count, options.workers, options.val_share, print_progress)
    print(f"{drawn} frames in {options.out}")
    return 0
