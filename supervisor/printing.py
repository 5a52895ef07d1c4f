"""What the subcommands share: the CONFIG argument, --json, and how they print."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

ConfigPath = Annotated[Path, typer.Argument(metavar="CONFIG", help="The YAML config file.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


def say(line: str) -> None:
    """One line for the person at the terminal, at once; nobody listens where standard output is closed.

    Raises:
        OSError: it cannot be written, e.g. to a file on a full disk.
    """
    if sys.stdout is not None:
        print(line, flush=True)


def print_json(value: Any) -> None:
    """A value as JSON on stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))
