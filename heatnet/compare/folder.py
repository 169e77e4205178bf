"""The folder of a comparison: its schedules' results, what is compared, and the frames."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from heatnet import folders, run
from heatnet.compare.frames import NAMES
from heatnet.compare.schedules import Entry
from heatnet.errors import RunError, UsageError
from heatnet.instance.records import Record

CONTENTS = "comparison.json"

TEXTS = dict.fromkeys(
    (
        *("schedule", "title", "title_local", "status", "stop_reason", "term", "fuel", "source", "rule", "quantity"),
        *(
            "node",
            "name",
            "name_local",
            "contingency",
            "n1_contingency",
            "change",
            "kind",
            "id",
            "what",
            "unit",
            "sentence",
        ),
    ),
    "str",
)
"""Columns of words; an empty cell is an empty word there, and no figure elsewhere."""

BLANKS = {"decided": "boolean", "price_decided": "boolean", "peak_investment_stage": "Int64"}
"""Columns of yes and no, and of years, that may be blank."""

FINISHED = ("optimal", "feasible", "infeasible")
"""What a result says that is not solved again, unless it was interrupted."""


class Options(run.Options):
    """What was asked for, of all schedules alike; `solver` as asked, so perhaps `auto`."""

    solver: str


class Listed(Record):
    """A schedule; the hash is that of the instance under it. What asks for more cannot cost less."""

    name: str
    title: str
    title_local: str
    instance_sha256: str
    asks_more_than: tuple[str, ...] = ()


class Span(Record):
    """A stage by its first year."""

    year: int
    span_years: int


class Contents(Record):
    """`comparison.json`. `free` is the schedule that the price of the policy is counted from, where there is one."""

    instance: str
    title: str
    title_local: str
    currency: str
    base_year: int
    instance_sha256: str
    reference: str
    free: str | None
    schedules: tuple[Listed, ...]
    stages: tuple[Span, ...]
    options: Options
    version: str


def check_free(out: Path, contents: Contents, entries: Iterable[Entry]) -> None:
    """Whether a folder is there to be begun, or holds the same comparison, so that nothing is lost by going on.

    Raises UsageError where it does not.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not (out / CONTENTS).is_file():
        raise UsageError(f"{out}: is there already and is no comparison of heatnet; choose another --out.")
    before = read_contents(out)
    if before.instance_sha256 != contents.instance_sha256:
        raise UsageError(f"{out}: compares another instance, or the instance was changed; choose another --out.")
    told = before.options.model_dump()
    for name, value in contents.options.model_dump().items():
        if told[name] != value:
            text = f"was begun with {name} {told[name]}, not {value}; ask for the same or choose another --out."
            raise UsageError(f"{out}: {text}")
    for entry in entries:
        finished(out, entry, contents.options)


def read_contents(out: Path) -> Contents:
    """What a folder compares. Raises RunError where it does not tell."""
    try:
        return Contents.model_validate_json((out / CONTENTS).read_text(encoding="utf-8"), strict=True)
    except FileNotFoundError:
        raise RunError(f"{out / CONTENTS}: is missing; a comparison has it.") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RunError(f"{out / CONTENTS}: {place}: {first['msg'].lower()}; it is no comparison of heatnet.") from None
    except (OSError, ValueError) as error:
        raise RunError(f"{out / CONTENTS}: cannot be read ({error}).") from None


def begin(out: Path, contents: Contents) -> None:
    """Make the folder, or go on in one that is there; its frames go, since they would tell of what was before."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            (out / f"{name}.csv").unlink(missing_ok=True)
        _replace(out / CONTENTS, contents.model_dump_json(indent=1) + "\n")
    except OSError as error:
        raise RunError(f"{out}: cannot be written ({error.strerror or error}).") from None


def finished(out: Path, entry: Entry, options: Options) -> bool:
    """Whether the result of a schedule is there and need not be solved again.

    Raises UsageError where what is there is another's: nothing of it may be lost.
    """
    place = out / entry.name
    if not (place.exists() or place.is_symlink()):
        return False
    try:
        told = run.Summary.model_validate_json((place / run.RESULT).read_text(encoding="utf-8"), strict=True)
    except (OSError, ValueError):
        raise UsageError(f"{place}: is there already and is no result of heatnet; choose another --out.") from None
    asked = options.model_dump(exclude={"solver"})
    same = told.instance_sha256 == entry.instance.sha256 and told.options.model_dump() == asked
    if not same or options.solver not in ("auto", told.solver):
        raise UsageError(f"{place}: is the result of another schedule or other options; choose another --out.")
    return told.status in FINISHED and told.stop_reason != "interrupted"


def write_frames(out: Path, frames: Mapping[str, pd.DataFrame]) -> None:
    """Write the frames, each whole or not at all."""
    try:
        for name, frame in frames.items():
            _replace(out / f"{name}.csv", frame.to_csv(index=False))
    except OSError as error:
        raise folders.unwritable(out, error) from None


def read_frames(out: Path) -> dict[str, pd.DataFrame]:
    """The frames of a comparison as they were written.

    Raises RunError where one is missing: the comparison was interrupted.
    """
    try:
        return {name: _read_frame(out / f"{name}.csv") for name in NAMES}
    except FileNotFoundError as error:
        text = "is missing; the comparison is not finished, give the command again."
        raise RunError(f"{error.filename}: {text}") from None
    except (OSError, ValueError) as error:
        raise RunError(f"{out}: a table cannot be read ({error}).") from None


def _read_frame(path: Path) -> pd.DataFrame:
    frame = pd.read_csv(path, float_precision="round_trip", keep_default_na=False, na_values=[""], dtype=TEXTS | BLANKS)
    words = [column for column in frame.columns if column in TEXTS]
    frame[words] = frame[words].fillna("")
    return frame


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)  # noqa: PTH105 - says that what is there goes
