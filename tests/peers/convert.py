"""Turn a folder of a published case into an instance folder: `python tests/peers/convert.py CASE_DIR INSTANCE_DIR`.

The family is told by the folder: one module for each (topotherm, dhnx, steinlib, oemof, pypsa), which says in its
docstring how it maps units and terms. Prints how heatnet's cost is read as the case's. Exit code 2 with one sentence
where the folder is none of them, is faulty, or asks for what heatnet does not have.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # as a script: the package is beside the other tests
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from heatnet import HeatnetError, write
from peers import dhnx, oemof, pypsa, steinlib, topotherm
from peers.conversion import Conversion, MissingFeatureError, PeerError

FAMILIES = (topotherm, dhnx, steinlib, oemof, pypsa)


def cases() -> Path:
    """Where the cases are: the environment variable HEATNET_CASES, else `shared/cases` beside the repository."""
    return Path(os.environ.get("HEATNET_CASES") or Path(__file__).resolve().parents[3] / "shared" / "cases")


def references() -> dict[str, dict[str, str]]:
    """Rows of `references.csv` by case."""
    with (cases() / "references.csv").open(encoding="utf-8", newline="") as file:
        return {row["case"]: row for row in csv.DictReader(file)}


def convert(folder: Path) -> Conversion:
    """The instance of a case. Raises PeerError, in one sentence, where there is none."""
    if not folder.is_dir():
        raise PeerError(f"{folder}: is not a folder.")
    params = _params(folder)
    for family in FAMILIES:
        if family.is_one(folder, params):
            found: Conversion = family.convert(folder, params)
            return found
    names = ", ".join(family.__name__.split(".")[-1] for family in FAMILIES)
    raise PeerError(f"{folder}: is no case of any family that is known here ({names}).")


def _params(folder: Path) -> dict[str, Any]:
    path = folder / "params.json"
    if not path.exists():
        return {}
    try:
        params = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PeerError(f"{path}: cannot be read ({error}).") from None
    if not isinstance(params, dict):
        raise PeerError(f"{path}: must be an object of names and values.")
    return params


def main(arguments: list[str]) -> int:
    """The command; returns its exit code."""
    if len(arguments) != 2:
        print("usage: python tests/peers/convert.py CASE_DIR INSTANCE_DIR", file=sys.stderr)
        return 2
    try:
        found = convert(Path(arguments[0]))
        write(found.instance, arguments[1])
    except MissingFeatureError as error:
        print(f"{arguments[0]}: heatnet does not have {error}", file=sys.stderr)
        return 2
    except (PeerError, HeatnetError) as error:
        print(error, file=sys.stderr)
        return 2
    print(found.formula)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
