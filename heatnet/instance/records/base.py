"""What all records are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

MARKS = ("found", "derived", "recalled", "assumed")

Id = Annotated[str, StringConstraints(pattern=r"^[^\W_][\w.+-]*$", max_length=64)]
Source = Annotated[str, StringConstraints(pattern=rf"^({'|'.join(MARKS)}): ?\S")]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0, le=10_000)]
Year = Annotated[int, Field(ge=1900, le=2200)]


def _split(value: object) -> object:
    return tuple(value.split()) if isinstance(value, str) else value


Ids = Annotated[tuple[Id, ...], BeforeValidator(_split)]


class Record(BaseModel):
    """A frozen row. Unknown fields, NaN and infinity are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_strip_whitespace=True)
