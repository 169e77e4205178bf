"""The commands as a person or a script meets them: exit codes, sentences, nothing else on stdout with --json."""

from __future__ import annotations

import json
import math
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import JINAN, TUTORIAL, Call, call, command, tiny

from heatnet.checkpoint import Checkpoints
from heatnet.cli import terminal
from heatnet.instance import read
from heatnet.solve import Progress, Start, solve

FILES = {
    "calendar.csv",
    "check.json",
    "costs.csv",
    "days.csv",
    "design.csv",
    "emissions.csv",
    "envelopes.csv",
    "instance",
    "limits.csv",
    "log.txt",
    "network.geojson",
    "operation.parquet",
    "pipes.csv",
    "regimes.csv",
    "result.json",
    "retrofits.csv",
    "seasonal.csv",
    "stores.csv",
    "units.csv",
    "security.csv",
    "districts.csv",
}


def strict(text: str) -> Any:
    """JSON as the standard has it: NaN and Infinity are refused."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def result(folder: Path) -> dict[str, Any]:
    """The content of `result.json`."""
    document = strict((folder / "result.json").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def names(folder: Path) -> set[str]:
    """Names of everything in a folder, hidden things too."""
    return {path.name for path in folder.iterdir()}


def edit(file: Path, old: str, new: str) -> None:
    """Replace the one place where `old` stands."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, (file, old)
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tiny instance, not to be changed."""
    return tiny(tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module")
def solved(city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result of the tiny instance, not to be changed."""
    out = tmp_path_factory.mktemp("solved") / "run"
    assert call("solve", city, "--out", out).code == 0
    return out


# --- validate ----------------------------------------------------------------------------------------------


def test_validate_sound(city: Path) -> None:
    """A sound instance gives exit code 0 and names title and hash."""
    done = call("validate", city)
    assert done.code == 0
    assert "A tiny city" in done.out
    assert read(city).sha256 in done.out
    assert done.err == ""


@pytest.mark.parametrize("folder", [JINAN, TUTORIAL], ids=lambda path: path.name)
def test_validate_own(folder: Path) -> None:
    """The instances of the repository are valid."""
    assert call("validate", folder).code == 0


def test_validate_all_faults(tiny_folder: Path) -> None:
    """Faults in three files are told together, each with its file and line, and give exit code 2."""
    edit(tiny_folder / "nodes.csv", "J1,Junction,,junction,36.6", "J1,Junction,,junction,north")
    edit(tiny_folder / "units.csv", "gas-boiler,20,3,1", "gas-boiler,20,-3,1")
    edit(tiny_folder / "fuels.csv", "355,gas_price_factor", "355,gas_price_facto")
    done = call("validate", tiny_folder)
    assert done.code == 2
    assert done.out == ""
    lines = done.err.splitlines()
    assert len(lines) == 4
    for place in ("nodes.csv, line 3, lat_deg", "units.csv, line 3, count", "fuels.csv, line 3, price_series"):
        assert sum(line.startswith(place) for line in lines) == 1, done.err
    assert done.sentence.startswith("3 faults")


def test_validate_markup(tiny_folder: Path) -> None:
    """Brackets in a title and in node names are shown or passed over, never taken as a colour."""
    edit(tiny_folder / "instance.toml", 'title = "A tiny city"', 'title = "[red]x[/red] [/b]"')
    edit(tiny_folder / "nodes.csv", "P1,Plant", "P1,[/Plant]")
    done = call("validate", tiny_folder)
    assert done.code == 0
    assert "[red]x[/red] [/b]" in done.out


def test_validate_missing(tmp_path: Path) -> None:
    """A folder that is not there is one sentence with its name, exit code 2."""
    done = call("validate", tmp_path / "nowhere")
    assert done.code == 2
    assert "nowhere" in done.sentence
    assert len(done.err.splitlines()) == 1


# --- solve -------------------------------------------------------------------------------------------------


def test_solve_files(solved: Path) -> None:
    """A result folder has all its files and nothing is left beside it."""
    assert names(solved) == FILES
    assert names(solved.parent) == {"run"}
    assert read(solved / "instance").header.name == "tiny"


