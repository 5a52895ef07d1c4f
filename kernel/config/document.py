"""A YAML text -> plain data, and the line of every key and value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from kernel.config.problems import KeyPath

_PLAIN_TAGS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_MERGE_TAG = "tag:yaml.org,2002:merge"


class NotYaml(Exception):
    """The text is no YAML; internal to the loader, which says it with the file's name."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        self.message = message
        super().__init__(message)


@dataclass
class Document:
    """Plain data (dict, list, str, int, float, bool, None) with positions.

    Attributes:
        data: the whole document.
        lines: line of each key, or of each entry of a list, counted from 1.
        texts: each scalar as it is written.
        duplicates: keys given twice, with the line of the second and the line of the first.
    """

    data: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    texts: dict[KeyPath, str] = field(default_factory=dict)
    duplicates: list[tuple[KeyPath, int, int]] = field(default_factory=list)

    def line_of(self, path: KeyPath) -> int:
        """Line of a key, or of the nearest thing around it that is written down."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def parse(text: str) -> Document:
    """Read one YAML document.

    Raises:
        NotYaml: wrong syntax, a tag that is not plain data, an alias that holds itself.
    """
    yaml = YAML(typ="safe", pure=True)
    try:
        root = yaml.compose(text)
        return _Builder(yaml).build(root)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        words = " ".join(part.strip() for part in (error.problem, error.context) if part)
        raise NotYaml(mark.line + 1 if mark else 1, f"no valid YAML: {words}; check indentation and quotes") from error
    except YAMLError as error:
        reason = str(getattr(error, "reason", "")) or "unreadable"
        raise NotYaml(1, f"no valid YAML: {reason}; save the file as plain UTF-8 text") from error
    except RecursionError as error:
        raise NotYaml(1, "nested too deeply; a config needs at most ten levels") from error


class _Builder:
    """Walks the node tree once."""

    def __init__(self, yaml: YAML) -> None:
        self._constructor = yaml.constructor
        self._document = Document()
        self._open: set[int] = set()

    def build(self, root: Node | None) -> Document:
        if root is not None:
            self._document.lines[()] = root.start_mark.line + 1
            self._document.data = self._value(root, ())
        return self._document

    def _value(self, node: Node, path: KeyPath) -> Any:
        if isinstance(node, ScalarNode):
            self._document.texts[path] = node.value
            return self._constructor.construct_object(node)
        if node.tag not in _PLAIN_TAGS:
            raise NotYaml(node.start_mark.line + 1, f"the tag {node.tag} is no plain data; take it out")
        if id(node) in self._open:
            raise NotYaml(node.start_mark.line + 1, "an alias holds itself; write the section out")
        self._open.add(id(node))
        try:
            if isinstance(node, MappingNode):
                return self._mapping(node, path)
            return self._sequence(node, path)
        finally:
            self._open.remove(id(node))

    def _sequence(self, node: Node, path: KeyPath) -> list[Any]:
        items: list[Any] = []
        for index, item in enumerate(node.value):
            self._document.lines[*path, index] = item.start_mark.line + 1
            items.append(self._value(item, (*path, index)))
        return items

    def _mapping(self, node: MappingNode, path: KeyPath) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE_TAG:
                merged = {**self._merged(value_node, path), **merged}
        own: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE_TAG:
                continue
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key in own:
                self._document.duplicates.append(((*path, key), line, self._document.lines[*path, key]))
            self._document.lines[*path, key] = line
            own[key] = self._value(value_node, (*path, key))
        return {**merged, **own}

    def _merged(self, node: Node, path: KeyPath) -> dict[str, Any]:
        """What `<<: *anchor` (or a list of them, the first wins) brings in."""
        sources = node.value if isinstance(node, SequenceNode) else [node]
        found: dict[str, Any] = {}
        for source in sources:
            value = self._value(source, path)
            if not isinstance(value, dict):
                raise NotYaml(source.start_mark.line + 1, "<< wants a section; point it at one")
            found = {**value, **found}
        return found
