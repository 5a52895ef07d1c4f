"""What is wrong with a config file: one short line each, with file, line, key and remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import BadInputError

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One thing that is wrong.

    Attributes:
        file: as the person named it.
        line: counted from 1.
        key: dotted, e.g. cameras[3].streams.main.url; empty where the file as a whole is meant.
        message: what is wrong and what to do; never holds a secret.
    """

    file: Path
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        what = f"{self.key}: {self.message}" if self.key else self.message
        return f"{self.file}:{self.line}: {' '.join(what.splitlines())}"


class ConfigErrors(BadInputError):
    """Everything that is wrong with a config, one line each."""

    def __init__(self, problems: Sequence[ConfigProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)))


def dotted(path: Iterable[str | int]) -> str:
    """A key path as people write it: cameras[3].streams.main.url."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy that names the nearest known word, or all of them where none is near."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"known here: {', '.join(names)}" if names else "there are none here"