def test_solve_schema(city: Path, solved: Path) -> None:
    """`result.json` has every field that is promised, with the right type and the instance's own words."""
    document = result(solved)
    assert document["instance"] == "tiny"
    assert document["instance_sha256"] == read(city).sha256
    assert document["schedule"] is None
    assert document["solver"] == "monolithic"
    assert document["status"] == "optimal"
    assert document["stop_reason"] == "gap reached"
    assert document["currency"] == "CNY"
    assert document["options"]["days"] == 1
    assert document["options"]["step_hours"] == 6
    assert document["options"]["gap"] == 0.02
    for name in ("rows", "columns", "integers"):
        assert isinstance(document["size"][name], int)
        assert document["size"][name] > 0
    for name in ("read", "build", "solve", "check", "total"):
        assert 0 <= document["seconds"][name] <= document["seconds"]["total"]
    assert document["peak_rss_mb"] > 10
    for seconds, cost, bound in document["trace"]:
        assert seconds >= 0
        assert cost is None or bound is None or bound <= cost * (1 + 1e-6)
    assert document["check"]["violations"] == 0
    assert document["check"]["worst"] == 0
    assert 0 <= document["check"]["cost_difference"] <= 1e-6
    assert {"python", "heatnet", "highspy", "pyomo"} <= document["versions"].keys()


def test_solve_arithmetic(solved: Path) -> None:
    """Terms and `costs.csv` sum to the cost, and the gap follows from cost and bound."""
    document = result(solved)
    cost, bound = document["cost"], document["bound"]
    assert math.isclose(sum(document["terms"].values()), cost, rel_tol=1e-6)
    rows = [line.split(",") for line in (solved / "costs.csv").read_text(encoding="utf-8").splitlines()]
    assert rows[0] == ["term", "stage", "cost_mcny"]
    assert math.isclose(sum(float(row[2]) for row in rows[1:]), cost, rel_tol=1e-6)
    assert bound <= cost
    assert math.isclose(document["gap"], (cost - bound) / cost, rel_tol=1e-9, abs_tol=1e-12)
    assert document["gap"] <= 0.02
    # 25 MW of the east cannot be reached before 2027: 25 MW · 1.5 million a MW and year · (1 + 1/1.06).
    assert math.isclose(document["terms"]["shortfall"], 37.5 * (1 + 1 / 1.06), rel_tol=1e-6)


def test_solve_tutorial(tmp_path: Path) -> None:
    """The tutorial under its policy is solved to the end and checked, and its rule costs more than none."""
    for schedule in ("policy", "free"):
        done = call("solve", TUTORIAL, "--schedule", schedule, "--out", tmp_path / schedule)
        assert done.code == 0, done.err
        assert call("check", tmp_path / schedule).code == 0
        assert result(tmp_path / schedule)["schedule"] == schedule
    assert result(tmp_path / "policy")["cost"] > result(tmp_path / "free")["cost"]


def test_solve_options(city: Path, tmp_path: Path) -> None:
    """Days, steps, gap, time limit, threads and seed of the command line stand in the result."""
    options = {"days": 2, "step_hours": 12, "gap": 0.05, "time_limit_s": 50.0, "threads": 1, "seed": 3}
    words = [("--" + name.removesuffix("_s").replace("_", "-"), value) for name, value in options.items()]
    flat = [part for pair in words for part in pair]
    assert call("solve", city, "--out", tmp_path / "run", "--solver", "plain", *flat).code == 0
    document = result(tmp_path / "run")
    assert {name: document["options"][name] for name in options} == options
    assert document["solver"] == "plain"
    assert call("check", tmp_path / "run").code == 0


def test_solve_json(city: Path, solved: Path, tmp_path: Path) -> None:
    """With --json stdout is one JSON object, that of `result.json`."""
    done = call("solve", city, "--out", tmp_path / "run", "--json")
    assert done.code == 0
    assert len(done.out.splitlines()) == 1
    document = strict(done.out)
    assert document == result(tmp_path / "run")
    assert document.keys() == result(solved).keys()


