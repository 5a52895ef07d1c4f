"""`${NAME}` or `${NAME:-default}` anywhere in a text, and `file:` in fields that hold a secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kernel.config.problems import KeyPath

_REFERENCE = re.compile(r"\$\$\{|\$\{(?P<name>[^}]*)\}?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
Report = Callable[[KeyPath, str], None]


class Resolver:
    """Replaces references in plain data; what cannot be resolved is reported and left as it is.

    Args:
        environment: variables by name.
        directory: relative `file:` paths count from here.
        is_secret: whether the field at a path holds a secret.
        report: told of each problem.
    """

    def __init__(
        self, environment: Mapping[str, str], directory: Path, is_secret: Callable[[KeyPath], bool], report: Report
    ) -> None:
        self._environment = environment
        self._directory = directory
        self._is_secret = is_secret
        self._report = report
        self.failed: set[KeyPath] = set()

    def resolved(self, value: Any, path: KeyPath = ()) -> Any:
        """The same data with every reference replaced."""
        if isinstance(value, dict):
            return {key: self.resolved(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolved(item, (*path, index)) for index, item in enumerate(value)]
        if not isinstance(value, str):
            return value
        text = self._expanded(value, path)
        if value.startswith("file:") and path not in self.failed and self._is_secret(path):
            return self._contents(self._directory / text.removeprefix("file:"), path)
        return text

    def _expanded(self, text: str, path: KeyPath) -> str:
        def replacement(found: re.Match[str]) -> str:
            if found["name"] is None:
                return "${"
            name, has_default, default = found["name"].partition(":-")
            if not found[0].endswith("}") or not _NAME.fullmatch(name):
                return self._fail(path, "'${' opens no variable name; write ${NAME}, or $${ for the characters", found)
            if name not in self._environment:
                if has_default:
                    return default
                return self._fail(path, f"environment variable {name} is not set; export it before the start", found)
            return self._environment[name]

        return _REFERENCE.sub(replacement, text)

    def _fail(self, path: KeyPath, message: str, found: re.Match[str]) -> str:
        self.failed.add(path)
        self._report(path, message)
        return found[0]

    def _contents(self, file: Path, path: KeyPath) -> str:
        try:
            text = file.read_text(encoding="utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            problem = "is not UTF-8 text"
        except OSError as error:
            problem = f"cannot be read ({error.strerror})"
        else:
            if text:
                return text
            problem = "is empty"
        self.failed.add(path)
        self._report(path, f"secret file {file} {problem}; put the secret there, readable for this user only")
        return ""
