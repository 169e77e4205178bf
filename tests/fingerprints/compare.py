"""Fingerprints against those that are kept beside this file, one text for each case."""

from __future__ import annotations

import difflib

from fingerprints.model import CASES, FOLDER, fingerprint, matrix

ADVICE = "Was it meant? Then take it over: `python -m tests.fingerprints --write`.\n"


def write() -> None:
    """Keep the fingerprints of the models as they are now."""
    for name in CASES:
        (FOLDER / f"{name}.txt").write_text(fingerprint(matrix(name)), encoding="utf-8")


def difference(name: str) -> str:
    """What differs by family between the fingerprint of a case and its model, or nothing."""
    file = FOLDER / f"{name}.txt"
    kept = file.read_text(encoding="utf-8") if file.exists() else ""
    return told(name, kept, fingerprint(matrix(name)))


def told(name: str, kept: str, now: str) -> str:
    """Lines that went (-) and came (+) under the headings of their tables, or nothing."""
    if kept == now:
        return ""
    lines = difflib.unified_diff(kept.splitlines(), now.splitlines(), "kept", "now", n=0, lineterm="")
    changed = "\n".join(line for line in lines if not line.startswith("@@"))
    return f"The model of `{name}` is not that of its fingerprint:\n{changed}\n{ADVICE}"