def test_check_sound(solved: Path) -> None:
    """An untouched result is judged sound, and --json says so in one object."""
    done = call("check", solved)
    assert done.code == 0
    assert "sound" in done.out
    assert done.err == ""
    done = call("check", solved, "--json")
    assert done.code == 0
    assert len(done.out.splitlines()) == 1
    verdict = strict(done.out)
    assert verdict["sound"] is True
    assert verdict["violations"] == 0
    assert verdict["faults"] == []
    assert math.isclose(verdict["cost"], result(solved)["cost"], rel_tol=1e-6)


def test_check_missing(tmp_path: Path) -> None:
    """A result folder that is not there is a wrong call, exit code 2."""
    done = call("check", tmp_path / "nowhere")
    assert done.code == 2
    assert "nowhere" in done.sentence


@pytest.mark.parametrize("name", ["[bold]run", "a[/b]"])
def test_markup_in_folder_names(city: Path, tmp_path: Path, name: str) -> None:
    """Brackets in the name of a result folder are shown as they are by solve and check."""
    out = tmp_path / name
    for done in (call("solve", city, "--out", out), call("check", out)):
        assert done.code == 0, done.err
        assert name in done.out


# --- calls that cannot be meant ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--gap 2", "--gap 2"),
        ("--gap -0.1", "--gap -0.1"),
        ("--gap nan", "--gap nan"),
        ("--days 0", "--days 0"),
        ("--days -1", "--days -1"),
        ("--days 10000", "--days 10000"),
        ("--step-hours 0", "--step-hours 0"),
        ("--step-hours 5", "--step-hours 5"),
        ("--step-hours 48", "--step-hours 48"),
        ("--solver gurobi", "--solver gurobi"),
        ("--schedule never", "never"),
        ("--time-limit -1", "--time-limit -1"),
        ("--time-limit 0", "--time-limit 0"),
        ("--threads 0", "--threads 0"),
        ("--seed -1", "--seed -1"),
        ("--start nowhere", "nowhere"),
    ],
)
def test_bad_options(city: Path, tmp_path: Path, words: str, told: str) -> None:
    """An option that cannot be meant is one sentence that names it, exit code 2, and nothing is written."""
    done = call("solve", city, "--out", tmp_path / "run", *words.split())
    assert done.code == 2, done.err
    assert told in done.sentence
    assert len(done.err.splitlines()) == 1
    assert done.out == ""
    assert names(tmp_path) == set()


def test_no_address(city: Path, tmp_path: Path) -> None:
    """An empty address of a Dask scheduler is one sentence, exit code 2."""
    done = call("solve", city, "--out", tmp_path / "run", "--dask", "")
    assert done.code == 2
    assert "--dask" in done.sentence
    assert names(tmp_path) == set()


@pytest.mark.parametrize(
    "words", ["--nonsense", "--days many", "--gap"], ids=["unknown option", "not a number", "no value"]
)
def test_bad_words(city: Path, tmp_path: Path, words: str) -> None:
    """What the command line itself cannot read gives exit code 2 without a traceback, and nothing is written."""
    done = call("solve", city, "--out", tmp_path / "run", *words.split())
    assert done.code == 2
    assert "Traceback" not in done.err
    assert done.out == ""
    assert names(tmp_path) == set()


def test_out_is_required(city: Path) -> None:
    """A solve without --out is a wrong call."""
    done = call("solve", city)
    assert done.code == 2
    assert "--out" in done.err


def test_solve_missing_instance(tmp_path: Path) -> None:
    """An instance that is not there gives exit code 2 and nothing is written."""
    done = call("solve", tmp_path / "nowhere", "--out", tmp_path / "run")
    assert done.code == 2
    assert "nowhere" in done.sentence
    assert names(tmp_path) == set()


def test_solve_bad_instance(tiny_folder: Path, tmp_path: Path) -> None:
    """An instance with a fault gives exit code 2, its place, and nothing is written."""
    edit(tiny_folder / "units.csv", "gas-boiler,20,3,1", "gas-boiler,20,-3,1")
    done = call("solve", tiny_folder, "--out", tmp_path / "run")
    assert done.code == 2
    assert "units.csv, line 3, count" in done.err
    assert names(tmp_path) == {"tiny"}


