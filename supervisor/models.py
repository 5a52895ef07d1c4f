"""`lookout models`: what is there, what it is, and bringing in, trying out and changing over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kernel.errors import BadInputError
from supervisor.printing import AsJson, ConfigPath, print_json, say

if TYPE_CHECKING:
    from detect.models.importing import Imported

models_app = typer.Typer(help="Models: what is there, and what it is.", no_args_is_help=True)


def _step(line: str) -> None:
    typer.echo(line, err=True)


def _say_imported(imported: Imported, as_json: bool) -> None:
    card = imported.card
    if as_json:
        fps, described = round(imported.capacity_fps, 1), card.model_dump(mode="json")
        print_json({"folder": imported.folder, "engine": imported.engine, "capacity_fps": fps, "card": described})
        return
    shown = ", ".join(card.classes[:6]) + ("…" if len(card.classes) > 6 else "")
    say(f"model {card.name}: {card.layout.value}, {len(card.classes)} classes ({shown})")
    say(f"{imported.engine}: about {imported.capacity_fps:.0f} pictures a second on this machine")
    say(f"to use it: lookout models use CONFIG {card.name}, or model: {card.name} for a camera")


@models_app.command("list")
def models_list(config: ConfigPath, as_json: AsJson = False) -> None:
    """List the models in the config's models.dir."""
    from kernel.config import load_config
    from supervisor.listing import model_rows, print_table

    rows = model_rows(load_config(config))
    if as_json:
        print_json(rows)
    else:
        print_table("models", rows)


