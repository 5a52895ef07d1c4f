"""What every config section shares: strict keys, frozen values, described fields, and geometry types."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

IDENTIFIER = r"^[a-z0-9][a-z0-9_-]{0,62}$"
Identifier = Annotated[str, Field(pattern=IDENTIFIER)]
PictureCoordinate = Annotated[float, Field(ge=0.0, le=1.0)]
PicturePoint = tuple[PictureCoordinate, PictureCoordinate]
Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
LONGEST_S = 31_536_000.0  # a year: longer is a slip of the finger, and overflows somewhere
PositiveSeconds = Annotated[float, Field(gt=0.0, le=LONGEST_S)]


class Section(BaseModel):
    """One section of the config: unknown keys are errors, numbers are finite, values do not change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def described(description: str, default: Any = ..., **constraints: Any) -> Any:
    """A field with the sentence that the schema and the commented example show."""
    if default is ...:
        return Field(description=description, **constraints)
    if callable(default):
        return Field(default_factory=default, description=description, **constraints)
    return Field(default=default, description=description, **constraints)