def test_bad_call_leaves_no_parents(city: Path, tmp_path: Path) -> None:
    """A wrong call does not leave the folders above the result that it would have made."""
    assert call("solve", city, "--out", tmp_path / "new" / "deep" / "run", "--gap", 2).code == 2
    assert names(tmp_path) == set()


def test_endless_time(city: Path, tmp_path: Path) -> None:
    """A time limit of infinity is either refused or solved, and never loses the result at the end."""
    done = call("solve", city, "--out", tmp_path / "run", "--time-limit", "inf")
    assert done.code in (0, 2), done.err
    if done.code == 0:
        assert result(tmp_path / "run")["status"] == "optimal"


# --- other ends of a solve -----------------------------------------------------------------------------------


def spoil_by_rule(folder: Path) -> None:
    """All sets at the plant must go, and may not: a row without a decision that cannot hold."""
    rule = '[[rules]]\nid = "no-sets"\nkind = "retired_share"\nselect = [{ kinds = ["extraction"] }]\n'
    rule += 'min_share = 1.0\nby_year = 2027\nsource = "assumed: test"\n'
    edit(folder / "instance.toml", "[solve]", f"{rule}\n[solve]")


def spoil_by_schedule(folder: Path) -> None:
    """Half of the boilers must go by 2025, and all three must be there before 2027."""
    text = 'title = "Torn"\nsource = "assumed: test"\n[[rules]]\nrule = "small"\nby_year = 2025\n'
    text += '[[retirements]]\nunit = "D1-gas"\nnot_before = 2027\n'
    (folder / "schedules" / "torn.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [(spoil_by_rule, ()), (spoil_by_schedule, ("--schedule", "torn"))],
    ids=["rule", "schedule"],
)
@pytest.mark.parametrize("solver", ["monolithic", "plain"])
def test_infeasible(tiny_folder: Path, tmp_path: Path, spoil: Any, words: tuple[str, ...], solver: str) -> None:
    """Rules that contradict each other give exit code 3 and a folder that says so, which check refuses calmly."""
    spoil(tiny_folder)
    out = tmp_path / "run"
    done = call("solve", tiny_folder, "--out", out, "--solver", solver, *words)
    assert done.code == 3, done.err
    assert "infeasible" in done.out
    document = result(out)
    assert document["status"] == "infeasible"
    assert document["cost"] is None
    assert document["gap"] is None
    assert document["check"] is None
    assert "units.csv" not in names(out)
    verdict = call("check", out)
    assert verdict.code == 3
    assert "infeasible" in verdict.sentence


def test_infeasible_json(tiny_folder: Path, tmp_path: Path) -> None:
    """With --json an infeasible instance too gives one JSON object."""
    spoil_by_rule(tiny_folder)
    done = call("solve", tiny_folder, "--out", tmp_path / "run", "--json")
    assert done.code == 3
    assert strict(done.out)["status"] == "infeasible"


def test_no_time(tmp_path: Path) -> None:
    """A time limit too short for any plan of a real city gives exit code 4 and a folder that says so."""
    out = tmp_path / "run"
    words = ["--days", "1", "--step-hours", "24", "--time-limit", "0.001"]
    done = call("solve", JINAN, "--out", out, *words)
    assert done.code == 4, done.err
    document = result(out)
    assert document["status"] == "no_solution"
    assert document["stop_reason"] == "time limit"
    assert document["cost"] is None
    verdict = call("check", out)
    assert verdict.code == 4
    assert "no_solution" in verdict.sentence


# --- --start -------------------------------------------------------------------------------------------------


def test_start(city: Path, solved: Path, tmp_path: Path) -> None:
    """A solve may begin from a result of the same instance, also under another schedule and finer steps."""
    for number, words in enumerate([(), ("--step-hours", "3"), ("--schedule", "early")]):
        out = tmp_path / str(number)
        done = call("solve", city, "--out", out, "--start", solved, *words)
        assert done.code == 0, done.err
        assert call("check", out).code == 0


def test_start_from_itself(city: Path, solved: Path, tmp_path: Path) -> None:
    """With --force a result may be replaced by the solve that begins from it."""
    out = tmp_path / "run"
    shutil.copytree(solved, out)
    assert call("solve", city, "--out", out, "--start", out, "--force", "--gap", 0).code == 0
    assert result(out)["options"]["gap"] == 0
    assert names(tmp_path) == {"run"}


