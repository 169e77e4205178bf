"""Suites: what a file of runs says, and the sentences for what it must not say.

Sensitivity:
- defaults: a key under [defaults] that reaches no run, or that wins over a run's own, would pass.
- cap: a run without a cap of its own would be killed before its time limit, or never.
- tags: a run with another tag would be made.
- sentences: a suite that names no instance, an unknown key or the like would end in a traceback, or be half run.
- own suites: a suite of the repository that cannot be read, or a night that takes more than two hours, would pass.
- page: a key, tag or status that docs/bench.md leaves out would pass.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import get_args

import pytest
from conftest import JINAN, TUTORIAL

from heatnet.bench import records, suite
from heatnet.errors import UsageError

SUITES = JINAN.parent / "suites"
NIGHT_S = 2 * 3600


def wanted(folder: Path, text: str) -> suite.Suite:
    """The suite of a text, beside the tutorial."""
    shutil.copytree(TUTORIAL, folder / "tutorial")
    (folder / "suite.toml").write_text(text, encoding="utf-8")
    return suite.read(folder / "suite.toml")


def test_defaults_and_caps(tmp_path: Path) -> None:
    """The cap: what is said, else 1.2 times the limit and a minute."""
    found = wanted(
        tmp_path,
        """
        title = "Some"
        [defaults]
        time_limit_s = 50
        threads = 1
        [[runs]]
        name = "one"
        instance = "tutorial"
        tags = ["smoke", "nightly"]
        [[runs]]
        name = "two"
        city = { nodes = 12, stages = 2 }
        threads = 4
        time_cap_s = 70
        tags = ["nightly"]
        """,
    )
    one, two = found.entries
    assert (one.threads, one.cap_s, two.threads, two.cap_s) == (1, 120, 4, 70)
    assert one.options == {"solver": "auto", "threads": 1, "time_limit_s": 50}
    assert [entry.name for entry in found.tagged("smoke")] == ["one"]
    assert [entry.name for entry in found.tagged(None)] == ["one", "two"]
    with pytest.raises(UsageError, match="no run with the tag `stress`; its tags are: nightly, smoke"):
        found.tagged("stress")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "lists no runs"),
        ("runs = 3", "runs: must be a list"),
        ("[[runs]", "cannot be read as TOML"),
        ("[[runs]]\nname = 'a'\ntime_cap_s = 1", "run `a` names no instance"),
        ("[[runs]]\nname = 'a'\ninstance = 'x'\ntime_cap_s = 1", "run `a`: instance x is no instance folder"),
        ("[[runs]]\nname = 'a'\ninstance = 'tutorial'", "run `a` may take for ever"),
        ("[[runs]]\nname = 'a'\ninstance = 'tutorial'\nsolvr = 'plain'", "runs[0].solvr: is not known here"),
        ("[[runs]]\nname = 'a'\ninstance = 'tutorial'\ndays = 'two'", "runs[0].days: must be a whole number"),
        ("[[runs]]\nname = 'a'\ncity = { node = 3 }", "runs[0].city.node"),
        ("[[runs]]\nname = 'a'\ninstance = 'tutorial'\ncity = { nodes = 3 }\ntime_cap_s = 1", "instance and city"),
        ("[[runs]]\nname = 'a'\ninstance = 'tutorial'\nsolver = 'best'\ntime_cap_s = 1", "best is not installed"),
        ("[[runs]]\nname = 'a'\ninstance = 'tutorial'\nstart = 'b'\ntime_cap_s = 1", "start `b` is no run before it"),
        ("[[runs]]\nname = 'a'\ninstance = 'tutorial'\ntags = ['weekly']", "runs[0].tags[0]: must be 'smoke'"),
        (2 * "[[runs]]\nname = 'a'\ninstance = 'tutorial'\ntime_cap_s = 1\n", "run `a` stands 2 times"),
    ],
)
def test_sentences(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        wanted(tmp_path, text)
    sentence = str(error.value)
    assert sentence.startswith(f"{tmp_path / 'suite.toml'}: ")
    assert told in sentence
    assert sentence[-1] in ".?"


def test_missing_suite(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not there"):
        suite.read(tmp_path / "none.toml")


@pytest.mark.parametrize("path", sorted(SUITES.glob("*.toml")), ids=lambda path: path.stem)
def test_own_suites(path: Path) -> None:
    assert suite.read(path).title


def test_night_fits() -> None:
    """Were every run of a night killed at its cap, they would end within two hours."""
    nightly = suite.read(SUITES / "nightly.toml").tagged("nightly")
    assert sum(entry.cap_s * entry.repeats for entry in nightly) <= NIGHT_S


def test_every_key_is_on_the_page() -> None:
    text = (JINAN.parents[1] / "docs" / "bench.md").read_text(encoding="utf-8")
    statuses = ("done", *records.FAULTY[-4:], records.SKIPPED)
    words = [*suite.Entry.model_fields, *get_args(suite.Tag), *statuses]
    assert [word for word in words if f"`{word}`" not in text] == []
