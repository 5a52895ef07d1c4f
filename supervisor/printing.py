"""What the subcommands share: the CONFIG argument, --json, how they print, and bars of long work."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Protocol

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


@contextmanager
def byte_bar(what: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar on stderr for bytes that come in: call it with how many there are, and of how many."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = TextColumn(what), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task(what, visible=False, total=None)
        yield lambda done, of: progress.update(bar, completed=done, total=of, visible=True)


class Counts(Protocol):
    """Takes what is done, how much of it is done and of how much."""

    def __call__(self, what: str, done: int, of: int) -> None: ...


@contextmanager
def count_bars() -> Iterator[Counts]:
    """Bars on stderr, one for each thing that is done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description:14}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True)) as progress:

        def tell(what: str, done: int, of: int) -> None:
            if what not in bars:
                bars[what] = progress.add_task(what, total=of)
            progress.update(bars[what], completed=done, total=max(of, done))

        yield tell
