"""What all records are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

MARKS = ("found", "derived", "recalled", "assumed")

Id = Annotated[str, StringConstraints(pattern=r"^[^\W_][\w.+-]*$", max_length=64)]
Source = Annotated[str, StringConstraints(pattern=rf"^({'|'.join(MARKS)}): ?\S")]
LARGEST = 1e9
"""No figure of a city is larger; beyond it arithmetic and solvers fail in ways that nobody can read."""


def _from(least: float) -> AfterValidator:
    """Refuses what is above 0 but below `least`; what is not above 0 is told as such."""

    def check(value: float) -> float:
        if value < least:
            raise PydanticCustomError("greater_than_equal", "too small", {"ge": least})
        return value

    return AfterValidator(check)


Positive = Annotated[float, Field(gt=0, le=LARGEST), _from(1 / LARGEST)]
NonNegative = Annotated[float, Field(ge=0, le=LARGEST)]
Signed = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]
Celsius = Annotated[float, Field(ge=-100, le=1000)]
Kelvin = Annotated[float, Field(ge=0, le=200)]
"""A difference of temperatures."""

Millimetres = Annotated[float, Field(gt=0, le=10_000), _from(1.0)]
Life = Annotated[int, Field(ge=1, le=1000)]
Share = Annotated[float, Field(ge=0, le=1)]
AtOnce = Annotated[float, Field(gt=0, le=1), _from(1 / LARGEST)]
"""Share of the sum of loads that occurs at once."""

Count = Annotated[int, Field(ge=0, le=10_000)]
Consumers = Annotated[int, Field(ge=1, le=1_000_000)]
Year = Annotated[int, Field(ge=1900, le=2200)]


def _split(value: object) -> object:
    return tuple(value.split()) if isinstance(value, str) else value


Ids = Annotated[tuple[Id, ...], BeforeValidator(_split)]


class Record(BaseModel):
    """A frozen row. Unknown fields, NaN and infinity are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_strip_whitespace=True)
