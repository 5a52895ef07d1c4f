"""What pydantic found, in the words of the config: clean key paths, nearest known keys, the field's own description."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic_core import ErrorDetails

from kernel.config.problems import KeyPath, did_you_mean

_LONGEST_ECHO = 40
_TYPE_WORDS = {
    "string_type": "must be a text; put it in quotes",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list",
    "model_type": "must be a section with keys of its own",
    "model_attributes_type": "must be a section with keys of its own",
    "path_type": "must be a path",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the model an error lies.

    Attributes:
        path: keys as written, without the tags pydantic puts in for unions.
        owner: section that has (or should not have) the last key.
        description: of the field, empty where there is none.
        is_secret: the field holds a secret.
    """

    path: KeyPath
    owner: type[BaseModel] | None
    description: str
    is_secret: bool


def locate(model: type[BaseModel], location: KeyPath) -> Place:
    """Follow a pydantic error location through the model."""
    annotation: Any = model
    owner: type[BaseModel] | None = None
    path: list[str | int] = []
    description = ""
    for part in location:
        variants = _variants(annotation)
        tagged = [variant for variant in variants if _tag_of(variant) == part]
        if len(variants) > 1 and tagged:
            annotation = tagged[0]
            continue
        path.append(part)
        annotation, owner, found = _step(variants, part)
        description = found if isinstance(part, str) else description
    is_secret = SecretStr in _variants(annotation)
    return Place(tuple(path), owner, description, is_secret)


def _step(variants: tuple[Any, ...], part: str | int) -> tuple[Any, type[BaseModel] | None, str]:
    """Type, owning section and description of what lies one key further."""
    for variant in variants:
        if isinstance(part, int) and get_origin(variant) is tuple:
            items = get_args(variant)
            return items[0 if items[-1] is Ellipsis else min(part, len(items) - 1)], None, ""
        if isinstance(part, str) and _is_section(variant):
            field = variant.model_fields.get(part)
            if field is None:
                return None, variant, ""
            return field.annotation, variant, field.description or ""
    return None, None, ""


def _variants(annotation: Any) -> tuple[Any, ...]:
    """The types a value may have, without Annotated and None."""
    if get_origin(annotation) is Annotated:
        return _variants(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(v for item in get_args(annotation) if item is not type(None) for v in _variants(item))
    return (annotation,)


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _tag_of(annotation: Any) -> str | None:
    """Value of `kind` that selects this section of a union."""
    kind = annotation.model_fields.get("kind") if _is_section(annotation) else None
    if kind is None or get_origin(kind.annotation) is not Literal:
        return None
    return str(get_args(kind.annotation)[0])


def variant_for(annotation: Any, value: Any) -> type[BaseModel] | None:
    """The section that a mapping, or an entry of a list of sections, belongs to; None where it is no section."""
    if not isinstance(value, Mapping):
        return None
    variants = _variants(annotation)
    if get_origin(variants[0]) is tuple:
        variants = _variants(get_args(variants[0])[0])
    sections: list[type[BaseModel]] = [variant for variant in variants if _is_section(variant)]
    for section in sections:
        if len(sections) == 1 or _tag_of(section) == value.get("kind"):
            return section
    return None


def explain(model: type[BaseModel], error: ErrorDetails, texts: Mapping[KeyPath, str]) -> tuple[KeyPath, str]:
    """Key path and message of a pydantic error; `texts` are the scalars as written, before secrets were filled in."""
    place = locate(model, error["loc"])
    kind = error["type"]
    if kind == "extra_forbidden":
        known = place.owner.model_fields if place.owner else ()
        return place.path, f"unknown key; {did_you_mean(str(place.path[-1]), known)}"
    if kind == "missing":
        return place.path, f"is missing: {place.description}"
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        expected = error.get("ctx", {}).get("expected_tags") or _tags(model, error["loc"])
        return (*place.path, "kind"), f"must be one of {expected}"
    what = _words(error)
    written = texts.get(place.path)
    if written is not None and not place.is_secret and "${" not in written and not _may_hold_password(written):
        what += f", not {_shortened(written)}"
    return place.path, f"{what}: {place.description}" if place.description else what


def _words(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "string_pattern_mismatch":
        return "has the wrong form"
    if kind in ("too_short", "too_long"):
        limit = context.get("min_length", context.get("max_length"))
        return (
            f"needs {'at least' if kind == 'too_short' else 'at most'} {limit} entries, has {context['actual_length']}"
        )
    return _TYPE_WORDS.get(kind) or error["msg"].replace("Input should be ", "must be ").replace("'", "")


def _tags(model: type[BaseModel], location: KeyPath) -> str:
    annotation: Any = model
    for part in location:
        variants = _variants(annotation)
        annotation, _, _ = _step(variants, part)
    return ", ".join(tag for variant in _variants(annotation) if (tag := _tag_of(variant)))


def _may_hold_password(text: str) -> bool:
    return "@" in text


def _shortened(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_ECHO else text[: _LONGEST_ECHO - 1] + "…")