@models_app.command("import")
def models_import(
    config: ConfigPath,
    file: Annotated[
        Path,
        typer.Argument(help="An .onnx file, a folder of one and its card, or a .pt.", show_default=False),
    ],
    name: Annotated[str, typer.Option(help="Name for the config; the file's own by default.")] = "",
    width_px: Annotated[int, typer.Option(help="Width a .pt is exported for.")] = 640,
    height_px: Annotated[int, typer.Option(help="Height a .pt is exported for.")] = 384,
    licence: Annotated[str, typer.Option(help="Licence, for the card.")] = "",
    data: Annotated[str, typer.Option(help="What it was trained on, for the card.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Replace the model of that name.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring a model into the config's models.dir: understood, tried out on this machine, described by a card."""
    from detect.build import engine_cache
    from detect.models.importing import ImportOptions, import_model
    from kernel.config import load_config

    loaded = load_config(config)
    options = ImportOptions(name or file.stem.lower(), width_px, height_px, licence, data, replace)
    imported = import_model(file, loaded.models.dir, options, engine_cache(loaded), _step)
    _say_imported(imported, as_json)


@models_app.command("pull")
def models_pull(
    config: ConfigPath,
    what: Annotated[
        str, typer.Argument(help="Address of an .onnx file, or a name below models.pull_from.", show_default=False)
    ],
    name: Annotated[str, typer.Option(help="Name for the config; the file's own by default.")] = "",
    sha256: Annotated[str, typer.Option(help="Of the file; by default its card's, which lies beside it.")] = "",
    ca: Annotated[Path | None, typer.Option(help="The server's authority, PEM.", show_default=False)] = None,
    max_mib: Annotated[int, typer.Option(min=1, help="Largest file.")] = 1024,
    silence_s: Annotated[float, typer.Option(min=1.0, help="Longest time without a byte.")] = 30.0,
    allow_pickle: Annotated[bool, typer.Option("--allow-pickle", help="Also a .pt; its author's code runs.")] = False,
    width_px: Annotated[int, typer.Option(help="Width a .pt is exported for.")] = 640,
    height_px: Annotated[int, typer.Option(help="Height a .pt is exported for.")] = 384,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the model of that name.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fetch a model over HTTPS, check its SHA-256, and import it; what breaks off is gone on with next time."""
    from detect.build import engine_cache
    from detect.models.download import Limits
    from detect.models.importing import ImportOptions
    from detect.models.pulling import Pull, address_of, pull_model
    from kernel.config import load_config
    from supervisor.printing import byte_bar

    loaded = load_config(config)
    url, own_name = address_of(what, loaded.models.pull_from)
    pull = Pull(url, sha256.lower(), allow_pickle, Limits(max_mib << 20, silence_s, ca))
    options = ImportOptions(name or own_name, width_px, height_px, replaces=replace)
    with byte_bar("fetching") as tell:
        imported = pull_model(pull, loaded.models.dir, options, engine_cache(loaded), _step, tell)
    _say_imported(imported, as_json)


@models_app.command("use")
def models_use(
    config: ConfigPath,
    name: Annotated[str, typer.Argument(help="A folder of models.dir, or an .onnx file.", show_default=False)],
    camera: Annotated[
        list[str] | None, typer.Option(help="Only this camera; may be given several times.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write another model into CONFIG; a running detector changes over to it without a restart."""
    from supervisor.model_use import use_model

    now = use_model(config, name, camera or ())
    used = {one.id: one.model or now.models.default for one in now.cameras}
    if as_json:
        print_json({"default": now.models.default, "cameras": used})
    else:
        count = sum(one == (now.models.default if not camera else now.camera(camera[0]).model) for one in used.values())
        say(f"{config}: {count} of {len(used)} cameras by {name}; a running detector tries it out and changes over")


@models_app.command("bench")
def models_bench(
    config: ConfigPath,
    name: Annotated[str, typer.Argument(help="A model's name; models.default by default.")] = "",
    as_json: AsJson = False,
) -> None:
    """Run a model through every engine of this machine, and say which one the config takes."""
    from detect.build import engine_cache
    from detect.models.bench import bench_model
    from detect.models.model import load_model
    from kernel.config import load_config
    from supervisor.listing import print_table

    loaded = load_config(config)
    model = load_model(name or loaded.models.default, loaded.models.dir)
    rows = bench_model(model, loaded.detect, engine_cache(loaded))
    if as_json:
        print_json(rows)
        return
    whys = [f"{row['engine']} is taken: {row['why']}" for row in rows if row["why"]]
    shown = [{key: value for key, value in row.items() if key != "why"} for row in rows]
    print_table(f"{model.card.name} {model.card.input.width_px}x{model.card.input.height_px}", shown)
    for why in whys:
        say(why)


@models_app.command("quantize")
def models_quantize(
    config: ConfigPath,
    name: Annotated[str, typer.Argument(help="A model of models.dir; models.default by default.")] = "",
    frames: Annotated[Path | None, typer.Option(help="A folder of pictures.", show_default=False)] = None,
    labels: Annotated[
        Path | None, typer.Option(help="Labels of --frames (YOLO's .txt): judged by mAP50.", show_default=False)
    ] = None,
    video: Annotated[
        list[Path] | None, typer.Option(help="A video file; may be given several times.", show_default=False)
    ] = None,
    from_cameras: Annotated[bool, typer.Option("--from-cameras", help="Pictures of CONFIG's cameras, now.")] = False,
    camera: Annotated[
        list[str] | None, typer.Option(help="With --from-cameras: only this one; several.", show_default=False)
    ] = None,
    every_s: Annotated[float, typer.Option(min=0.1, help="With --from-cameras: time between pictures.")] = 2.0,
    pictures: Annotated[
        int, typer.Option(min=30, max=3000, help="Pictures: two thirds calibrate, a third judges.")
    ] = 450,
    max_drop: Annotated[float, typer.Option(min=0.0, max=1.0, help="What int8 may lose of mAP50 or agreement.")] = 0.02,
    as_json: AsJson = False,
) -> None:
    """Make int8 of a model by pictures of one's own, for CPUs without bf16; kept if it loses little (needs extra int8).

    Exit 1 when it loses more than --max-drop, 4 when too little is to be seen to tell.
    """
    from kernel.config import load_config
    from supervisor import model_quantize

    if sum((frames is not None, bool(video), from_cameras)) != 1:
        raise BadInputError("models quantize: give one of --frames DIR, --video FILE and --from-cameras")
    if labels is not None and frames is None:
        raise BadInputError("models quantize: --labels belongs to --frames DIR")
    if camera and not from_cameras:
        raise BadInputError("models quantize: --camera belongs to --from-cameras")
    wanted = model_quantize.Wanted(frames, labels, tuple(video or ()), tuple(camera or ()), every_s, pictures, max_drop)
    model_quantize.run(load_config(config), name, wanted, as_json)