def test_start_of_another(solved: Path, tmp_path: Path) -> None:
    """A result of another instance is no start, exit code 2."""
    done = call("solve", TUTORIAL, "--out", tmp_path / "run", "--start", solved)
    assert done.code == 2
    assert "tiny" in done.sentence
    assert names(tmp_path) == set()


def test_start_without_plan(tiny_folder: Path, tmp_path: Path) -> None:
    """A result that holds no plan is no start, exit code 2."""
    city = shutil.copytree(tiny_folder, tmp_path / "good")
    spoil_by_rule(tiny_folder)
    assert call("solve", tiny_folder, "--out", tmp_path / "empty").code == 3
    done = call("solve", city, "--out", tmp_path / "run", "--start", tmp_path / "empty")
    assert done.code == 2
    assert "infeasible" in done.sentence
    assert not (tmp_path / "run").exists()


def test_start_of_changed_instance(solved: Path, tiny_folder: Path, tmp_path: Path) -> None:
    """A start may name what the instance no longer has."""
    edit(tiny_folder / "pipes.csv", "main,P1,J1,5,ordinary,DN400,1,DN300 DN400", "main,P1,J1,5,ordinary,DN400,1,DN400")
    pump = next(line for line in (tiny_folder / "units.csv").read_text().splitlines() if line.startswith("D1-pump"))
    edit(tiny_folder / "units.csv", pump + "\n", "")
    done = call("solve", tiny_folder, "--out", tmp_path / "run", "--start", solved)
    assert done.code == 0, done.err
    assert call("check", tmp_path / "run").code == 0


def test_start_from_a_checkpoint(tiny_folder: Path, tmp_path: Path) -> None:
    """What a killed run left is a start by the name of the run and by its own; the run's end removes its own only."""
    left, out = tmp_path / "left.part", tmp_path / "run"
    city = read(tiny_folder)
    solution = solve(city, days=1, step_hours=6).answer.solution
    Checkpoints(left, city, 1, 6, Start()).keep(Start(solution))
    for start in (tmp_path / "left", left):
        done = call("solve", tiny_folder, "--out", out, "--start", start, "--force")
        assert done.code == 0, done.err
        assert call("check", out).code == 0
        assert names(tmp_path) == {"tiny", "left.part", "run"}
    assert call("solve", TUTORIAL, "--out", tmp_path / "left").code == 0  # a checkpoint of another city is in no way
    assert names(tmp_path) == {"tiny", "left", "run"}


def test_start_from_a_damaged_checkpoint(city: Path, tmp_path: Path) -> None:
    """A checkpoint that is damaged is one sentence that names its file, exit code 2, and stays as it is."""
    part = tmp_path / "left.part" / "checkpoint-3" / "part.json"
    part.parent.mkdir(parents=True)
    part.write_text("{", encoding="utf-8")
    done = call("solve", city, "--out", tmp_path / "run", "--start", tmp_path / "left")
    assert done.code == 2
    assert "part.json: is missing or damaged" in done.sentence
    assert len(done.err.splitlines()) == 1
    assert names(tmp_path) == {"left.part"}


def test_no_place_for_checkpoints(city: Path, tmp_path: Path) -> None:
    """Where no checkpoint can be written, that is told once; the solve goes on, and what is there stays."""
    (tmp_path / "run.part").write_text("precious", encoding="utf-8")
    done = call("solve", city, "--out", tmp_path / "run")
    assert done.code == 0, done.err
    assert done.err.count("no checkpoint can be written") == 1
    assert (tmp_path / "run.part").read_text(encoding="utf-8") == "precious"


# --- a folder that is there ----------------------------------------------------------------------------------


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_existing_is_kept(city: Path, solved: Path) -> None:
    """A result that is there is not touched without --force, exit code 2."""
    before = content(solved)
    done = call("solve", city, "--out", solved)
    assert done.code == 2
    assert "--force" in done.sentence
    assert content(solved) == before
    assert names(solved.parent) == {"run"}


