"""Other people's files → an instance: topotherm and DHNx folders, and maps of streets as GeoJSON.

A reader for each format makes a `Network` (network.py), which is checked and turned into an instance (build.py) in one
way for all. Every fault is told at once; what is not as in the source is told as changes and notes.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heatnet import folders
from heatnet.errors import UsageError
from heatnet.instance import Instance, write
from heatnet.readers import dhnx, streets, topotherm
from heatnet.readers.build import build
from heatnet.readers.faults import Faults, SourceError
from heatnet.readers.network import Change, checked, identifier, known_system

__all__ = ["FORMATS", "Change", "Imported", "SourceError", "import_from", "reserved", "save", "save_places"]

FORMATS = ("topotherm", "dhnx", "geojson")
READERS = {"topotherm": topotherm, "dhnx": dhnx, "geojson": streets}
ANSWERS = {
    "topotherm": ("power", "crs", "optional"),
    "dhnx": ("crs",),
    "geojson": ("crs", "reach_m", "join_m"),
}
"""What a reader can be told beside the source."""


@dataclass(frozen=True)
class Imported:
    """An instance, in which format its source was, and what is not as it was there."""

    instance: Instance
    format: str
    changes: tuple[Change, ...]
    notes: tuple[str, ...]

    @property
    def summary(self) -> list[tuple[str, int, float]]:
        """The changes by kind: what was done, how often, over how many metres."""
        found: dict[str, tuple[int, float]] = {}
        for change in self.changes:
            number, metres = found.get(change.what, (0, 0.0))
            found[change.what] = (number + 1, metres + change.metres)
        return [(what, number, metres) for what, (number, metres) in found.items()]


def import_from(source: str | Path, name: str, *, format: str = "auto", **answers: Any) -> Imported:
    """The instance `name` of a folder or file in one of `FORMATS`; `auto` tells which by the files in it.

    `answers`: what the reader of the format can be told (`power`, `crs`, `optional`, `reach_m`, `join_m`). Raises
    UsageError for a source or an answer that cannot be meant, SourceError with every fault of the source.
    """
    path = Path(source)
    if not path.exists():
        raise UsageError(f"{path}: is not there; give a folder or a GeoJSON file to import.")
    found = _format(path) if format == "auto" else format
    if found not in READERS:
        raise UsageError(f"--format {format}: must be auto, {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.")
    if not path.is_dir() and found != "geojson":
        raise UsageError(f"{path}: is a file; a case of {found} is a folder.")
    for answer in answers:
        if answer not in ANSWERS[found]:
            raise UsageError(f"--{answer.removesuffix('_m')}: says nothing about {found}; leave it out.")
    if answers.get("power", "W") not in topotherm.UNITS:
        raise UsageError(f"--power {answers['power']}: must be {' or '.join(topotherm.UNITS)}.")
    if "crs" in answers and known_system(answers["crs"]) is None:
        raise UsageError(f"--crs {answers['crs']}: is no known coordinate system; say one as EPSG:25832.")
    faults = Faults()
    network = checked(READERS[found].read(path, faults, **answers), faults)
    return Imported(
        build(network, identifier(name), faults), found, network.changes, tuple(note for note in network.notes if note)
    )


def _format(path: Path) -> str:
    found = [name for name, reader in READERS.items() if reader.is_one(path)]
    if len(found) != 1:
        what = f"could be {' or '.join(found)}" if found else "is of no format that heatnet imports"
        raise UsageError(f"{path}: {what}; say --format {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.")
    return found[0]


def reserved(out: Path) -> AbstractContextManager[Path]:
    """A hidden folder that becomes `out` when the block ends well, and vanishes when it does not."""
    return folders.reserved(out, "an imported instance")


def save(imported: Imported, folder: Path) -> None:
    """Write the instance into an empty folder, with what was changed. Raises RunError where it cannot be written."""
    write(imported.instance, folder)
    try:
        _write_changes(imported.changes, folder / "import")
        (folder / "README.md").write_text(_page(imported), encoding="utf-8")
    except OSError as error:
        raise folders.unwritable("the instance folder", error) from None


def save_places(places: dict[str, Any], file: Path) -> None:
    """Write the places of faults as GeoJSON, over what is there. Raises RunError where they cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(places, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise folders.unwritable(file, error) from None


def _write_changes(changes: Sequence[Change], folder: Path) -> None:
    folder.mkdir()
    with (folder / "changes.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["what", "element", "length_m", "note"])
        writer.writerows([one.what, one.element, f"{one.metres:.3f}", one.note] for one in changes)


def _page(imported: Imported) -> str:
    """`README.md` of the instance."""
    header = imported.instance.header
    lines = [f"# {header.title}", "", f"Made by `heatnet import` from a source of format {imported.format}.", ""]
    lines += [f"- {note}" for note in imported.notes]
    if imported.changes:
        lines += ["", "What is not as in the source (each one in `import/changes.csv`):", ""]
        lines += ["| what | number | m |", "|---|---|---|"]
        lines += [f"| {what} | {number} | {metres:,.1f} |" for what, number, metres in imported.summary]
    return "\n".join(lines) + "\n"
