"""Result folders: written whole or not at all; whoever changes one number in one of them is found out."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import call, tiny

from heatnet import run
from heatnet.errors import RunError, UsageError
from heatnet.instance import Instance, read
from heatnet.solve import Result, solve

Tamper = Callable[[Path], None]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """The tiny instance."""
    return read(tiny(tmp_path_factory.mktemp("city")))


@pytest.fixture(scope="module")
def answered(city: Instance) -> Result:
    """The tiny instance, solved on 2 days of 4 steps."""
    return solve(city, days=2, step_hours=6)


@pytest.fixture(scope="module")
def original(answered: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result folder, not to be changed."""
    out = tmp_path_factory.mktemp("original") / "run"
    write(answered, out)
    return out


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    """A result folder, the test's own."""
    return Path(shutil.copytree(original, tmp_path / "run"))


def write(answered: Result, out: Path, force: bool = False) -> None:
    """Write a result as the command does."""
    with run.reserved(out, force) as hidden:
        run.save(answered, answered.instance, hidden, dict(answered.seconds))


def check(folder: Path, *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `heatnet check`."""
    done = call("check", folder, *words)
    return done.code, done.out, done.err


def assert_refused(folder: Path) -> None:
    """`heatnet check` says 5, tells why without a traceback, and prints nothing but JSON where that is asked."""
    code, out, err = check(folder)
    assert code == 5, out + err
    assert err.strip()
    assert "Traceback" not in out + err
    assert "heatnet failed" not in err
    code, out, err = check(folder, "--json")
    assert code == 5, out + err
    if out:

        def refuse(name: str) -> None:
            raise AssertionError(f"{name} is no JSON")

        assert json.loads(out, parse_constant=refuse)["sound"] is False


def names(folder: Path) -> set[str]:
    """Names of everything in a folder, hidden things too."""
    return {path.name for path in folder.iterdir()}


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# --- tampering: ways to change one value ---------------------------------------------------------------------


def in_json(name: str, keys: tuple[Any, ...], change: Callable[[Any], Any]) -> Tamper:
    """Change one value of a JSON file."""

    def tamper(folder: Path) -> None:
        document = json.loads((folder / name).read_text(encoding="utf-8"))
        place = document
        for key in keys[:-1]:
            place = place[key]
        assert change(place[keys[-1]]) != place[keys[-1]]
        place[keys[-1]] = change(place[keys[-1]])
        (folder / name).write_text(json.dumps(document), encoding="utf-8")

    return tamper


def in_csv(name: str, column: str, change: Callable[[str], object], line: int = 1) -> Tamper:
    """Change one cell of a CSV file whose cells have no commas. `line` counts from the header, 0."""

    def tamper(folder: Path) -> None:
        lines = [text.split(",") for text in (folder / name).read_text(encoding="utf-8").splitlines()]
        place = lines[0].index(column)
        lines[line][place] = str(change(lines[line][place]))
        (folder / name).write_text("".join(",".join(cells) + "\n" for cells in lines), encoding="utf-8")

    return tamper


def in_operation(kind: str, quantity: str, row: int = 0) -> Tamper:
    """Raise one value of the operation by a hundredth of its unit."""

    def tamper(folder: Path) -> None:
        frame = pd.read_parquet(folder / "operation.parquet")
        places = frame.index[(frame["kind"] == kind) & (frame["quantity"] == quantity)]
        frame.loc[places[row], "value"] += 0.01
        frame.to_parquet(folder / "operation.parquet", index=False)

    return tamper


def more(cell: str) -> float:
    """One more than a number."""
    return float(cell) + 1.0


def one_more(cell: str) -> int:
    """One more than a whole number."""
    return int(cell) + 1


def a_bit(cell: str) -> float:
    """A hundredth more."""
    return float(cell) + 0.01


COSTS = 28  # 14 terms in 2 stages
NUMBERS: dict[str, Tamper] = {
    "result cost": in_json("result.json", ("cost",), lambda cost: cost * 1.001),
    "result bound": in_json("result.json", ("bound",), lambda bound: bound * 0.999),
    "result bound above cost": in_json("result.json", ("bound",), lambda bound: bound * 2),
    "result gap": in_json("result.json", ("gap",), lambda gap: gap + 0.001),
    "result gap asked": in_json("result.json", ("options", "gap"), lambda gap: 1e-9),
    "result step_hours": in_json("result.json", ("options", "step_hours"), lambda hours: 12),
    "result step_hours zero": in_json("result.json", ("options", "step_hours"), lambda hours: 0),
    "result sha": in_json(
        "result.json", ("instance_sha256",), lambda text: ("1" if text[0] != "1" else "2") + text[1:]
    ),
    **{
        f"result term {term}": in_json("result.json", ("terms", term), lambda value: value + 0.001)
        for term in ("pipes", "units", "fixed", "decommissioning", "fuel", "power_sold", "pumping", "shortfall")
    },
    "days day": in_csv("days.csv", "day", lambda day: 7),
    "days season_day": in_csv("days.csv", "season_day", lambda day: 1 - int(day)),
    "days weight": in_csv("days.csv", "weight_days", a_bit),
    "days load_scale": in_csv("days.csv", "load_scale", a_bit),
    **{
        f"pipes {column}": in_csv("pipes.csv", column, one_more)
        for column in ("stage", "pairs", "existing_pairs", "new_pairs", "removed_pairs")
    },
    "pipes design_flow": in_csv("pipes.csv", "design_flow_mw", a_bit),
    **{
        f"units {column}": in_csv("units.csv", column, one_more)
        for column in (
            "stage",
            "machines",
            "existing_machines",
            "new_machines",
            "retired_machines",
            "reserve_machines",
        )
    },
    "calendar day": in_csv("calendar.csv", "day", lambda day: 1 - int(day)),
    "pipes regime": in_csv("pipes.csv", "regime", lambda name: "another"),
    "districts connected": in_csv("districts.csv", "connected", lambda one: 0),
    "units design_heat": in_csv("units.csv", "design_heat_mw", a_bit),
    "stores size": in_csv("stores.csv", "size_mwh", a_bit),
    "stores new": in_csv("stores.csv", "new_mwh", a_bit),
    **{
        f"districts {column}": in_csv("districts.csv", column, more)
        for column in ("design_demand_mw", "design_shortfall_mw", "demand_mwh", "unserved_mwh")
    },
    **{
        f"operation {kind} {quantity}": in_operation(kind, quantity)
        for kind, quantity in (
            ("unit", "machines_on"),
            ("unit", "starts"),
            ("unit", "heat_mw"),
            ("unit", "power_mw"),
            ("unit", "fuel_mw"),
            ("unit", "corner_B_machines"),
            ("pipe", "flow_mw"),
            ("pipe", "pump_mw"),
            ("store", "charge_mw"),
            ("store", "discharge_mw"),
            ("store", "level_mwh"),
            ("node", "unserved_mw"),
            ("node", "spill_mw"),
        )
    },
    "costs first": in_csv("costs.csv", "cost_mcny", a_bit),
    "costs last": in_csv("costs.csv", "cost_mcny", a_bit, line=COSTS),
    "costs stage": in_csv("costs.csv", "stage", one_more),
    "emissions fuel": in_csv("emissions.csv", "co2_fuel_t", more),
    "emissions grid": in_csv("emissions.csv", "co2_grid_t", more, line=2),
    **{
        f"design {column}": in_csv("design.csv", column, a_bit)
        for column in ("design_demand_mw", "loss_mw", "shortfall_mw", "margin_share")
    },
    "network place": in_json("network.geojson", ("features", 0, "geometry", "coordinates", 0), lambda x: x + 0.01),
    "network length": in_json("network.geojson", ("features", 4, "properties", "length_km"), lambda km: km + 0.1),
    "network demand": in_json(
        "network.geojson", ("features", 0, "properties", "district", "2025", "design_demand_mw"), lambda mw: mw + 0.1
    ),
    "instance price": in_csv("instance/fuels.csv", "price_cny_per_mwh", more),
    "instance latitude": in_csv("instance/nodes.csv", "lat_deg", a_bit),
    "instance length": in_csv("instance/pipes.csv", "length_km", a_bit),
    "instance temperature": in_csv("instance/series/season.csv", "outdoor_c", a_bit),
}


@pytest.mark.parametrize("tamper", NUMBERS.values(), ids=NUMBERS.keys())
def test_one_number(folder: Path, tamper: Tamper) -> None:
    """A result with one number changed is refused."""
    tamper(folder)
    assert_refused(folder)


FRACTIONS = {
    **{f"pipes {c}": ("pipes.csv", c) for c in ("pairs", "existing_pairs", "new_pairs", "removed_pairs", "stage")},
    **{f"units {c}": ("units.csv", c) for c in ("machines", "existing_machines", "new_machines", "retired_machines")},
    "days season_day": ("days.csv", "season_day"),
    "districts stage": ("districts.csv", "stage"),
}


@pytest.mark.parametrize(("name", "column"), FRACTIONS.values(), ids=FRACTIONS.keys())
def test_fraction(folder: Path, name: str, column: str) -> None:
    """A whole number with a fraction added is refused, not cut."""
    in_csv(name, column, lambda cell: f"{cell}.4")(folder)
    assert_refused(folder)


def test_fraction_of_step(folder: Path) -> None:
    """Hours of a step with a fraction added are refused, not cut."""
    in_json("result.json", ("options", "step_hours"), lambda hours: hours + 0.5)(folder)
    assert_refused(folder)


RESULT_WORDS = ("cost", "bound", "gap", "terms", "options", "schedule", "instance_sha256")


@pytest.mark.parametrize("value", ["many", None, float("nan"), [1], {}], ids=["text", "null", "nan", "list", "object"])
@pytest.mark.parametrize("key", list(RESULT_WORDS))
def test_no_number_in_result(folder: Path, key: str, value: object) -> None:
    """A figure of `result.json` that is no figure any more is refused."""
    if key == "schedule" and value is None:
        pytest.skip("null is what stands there")
    in_json("result.json", (key,), lambda old: value)(folder)
    assert_refused(folder)


@pytest.mark.parametrize("key", [*RESULT_WORDS, "status"])
def test_key_missing(folder: Path, key: str) -> None:
    """A figure that is gone from `result.json` is refused."""
    document = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    del document[key]
    (folder / "result.json").write_text(json.dumps(document), encoding="utf-8")
    assert_refused(folder)


TEXTS = {
    "days.csv": "weight_days",
    "pipes.csv": "pairs",
    "units.csv": "design_heat_mw",
    "stores.csv": "size_mwh",
    "districts.csv": "demand_mwh",
    "costs.csv": "cost_mcny",
    "emissions.csv": "co2_fuel_t",
    "design.csv": "margin_share",
    "instance/fuels.csv": "price_cny_per_mwh",
    "instance/series/season.csv": "outdoor_c",
}


@pytest.mark.parametrize("word", ["many", "", "nan", "inf", "99999999999999999999999", "1e400"])
@pytest.mark.parametrize(("name", "column"), TEXTS.items(), ids=TEXTS.keys())
def test_text(folder: Path, name: str, column: str, word: str) -> None:
    """A cell that is no number, or none that can be, is refused."""
    in_csv(name, column, lambda cell: word)(folder)
    assert_refused(folder)


@pytest.mark.parametrize("value", ["many", float("nan"), float("inf"), None], ids=str)
def test_text_in_operation(folder: Path, value: object) -> None:
    """A value of the operation that is no number is refused."""
    frame = pd.read_parquet(folder / "operation.parquet").astype({"value": object})
    if isinstance(value, str):
        frame["value"] = frame["value"].astype(str)
    frame.loc[0, "value"] = value
    frame.to_parquet(folder / "operation.parquet", index=False)
    assert_refused(folder)


READ = (
    "result.json",
    "days.csv",
    "calendar.csv",
    "limits.csv",
    "pipes.csv",
    "units.csv",
    "stores.csv",
    "districts.csv",
    "operation.parquet",
    "costs.csv",
    "emissions.csv",
    "design.csv",
    "network.geojson",
    "instance/instance.toml",
    "instance/nodes.csv",
    "instance/series/season.csv",
)


@pytest.mark.parametrize("name", READ)
def test_missing_file(folder: Path, name: str) -> None:
    """A file that is gone is refused, and its name is told."""
    (folder / name).unlink()
    assert_refused(folder)
    assert Path(name).name in check(folder)[2]


def test_missing_instance(folder: Path) -> None:
    """A result whose instance is gone is refused."""
    shutil.rmtree(folder / "instance")
    assert_refused(folder)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("name", READ)
def test_truncated_file(folder: Path, name: str, share: float) -> None:
    """A file of which the end is missing is refused."""
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[: int(len(data) * share)])
    assert_refused(folder)


@pytest.mark.parametrize("name", READ)
def test_garbage(folder: Path, name: str) -> None:
    """A file of bytes that are no text is refused."""
    (folder / name).write_bytes(bytes(range(128, 256)) * 3)
    assert_refused(folder)


@pytest.mark.parametrize("text", ["[]", "null", "3", '"result"', "{}"])
def test_other_json(folder: Path, text: str) -> None:
    """A `result.json` that holds something else is refused."""
    (folder / "result.json").write_text(text, encoding="utf-8")
    assert_refused(folder)


def test_untouched(folder: Path) -> None:
    """The folder that these tests change is sound before they do."""
    code, out, err = check(folder)
    assert code == 0, err
    assert "sound" in out


# --- reading -------------------------------------------------------------------------------------------------


def test_load(original: Path, city: Instance, answered: Result) -> None:
    """A result that was read has the instance and the plan that were written."""
    loaded = run.load(original)
    assert loaded.instance == city
    assert loaded.solution is not None
    assert answered.answer.solution is not None
    pd.testing.assert_frame_equal(loaded.solution.units, answered.answer.solution.units)
    pd.testing.assert_frame_equal(loaded.solution.operation, answered.answer.solution.operation)
    assert run.judge(loaded).sound


def test_load_missing(tmp_path: Path) -> None:
    """A folder that is not there is a wrong call, a folder without `result.json` is no result."""
    with pytest.raises(UsageError, match="nowhere"):
        run.load(tmp_path / "nowhere")
    with pytest.raises(RunError, match=r"result\.json"):
        run.load(tmp_path)


# --- written whole or not at all -------------------------------------------------------------------------------


def full(*_: object, **__: object) -> None:
    """What a full disk does."""
    raise OSError(errno.ENOSPC, "No space left on device")


def rename_fails(path: Path, target: Path) -> Path:
    """A rename that refuses to move the new result to its place."""
    if target.name == "run" and path.name != "old":
        full()
    os.rename(path, target)  # noqa: PTH104
    return Path(target)


FULL: dict[str, tuple[object, str, Callable[..., object]]] = {
    "first table": (pd.DataFrame, "to_csv", full),
    "operation": (pd.DataFrame, "to_parquet", full),
    "instance": (Path, "write_text", full),
    "last file": (os, "fsync", full),
    "move": (Path, "rename", rename_fails),
}


@pytest.mark.parametrize(("owner", "name", "substitute"), FULL.values(), ids=FULL.keys())
@pytest.mark.parametrize("force", [False, True], ids=["new", "force"])
def test_full_disk(
    city: Instance,
    original: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    owner: object,
    name: str,
    substitute: Callable[..., object],
    force: bool,
) -> None:
    """A disk that is full at any moment: exit code 1, one sentence, nothing half, and an old result stays.

    Only the checkpoint is left, where the disk was not full when it was written; a solve may begin from it.
    """
    out = tmp_path / "run"
    if force:
        shutil.copytree(original, out)
    before = content(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, substitute)
        done = call("solve", original / "instance", "--out", out, *(["--force"] if force else []))
    assert done.code == 1
    assert "No space left on device" in done.sentence
    kept = names(tmp_path) - {"run"}
    assert kept == ({"run.part"} if name == "rename" else set())
    if kept:
        assert call("solve", original / "instance", "--out", tmp_path / "next", "--start", out).code == 0
        shutil.rmtree(tmp_path / "next")
        shutil.rmtree(tmp_path / "run.part")
    else:
        assert "no checkpoint can be written (No space left on device); the solve goes on." in done.err
    assert content(tmp_path) == before
    assert names(tmp_path) == ({"run"} if force else set())


@pytest.mark.parametrize("error", [KeyboardInterrupt, RunError, ValueError])
def test_reserved_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    """A block that ends badly leaves neither the folder nor its hidden draft."""

    def fail() -> None:
        with run.reserved(tmp_path / "run", force=False) as hidden:
            (hidden / "result.json").write_text("{}", encoding="utf-8")
            raise error("stop")

    with pytest.raises(error):
        fail()
    assert names(tmp_path) == set()


def test_reserved_appears_at_the_end(tmp_path: Path) -> None:
    """While a result is written, nothing stands at its place; then it does, and colleagues may read it."""
    with run.reserved(tmp_path / "run", force=False) as hidden:
        (hidden / "result.json").write_text("{}", encoding="utf-8")
        assert not (tmp_path / "run").exists()
        assert hidden.name.startswith(".")
    assert names(tmp_path) == {"run"}
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o755


def test_link_to_a_result(answered: Result, original: Path, tmp_path: Path) -> None:
    """With --force a link to a result is replaced, and the result behind it stays."""
    shutil.copytree(original, tmp_path / "old")
    (tmp_path / "run").symlink_to(tmp_path / "old")
    before = content(tmp_path / "old")
    write(answered, tmp_path / "run", force=True)
    assert content(tmp_path / "old") == before
    assert names(tmp_path) == {"old", "run"}
    assert run.judge(run.load(tmp_path / "run")).sound