def test_force_replaces(city: Path, solved: Path, tmp_path: Path) -> None:
    """With --force the old result is gone whole; a file of somebody's own in it is not thrown away."""
    out = tmp_path / "run"
    shutil.copytree(solved, out)
    (out / "stray.txt").write_text("old", encoding="utf-8")
    before = content(out)
    assert call("solve", city, "--out", out, "--force", "--seed", 7).code == 2
    assert content(out) == before
    (out / "stray.txt").unlink()
    assert call("solve", city, "--out", out, "--force", "--seed", 7).code == 0
    assert names(out) == FILES
    assert result(out)["options"]["seed"] == 7
    assert names(tmp_path) == {"run"}


def test_force_and_bad_options(city: Path, solved: Path) -> None:
    """A wrong call with --force leaves the old result as it is."""
    before = content(solved)
    assert call("solve", city, "--out", solved, "--force", "--gap", 2).code == 2
    assert content(solved) == before
    assert names(solved.parent) == {"run"}


@pytest.mark.parametrize("force", [(), ("--force",)], ids=["plain", "force"])
@pytest.mark.parametrize("kind", ["folder", "empty", "file"])
def test_not_a_result(city: Path, tmp_path: Path, kind: str, force: tuple[str, ...]) -> None:
    """What is no result of heatnet is never replaced, with --force neither."""
    out = tmp_path / "mine"
    if kind == "file":
        out.write_text("precious", encoding="utf-8")
    else:
        out.mkdir()
        if kind == "folder":
            (out / "letter.txt").write_text("precious", encoding="utf-8")
    before = out.read_bytes() if kind == "file" else content(out)
    done = call("solve", city, "--out", out, *force)
    assert done.code == 2
    assert "mine" in done.sentence
    assert (out.read_bytes() if kind == "file" else content(out)) == before
    assert names(tmp_path) == {"mine"}


@pytest.mark.parametrize("force", [(), ("--force",)], ids=["plain", "force"])
def test_dangling_link(city: Path, tmp_path: Path, force: tuple[str, ...]) -> None:
    """A link that leads nowhere is something that is there: exit code 2, and it stays."""
    out = tmp_path / "link"
    out.symlink_to(tmp_path / "nowhere")
    done = call("solve", city, "--out", out, *force)
    assert done.code == 2
    assert "link" in done.sentence
    assert out.is_symlink()
    assert names(tmp_path) == {"link"}


@pytest.mark.parametrize("parent", ["a file", "/proc/nowhere"])
def test_unwritable(city: Path, tmp_path: Path, parent: str) -> None:
    """A place that cannot be written is told before the solve in one sentence, exit code 1."""
    if parent == "a file":
        (tmp_path / "file").write_text("x", encoding="utf-8")
    out = tmp_path / "file" / "run" if parent == "a file" else Path(parent) / "run"
    if parent != "a file" and not Path("/proc").is_dir():
        pytest.skip("this system has no /proc")
    done = call("solve", city, "--out", out)
    assert done.code == 1, done.err
    assert str(out) in done.sentence
    assert "build" not in done.err
    assert not out.exists()


# --- Ctrl-C --------------------------------------------------------------------------------------------------


