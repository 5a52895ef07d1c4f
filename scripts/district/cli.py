"""The district's command line: render, serve, config, frames, preview."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts.district.dataset import make_dataset, print_progress


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one subcommand; returns the exit status: 0 well, 2 bad input, 3 could not run."""
    options = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except OSError as error:
        print(f"district {options.command}: {error}", file=sys.stderr)
        return 3
    except ValueError as error:
        print(f"district {options.command}: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.district",
        description="The simulated district: renders its cameras with ground truth and serves them over RTSP.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    render = commands.add_parser(
        "render", help="render and encode the loops of a seed (kept, so a second run is instant)"
    )
    _common(render)
    render.set_defaults(run=_render)
    serve = commands.add_parser("serve", help="serve the loops over RTSP until SIGTERM (renders what is missing first)")
    _common(serve)
    serve.add_argument("--bind", default="127.0.0.1", help="address to listen on")
    serve.add_argument("--port", type=int, default=8554, help="port; 0 for a free one")
    serve.set_defaults(run=_serve)
    config = commands.add_parser("config", help="write the district's Lookout configuration")
    config.add_argument("--out", type=Path, default=Path("configs/district.yaml"), help="file to write")
    config.set_defaults(run=_config)
    frames = commands.add_parser("frames", help="draw a YOLO dataset of random frames (needs numpy and OpenCV only)")
    frames.add_argument("--seed", type=int, default=1, help="training frames use it, validation frames another")
    frames.add_argument("--count", type=int, default=3000, help="training frames to draw")
    frames.add_argument(
        "--val-share", type=float, default=0.1, help="validation frames, as a share of the training frames"
    )
    frames.add_argument("--out", type=Path, required=True, help="folder for images, labels, ignore lists and data.yaml")
    frames.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    frames.set_defaults(run=_frames)
    preview = commands.add_parser("preview", help="draw one still of every camera")
    preview.add_argument("--seed", type=int, default=7, help="who is in the picture")
    preview.add_argument("--at", type=float, default=27.0, help="loop time in seconds")
    preview.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    preview.set_defaults(run=_preview)

    weather = commands.add_parser("weather", help="keep a file with the weather until a signal")
    weather.add_argument("--file", type=Path, required=True, help="JSON file that `weather.file` of the config names")
    weather.add_argument("--seed", type=int, default=7, help="which weather")
    weather.set_defaults(run=_weather)
    return parser


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--var", type=Path, default=Path("var/district"), help="folder for loops, truth and district.env"
    )
    parser.add_argument("--seed", type=int, default=7, help="who appears when")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="rendering processes")


def _render(options: argparse.Namespace) -> int:
    from scripts.district.library import render_all

    print(render_all(options.var, options.seed, options.workers, print_progress))
    return 0


def _serve(options: argparse.Namespace) -> int:
    from scripts.district.library import render_all
    from scripts.district.serving import serve

    folder = render_all(options.var, options.seed, options.workers, print_progress)
    asyncio.run(serve(folder, options.var, options.seed, options.bind, options.port))
    return 0


def _weather(options: argparse.Namespace) -> int:
    from scripts.district.serving_weather import keep_writing

    keep_writing(options.file, options.seed)
    return 0


def _config(options: argparse.Namespace) -> int:
    from scripts.district.config_file import district_config

    options.out.write_text(district_config(), encoding="utf-8")
    print(options.out)
    return 0


def _frames(options: argparse.Namespace) -> int:
    drawn = make_dataset(options.out, options.seed, options.count, options.workers, options.val_share, print_progress)
    print(f"{drawn} frames in {options.out}")
    return 0


def _preview(options: argparse.Namespace) -> int:
    from scripts.district.preview import draw_previews

    for path in draw_previews(options.out, options.seed, options.at):
        print(path)
    return 0
