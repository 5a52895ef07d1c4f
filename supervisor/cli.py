"""The `lookout` command. A subcommand imports what it needs only when it is called."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from kernel.errors import BadInputError, LookoutError
from kernel.process import end_on_signals
from supervisor.maintenance import maintenance_app
from supervisor.models import models_app
from supervisor.patrol import patrol_app
from supervisor.printing import AsJson, ConfigPath, print_json, say
from supervisor.users import users_app

app = typer.Typer(
    name="lookout",
    help="Lookout (瞭望): cameras, alerts and drone patrol for a command room.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
bench_app = typer.Typer(
    help="Speed, as ratios against a named peer in the same run.",
    no_args_is_help=True,
    callback=end_on_signals,  # benches leave nothing in /dev/shm, however they end
)
app.add_typer(models_app, name="models")
app.add_typer(bench_app, name="bench")
app.add_typer(users_app, name="users")
app.add_typer(maintenance_app, name="maintenance")
app.add_typer(patrol_app, name="patrol")


@app.command()
def up(config: ConfigPath, verbose: Annotated[bool, typer.Option(help="Log what happens on stderr.")] = False) -> None:
    """Start every service of CONFIG and watch over them until SIGTERM or Ctrl-C."""
    from kernel.logs import configure_logging
    from supervisor.preflight import AlreadyRunningError
    from supervisor.up import run_installation

    configure_logging("supervisor", "info" if verbose else "warning")
    try:
        asyncio.run(run_installation(config.resolve(), say))
    except AlreadyRunningError as running:
        if not running.url:
            raise
        say(f"ready {running.url}")


@app.command()
def check(config: ConfigPath, as_json: AsJson = False) -> None:
    """Report every error of CONFIG and of the models, areas and terrains it names at once; exit 2 when there is one."""
    from drone.areas.drawn_files import file_problems
    from kernel.config import load_config
    from kernel.config.problems import ConfigErrors
    from supervisor.listing import model_problems

    try:
        loaded = load_config(config)
        if problems := model_problems(loaded) + file_problems(loaded):
            raise BadInputError("\n".join(problems))
    except BadInputError as found:
        if as_json:
            known = found.problems if isinstance(found, ConfigErrors) else ()
            errors = [{"line": one.line, "key": one.key, "message": one.message} for one in known]
            print_json(
                {"file": str(config), "errors": errors or [{"message": line} for line in str(found).split("\n")]}
            )
        raise
    rules = sum(len(camera.rules) for camera in loaded.cameras)
    if as_json:
        counts = {"cameras": len(loaded.cameras), "rules": rules, "drones": len(loaded.fleet)}
        print_json({"file": str(config), **counts, "patrols": len(loaded.patrols), "errors": []})
    else:
        drones = f", {len(loaded.fleet)} drones, {len(loaded.patrols)} patrols" if loaded.fleet else ""
        say(f"{config}: in order, {len(loaded.cameras)} cameras, {rules} rules{drones}")


@app.command()
def cameras(config: ConfigPath, as_json: AsJson = False) -> None:
    """List the register of cameras (一机一档)."""
    from kernel.config import load_config
    from supervisor.listing import camera_rows, print_table

    rows = camera_rows(load_config(config))
    if as_json:
        print_json(rows)
    else:
        print_table("cameras", rows)


@app.command()
def health(
    config: ConfigPath,
    window: Annotated[
        str | None, typer.Option(help="1h, 30m, 7d, today (default), yesterday or last-week.", show_default=False)
    ] = None,
    start: Annotated[str | None, typer.Option("--from", help="Beginning, ISO 8601.", show_default=False)] = None,
    end: Annotated[str | None, typer.Option("--to", help="End, ISO 8601 (default: now).", show_default=False)] = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV on stdout.")] = False,
) -> None:
    """Online rate (在线率) of every camera and of the district against its target.

    Exit code 0: target met; 1: missed; 4: too little was observed to tell.
    """
    from kernel.clock import SystemClock
    from kernel.config import load_config
    from supervisor import health as view

    if as_json and as_csv:
        raise BadInputError("health: give either --json or --csv, not both")
    loaded, now = load_config(config), SystemClock().now()
    figures = view.make_report(loaded, view.chosen_window(loaded, window, start, end, now), now)
    if as_json:
        typer.echo(figures.model_dump_json(by_alias=True))
    elif as_csv:
        typer.echo(view.csv_text(figures), nl=False)
    else:
        view.print_report(figures, ZoneInfo(loaded.site.timezone))
    raise typer.Exit(int(view.EXIT_CODES[figures.verdict]))


@app.command()
def exam(
    config: ConfigPath,
    minutes: Annotated[float, typer.Option(help="How long to observe.")] = 3.0,
    seed: Annotated[int, typer.Option(help="Which day in the simulated district; unused in training.")] = 7,
    kill: Annotated[bool, typer.Option("--kill", help="SIGKILL an ingest worker and the supervisor.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the data directory for inspection.")] = False,
    incidents: Annotated[
        int | None, typer.Option(help="True incidents needed to tell; 60 by default, 1 in an exam under 3 minutes.")
    ] = None,
    var: Annotated[Path, typer.Option(help="Where loops, data and logs of exams are kept.")] = Path("var/exam"),
    as_json: AsJson = False,
) -> None:
    """Run CONFIG against the simulated district and judge its alerts and its online rate by the truth.

    Exit 0 when every figure is good enough, 1 when one is not, 3 when it could not run, 4 with too few incidents.
    """
    from supervisor.exam.command import run_exam
    from supervisor.exam.examination import ExamOptions

    options = ExamOptions(config.resolve(), minutes, seed, var.resolve(), kill, keep)
    raise typer.Exit(int(run_exam(options, incidents, as_json)))


@bench_app.command("ingest")
def bench_ingest(as_json: AsJson = False) -> None:
    """Decoding and the frame ring, against cv2.VideoCapture on the same cameras."""
    from ingest.bench import run

    raise typer.Exit(run(as_json))


@bench_app.command("detect")
def bench_detect(
    model: Annotated[str, typer.Option(help="A model of models/, or an .onnx file.")] = "district-n",
    var: Annotated[Path, typer.Option(help="Where the frames are kept once drawn.")] = Path("var/bench"),
    rounds: Annotated[int, typer.Option(min=1, max=30, help="Turns of every contender, about 15 s each.")] = 8,
    as_json: AsJson = False,
) -> None:
    """From decoded frames to tracks, against the bare engine and ultralytics; --json ends with one object on stdout."""
    from supervisor.bench_detect.command import DetectBench, run_detect_bench

    models_dir = Path(__file__).resolve().parents[1] / "models"
    raise typer.Exit(run_detect_bench(DetectBench(model, models_dir, var, rounds), as_json))


@bench_app.command("stream")
def bench_stream(
    cameras: Annotated[str, typer.Option(help="How many cameras; several numbers one after the other.")] = "4,8,16",
    seconds: Annotated[float, typer.Option(min=1, max=3600, help="How long each side is measured.")] = 20.0,
    fps: Annotated[int, typer.Option(min=1, max=60, help="Frames a second of each camera.")] = 25,
    model: Annotated[str, typer.Option(help="A model of models/, or a file.")] = "district-n",
    var: Annotated[Path, typer.Option(help="Where the cameras' loops are kept.")] = Path("var/bench"),
    one_core: Annotated[bool, typer.Option("--one-core", help="Instead: how many cameras one core holds.")] = False,
    overload: Annotated[bool, typer.Option("--overload", help="Instead: far too much wanted; try 120 s.")] = False,
    as_json: AsJson = False,
) -> None:
    """Cameras over RTSP, analysed live: frames a second and their age, against ultralytics' stream loader."""
    from supervisor.bench_stream import limits
    from supervisor.bench_stream.command import StreamBench, run_stream_bench
    from supervisor.bench_stream.options import camera_counts

    models_dir = Path(__file__).resolve().parents[1] / "models"
    options = StreamBench(camera_counts(cameras), seconds, fps, model, models_dir, var)
    if one_core or overload:
        print_json(limits.cameras_of_one_core(options) if one_core else limits.overload(options))
        return
    raise typer.Exit(run_stream_bench(options, as_json))


@bench_app.command("live")
def bench_live(as_json: AsJson = False) -> None:
    """Viewers a core by passthrough, against aiortc's encoders."""
    from command_api.live.bench import run

    raise typer.Exit(run(as_json))


@bench_app.command("gpu")
def bench_gpu(
    weights: Annotated[Path | None, typer.Option(help="ultralytics' .pt file; YOLO26n untrained by default.")] = None,
    device: Annotated[str, typer.Option(help="cuda:N; the first GPU by default.")] = "",
    as_json: AsJson = False,
) -> None:
    """The GPU's way against its limits: bare network, memory copy, ultralytics; exit 3 without a CUDA device."""
    from detect.bench_gpu_command import run

    raise typer.Exit(run(weights, device, as_json))


def main() -> None:
    """Run the command; a known error is one line on stderr and its exit code."""
    try:
        app(prog_name="lookout")
    except LookoutError as error:
        typer.echo(f"lookout: {error}", err=True)
        sys.exit(int(error.exit_code))