def interrupted(trigger: float | str, after: float, *arguments: object) -> Call:
    """Start the console script, send SIGINT, and return what it left; it must end within 60 seconds.

    `trigger`: seconds since the start, or the word that begins the line on stderr to wait for; then `after` seconds.
    Where the word never comes, the solve has to end by itself: give it a time limit.
    """
    seen = ""
    with subprocess.Popen(command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            if isinstance(trigger, str):
                for line in process.stderr:
                    seen += line
                    if line.startswith(trigger):
                        break
            else:
                time.sleep(trigger)
            time.sleep(after)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            pytest.fail("still running 60 seconds after Ctrl-C")
        finally:
            process.kill()
    return Call(process.returncode, out, seen + err)


FINE = ["--solver", "monolithic", "--days", "4", "--step-hours", "2", "--gap", "0.0001", "--time-limit", "200"]


@pytest.mark.parametrize(("trigger", "after"), [("build", 0.1), ("compile", 0.1)], ids=["build", "compile"])
def test_interrupt_before_solving(tmp_path: Path, trigger: float | str, after: float) -> None:
    """Ctrl-C before solving began: exit code 130, one sentence, and nothing is left, hidden neither."""
    done = interrupted(trigger, after, "solve", JINAN, "--out", tmp_path / "run", *FINE)
    assert done.code == 130, done.err
    assert done.sentence == "interrupted; nothing was written."
    assert names(tmp_path) == set()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_interrupt_in_a_destructor() -> None:
    """Python drops a KeyboardInterrupt that comes while it clears an object away; the live line raises it again."""

    class Unlucky:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    def solving() -> None:
        with terminal.interrupts(), terminal.live() as observer:
            unlucky = Unlucky()
            del unlucky
            observer(Progress("build", 0.1))

    with pytest.raises(KeyboardInterrupt):
        solving()


def test_interrupt_while_solving(tmp_path: Path) -> None:
    """Ctrl-C in the first round: exit code 130 soon, and a folder that says what there is so far."""
    out = tmp_path / "run"
    done = interrupted("contingencies", 2.0, "solve", JINAN, "--out", out, *FINE)
    assert done.code == 130, done.err
    assert "Traceback" not in done.err
    assert names(tmp_path) == {"run"}
    document = result(out)
    assert document["status"] in ("feasible", "no_solution")
    assert document["stop_reason"] == "interrupted"


def test_interrupt_keeps_the_plan(tmp_path: Path) -> None:
    """Ctrl-C once there is a plan: it is written with its bound, and stands the check."""
    out = tmp_path / "run"
    words = ["--days", "1", "--step-hours", "24", "--gap", "0.007"]
    done = interrupted("proof", 0.0, "solve", JINAN, "--out", out, "--json", *words)
    assert done.code == 130, done.err
    assert names(tmp_path) == {"run"}
    assert names(out) >= FILES - {"stores.csv"}
    document = strict(done.out)
    assert document == result(out)
    assert document["stop_reason"] == "interrupted"
    assert document["status"] == "feasible"
    assert document["bound"] < document["cost"]
    assert call("check", out).code == 0


def test_result_with_a_plan_outlives_one_without(tmp_path: Path) -> None:
    """--force does not replace a plan by nothing: the exit code says so, the earlier result stays."""
    out = tmp_path / "run"
    words = ["--days", "1", "--step-hours", "24", "--gap", "0.05"]
    assert call("solve", JINAN, "--out", out, *words).code == 0
    before = content(out)
    done = call("solve", JINAN, "--out", out, "--force", "--time-limit", "0.001", *words)
    assert done.code == 4
    assert "earlier result is kept" in done.out
    assert content(out) == before
    assert names(tmp_path) == {"run"}


def test_misspelt_table_and_other_separators(tiny_folder: Path) -> None:
    """A table that nobody reads, a schedule that is none, and semicolons are one sentence each."""
    (tiny_folder / "store.csv").write_text("id\n", encoding="utf-8")
    (tiny_folder / "schedules" / "POLICY.TML").write_text("", encoding="utf-8")
    nodes = tiny_folder / "nodes.csv"
    nodes.write_text(nodes.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    done = call("validate", tiny_folder)
    assert done.code == 2
    assert "store.csv: is not a table that heatnet reads; did you mean `stores.csv`?" in done.err
    assert "schedules/POLICY.TML: is not a schedule" in done.err
    assert "nodes.csv, line 1: is separated by semicolons" in done.err
    assert "3 faults" in done.err


def test_retail_price_below_zero(tiny_folder: Path) -> None:
    """A retail price below 0 would pay for pumping without limit, and is refused with its line."""
    season = tiny_folder / "series" / "season.csv"
    lines = season.read_text(encoding="utf-8").splitlines()
    place = lines[0].split(",").index("power_retail_cny_per_mwh")
    cells = lines[3].split(",")
    cells[place] = "-5"
    season.write_text("\n".join([*lines[:3], ",".join(cells), *lines[4:]]) + "\n", encoding="utf-8")
    done = call("validate", tiny_folder)
    assert done.code == 2
    assert "series/season.csv, line 4, power_retail_cny_per_mwh: is below 0 in 1 hours" in done.err
