"""Bad input at scale: folders spoilt at random are refused in sentences, or solved and checked; nothing is strewn.

Every number is one mutation, the same in every run: the tutorial or the rich instance, spoilt by one to three changes.
300 of them run with the other tests, 5,000 where the environment variable HEATNET_NIGHT is set.

Sensitivity:
- mutation, validate: a crash of the reader or of a rule between rows, a fault without its file, a cell that breaks a
  sentence in two, floods it or steers the terminal, and a wrong count of faults would pass.
- mutation, nothing touched: a name in a table, header or schedule that leads a file out of its folder would pass.
- mutation, solve: what is called valid and then crashes the formulation, the solver, the checker or the report, breaks
  a law, or is written so that it cannot be read again, would pass.
- figure beyond bounds: a figure that no city has and that nobody refuses would end in a crash, in the words of a solver
  that does not take the model, or in a plan that is wrong.
- schedule outside: a name of a schedule that leads to a file elsewhere would pass.
- folder is none: an instance that is a file, a link to itself or nothing would crash.
- in a process of its own: what only a whole process shows would pass: an exit code lost, a warning of a library, an
  encoding of the terminal.
- every change changes: a change that leaves the folder as it was would make the mutations idle.
- both ends are met: if nearly all folders were refused, or none, half of the above would never run.
- judge: a judge who accepts a crash, a fault without a file or a wrong count would accept all of the above.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from conftest import NIGHT, TUTORIAL, Call, call, command, tiny

from heatnet.instance import read, records
from instance.conftest import FILES

MUTATIONS = 5000 if NIGHT else 300
SOLVED_SHARE = 0.5 if NIGHT else 0.3
"""Part of the mutations that is solved where it is valid."""

COARSE = ("--days", 1, "--step-hours", 24, "--gap", 0.05, "--time-limit", 5, "--threads", 1)
LONGEST = 2000
"""Characters of the longest sentence: one that lists every column of a table has fewer."""


# --- what a call leaves ------------------------------------------------------------------------------------------


def process(*arguments: object) -> Call:
    """Run the console script with these arguments."""
    done = subprocess.run(command(*arguments), capture_output=True, timeout=120, check=False)
    return Call(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


FILE = re.compile(
    rf"({'|'.join(records.TABLES)})\.csv|instance\.toml|series/season\.csv|schedules/\S.*|[^/]*\.[cC][sS][vV]"
)


def judge(done: Call) -> None:
    """A refusal is exit code 2 and one sentence for each fault that begins with its file; anything else is calm."""
    assert "Traceback" not in done.out + done.err
    assert "heatnet failed" not in done.err, done.err
    if done.code != 2:
        return
    assert done.out == ""
    *faults, last = done.err.removesuffix("\n").split("\n")
    number = len(faults)
    assert number >= 1
    assert last == f"{number} fault{'s' if number != 1 else ''}; nothing was written.", (last, faults[:5])
    for fault in faults:
        place, _, sentence = fault.partition(": ")
        assert FILE.fullmatch(place.partition(", ")[0]), fault[:LONGEST]
        assert sentence.endswith((".", "?")), fault[:LONGEST]
        assert len(fault) <= LONGEST
        assert not any(unicodedata.category(letter) == "Cc" for letter in fault), repr(fault)


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    """Everything in a folder at every depth: size in bytes and time of change in nanoseconds, links not followed."""
    found = {}
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            state = (Path(root) / name).lstat()
            found[os.path.relpath(Path(root) / name, folder)] = (state.st_size, state.st_mtime_ns)
    return found


# --- changes -----------------------------------------------------------------------------------------------------

Change = Callable[[Path, Random], None]
"""Spoils a folder. Tables are taken as cells between commas, TOML as lines, so that what is broken can be broken on."""


def pick(folder: Path, random: Random, pattern: str) -> Path:
    """A file of the folder by a pattern of its name."""
    return random.choice(sorted(path for path in folder.rglob(pattern) if path.is_file()))


def lines_of(file: Path) -> list[str]:
    """The lines of a file, whatever bytes it holds."""
    return file.read_bytes().decode("utf-8", "surrogateescape").removesuffix("\n").split("\n")


def put(file: Path, lines: list[str]) -> None:
    """Write lines into a file."""
    file.write_bytes(("\n".join(lines) + "\n").encode("utf-8", "surrogateescape"))


def at_file(spoil: Callable[[Path, Random], None]) -> Change:
    """A change of some file of the folder."""
    return lambda folder, random: spoil(pick(folder, random, "*.*"), random)


def at_bytes(spoil: Callable[[bytes, Random], bytes]) -> Change:
    """A change of the bytes of some file."""

    def change(file: Path, random: Random) -> None:
        file.write_bytes(spoil(file.read_bytes(), random))

    return at_file(change)


def at_rows(spoil: Callable[[list[list[str]], Random], None]) -> Change:
    """A change of the rows of a table, its header the first."""

    def change(folder: Path, random: Random) -> None:
        file = pick(folder, random, "*.csv")
        rows = [line.split(",") for line in lines_of(file)]
        spoil(rows, random)
        put(file, [",".join(row) for row in rows])

    return change


def at_cell(values: Callable[[str, Random], str]) -> Change:
    """A change of one to three cells of a table, seldom in its header."""

    def spoil(rows: list[list[str]], random: Random) -> None:
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            row = random.choice(rows[1:] or rows) if random.random() < 0.95 else rows[0]
            place = random.randrange(len(row))
            row[place] = values(row[place], random)

    return at_rows(spoil)


def at_toml(spoil: Callable[[list[str], Random], None]) -> Change:
    """A change of the lines of the header or a schedule."""

    def change(folder: Path, random: Random) -> None:
        file = folder / "instance.toml" if random.random() < 0.7 else pick(folder, random, "*.toml")
        lines = lines_of(file)
        spoil(lines, random)
        put(file, lines)

    return change


def at_value(values: Callable[[str, Random], str]) -> Change:
    """A change of what stands behind a key of the header or a schedule."""

    def spoil(lines: list[str], random: Random) -> None:
        number = random.choice([number for number, line in enumerate(lines) if " = " in line])
        key, _, value = lines[number].partition(" = ")
        lines[number] = f"{key} = {values(value, random)}"

    return at_toml(spoil)


NUMBERS = (
    *("", " ", "0", "-0", "-1", "1", "2.5", "1e30", "-1e30", "1e300", "1e400", "-1e400", "1e-300", "5e-324", "nan"),
    *("inf", "-Infinity", "1.5.2", "1.000,5", "1 000", "1_000", "0x10", "1e", "+7", "007", "١٢", "½", "1％", "1kW"),
    *("2025-01-01", "12:30", "true", "TRUE", "yes", "null", "9" * 20, "9" * 400, "1" + "0" * 5000, "10000", "2200"),
)
TEXTS = (
    *("x", "X Y", "小城", "é", "😀", "\u202e", "\u200b", "\ufeff", "x" * 65, "[red]", "[/b]", "%s {0} {input}", "*"),
    *("a;b", "a\tb", "a\rb", "a'b", "assumed:", "found: a", "none", "\x1b[31mred", "a\x00b", "a\x85b", "a\u2028b"),
)
FORMULAS = ("=cmd|' /C calc'!A0", "=1+1", "@SUM(A1:A9)", "+1+1", '=HYPERLINK("http://x.example")', "-2+3")
OUTSIDE = ("../x", "../../x", "/x", "..\\x", "C:\\x", "a/b", "~/x", "./x", "..", ".", "%2e%2e/x", "file:///x")
QUOTED = ('"a,b"', '"a\nb"', '"a\r\nb"', '"a\rb"', '"a""b"', '"a', 'a"b', '""', '" "', '"1,5"', '"\n"')
TOML = (
    *("1", "-1", "0", "2.5", "1e30", "1e400", "nan", "-inf", "1,5", "1_000", "0x7E9", "007", "9" * 400, "9" * 5000),
    *('""', '"x"', "'x'", '"1"', '"../x"', '"=1+1"', '"a\\nb"', '"a\\rb"', '"a\\u0000b"', '"\\u001B[31m"', '"\\ud800"'),
    *("[]", "[[]]", "[1, 2]", '["x"]', '["x", ]', "{}", "{ a = 1 }", "{ a = 1, }", "[{}]", "[" * 3000 + "]" * 3000),
    *("2025-01-01", "2025-01-01T00:00:00Z", "07:32:00", "true", "True", "null", "", '"', '"""', "'''", "[", "{", "= 1"),
    *('"found: [red]x[/b]"', '"' + "x" * 65 + '"', '"小城"', "1 # 2", "1 2"),
)
BROKEN = (
    *("[", "[[", "]", "[]", "[[x]", "[x", "= 1", "x", "x =", "x = = 1", '"x" = "', "\\", "\x00", "\x7f", "[a.b.c]"),
    *("[season]", "[[season]]", "[stages]", "[[stages]]", "[[rules]]", "[rules]", "[[rules.select]]", "[solve.days]"),
    *("season = 1", "stages = []", "rules = 5", "rules = [5]", "rules = [[1]]", "regimes = {}", "solve = []", '"" = 1'),
    *("a.b.c = 1", ".".join("a" * 3000) + " = 1", "x" * 300 + " = 1", "小 = 1", '"a\\nb" = 1', '"\\u001B[31m" = 1'),
    *("[[retirements]]", "[[retirements]]\nunit = 5", "[[rules]]\nrule = 5", '[[rules]]\nkind = "x"', "a = 2025-01-01"),
    *('[[rules]]\nkind = "' + "x" * 9000 + '"', '[[rules]]\nid = "q"\nkind = "no_new"\nselect = []', "name.x = 1"),
)  # fmt: skip


def without_some(bits: bytes, random: Random) -> bytes:
    place = random.randrange(len(bits))
    return bits[:place] + bits[place + random.randint(1, 60) :]


def with_some(bits: bytes, random: Random) -> bytes:
    place = random.randrange(len(bits))
    return bits[:place] + random.randbytes(random.randint(1, 4)) + bits[place:]


def other_bytes(bits: bytes, random: Random) -> bytes:
    place = random.randrange(len(bits))
    return bits[:place] + bytes([random.randrange(256)]) + bits[place + 1 :]


def to_latin(bits: bytes, random: Random) -> bytes:
    return (
        bits.decode("utf-8", "replace")
        .replace("test", "tést")
        .replace("tutorial", "tütorial")
        .encode("latin-1", "replace")
    )


def to_utf16(bits: bytes, random: Random) -> bytes:
    return bits.decode("utf-8", "replace").encode(random.choice(("utf-16", "utf-16-le", "utf-32")))


def as_folder(file: Path, random: Random) -> None:
    file.unlink()
    file.mkdir()


def as_link(file: Path, random: Random) -> None:
    """A link to itself, to nothing, to a file outside the folder, or to another file of it."""
    targets = (file, file.parent / "nowhere", file.parents[-1] / "nowhere", *sorted(file.parent.iterdir()))
    if random.random() < 0.3:
        outside = file.with_name("moved")
        shutil.move(file, outside)
        file.symlink_to(outside)
        return
    target = random.choice(targets)
    file.unlink()
    file.symlink_to(target)


def second_name(file: Path, random: Random) -> None:
    name = random.choice((f"2{file.name}", file.name.upper(), f"../{file.name}", f"{file.stem} (1){file.suffix}"))
    shutil.copy(file, file.parent / name)


def move_out(folder: Path, random: Random) -> None:
    """A table lies beside the folder, where it must not be found."""
    file = pick(folder, random, "*.csv")
    shutil.move(file, folder.parent / file.name)


def exchange(folder: Path, random: Random) -> None:
    one, other = pick(folder, random, "*.*"), pick(folder, random, "*.csv")
    bits = one.read_bytes()
    one.write_bytes(other.read_bytes() + b"\n" * (one == other))
    other.write_bytes(bits)


def folder_as_file(folder: Path, random: Random) -> None:
    name = random.choice(("series", "schedules"))
    shutil.rmtree(folder / name, ignore_errors=True)
    (folder / name).write_text("x", encoding="utf-8")


def odd_schedule(folder: Path, random: Random) -> None:
    """A schedule whose file has a name that no id could have."""
    schedule = pick(folder, random, "*.toml" if random.random() < 0.1 else "schedules/*.toml")
    names = ("..", "..x", " ", "a b", "a\nb", "a\\..\\b", "=1+1", "小", "[red]", "-", "--force", "x" * 200, "a.b", "")
    shutil.copy(schedule, folder / "schedules" / f"{random.choice(names)}.toml")


def id_outside(folder: Path, random: Random) -> None:
    """An id that leads out of the folder, in every file that names it."""
    rows = [line.split(",") for line in lines_of(pick(folder, random, "[!s]*.csv"))]
    old, new = random.choice(rows)[0], random.choice(OUTSIDE)
    for file in [path for path in folder.rglob("*.*") if path.is_file()]:
        text = file.read_bytes().decode("utf-8", "surrogateescape")
        changed = re.sub(rf"(?<![\w.+-]){re.escape(old)}(?![\w.+-])", lambda _: new, text)
        file.write_bytes(changed.encode("utf-8", "surrogateescape"))


def delete_row(rows: list[list[str]], random: Random) -> None:
    del rows[random.randrange(len(rows))]


def repeat_row(rows: list[list[str]], random: Random) -> None:
    rows.insert(random.randint(0, len(rows)), list(random.choice(rows)))


def swap_rows(rows: list[list[str]], random: Random) -> None:
    one, other = random.randrange(len(rows)), random.randrange(len(rows))
    rows[one], rows[other] = rows[other], rows[one]
    rows.append([])


def swap_columns(rows: list[list[str]], random: Random) -> None:
    """Two columns change places, with their headings or without."""
    one, other = random.sample(range(len(rows[0])), 2)
    for row in rows[random.choice((0, 1)) :]:
        if len(row) > max(one, other):
            row[one], row[other] = row[other], row[one]


def delete_column(rows: list[list[str]], random: Random) -> None:
    place = random.randrange(len(rows[0]))
    for row in rows:
        del row[place : place + 1]


def repeat_column(rows: list[list[str]], random: Random) -> None:
    place = random.randrange(len(rows[0]))
    for row in rows:
        row.append(row[min(place, len(row) - 1)])


def rename_column(rows: list[list[str]], random: Random) -> None:
    place = random.randrange(len(rows[0]))
    name = rows[0][place]
    others = (*TEXTS, *OUTSIDE, *FORMULAS, *QUOTED, name.upper(), name[:-1], f"{name}_factor", f"{name}_c", "x" * 9000)
    rows[0][place] = random.choice((*others, name.replace("mw", "kw"), name.replace("_", " "), name[::-1]))


def trailing_commas(rows: list[list[str]], random: Random) -> None:
    for row in rows if random.random() < 0.5 else [random.choice(rows)]:
        row.append("")


def short_row(rows: list[list[str]], random: Random) -> None:
    random.choice(rows).pop()


def many_rows(rows: list[list[str]], random: Random) -> None:
    """Thousands of rows more: equal ones, blank ones, ones with ids of their own, or hours without a gap."""
    row, number = random.choice(rows[1:] or rows), random.choice((300, 1200, 4800))
    kind = random.choice(("equal", "blank", "own"))
    start = len(rows) - 1
    if kind == "equal":
        rows += [row] * number
    elif kind == "blank":
        rows += [[""] * len(row)] * number
    else:
        rows += [[str(start + count), *row[1:]] for count in range(number)]


def negative(cell: str, random: Random) -> str:
    return cell.removeprefix("-") if cell.startswith("-") else f"-{cell}"


def comma_decimal(cell: str, random: Random) -> str:
    return random.choice((f"{cell},5", f'"{cell},5"', cell.replace(".", ",") + ","))


def other_figure(cell: str, random: Random) -> str:
    """A number that could be meant: another order of magnitude, a little more or less, a whole number beside it."""
    try:
        value = float(cell)
    except ValueError:
        return cell
    others = [value * factor for factor in (0.0, 0.5, 0.999, 1.001, 2.0, 10.0, 1e-3, 1e3, 1e-6, 1e6, 1e12, 1e30)]
    others += [value - 1.0, value + 1.0, 100.0 - value]
    return f"{random.choice(others):.15g}"


def huge_cell(cell: str, random: Random) -> str:
    return random.choice(("x", "9", "é", "x ")) * random.choice((100_000, 140_000, 10_000_000))


def one_of(*groups: tuple[str, ...]) -> Callable[[str, Random], str]:
    """A choice from groups of values, each group as likely as the others."""
    return lambda value, random: random.choice(random.choice(groups))


def break_toml(lines: list[str], random: Random) -> None:
    lines.insert(random.randint(0, len(lines)), random.choice(BROKEN))


def delete_lines(lines: list[str], random: Random) -> None:
    place = random.randrange(len(lines))
    del lines[place : place + random.choice((1, 1, 1, 4))]


def repeat_line(lines: list[str], random: Random) -> None:
    place = random.randrange(len(lines))
    lines.insert(random.choice((place, random.randint(0, len(lines)))), lines[place] or "[solve]")


def other_key(lines: list[str], random: Random) -> None:
    place = random.choice([number for number, line in enumerate(lines) if " = " in line])
    key, _, value = lines[place].partition(" = ")
    others = (key[:-1], key.upper(), f"{key}.x", f'"{key}x"', key.replace("_", "."), f"{key} {key}", "x", key + "_kw")
    lines[place] = f"{random.choice(others)} = {value}"


def cut_line(lines: list[str], random: Random) -> None:
    place = random.choice([number for number, line in enumerate(lines) if line])
    lines[place] = lines[place][: random.randrange(len(lines[place]))]


def long_title(lines: list[str], random: Random) -> None:
    """A key or value of 10 MB."""
    long = "x" * 10_000_000
    lines.insert(0, random.choice((f"{long} = 1", f'"{long}" = 1', f'title_local = "{long}"', f"base_year = {long}")))


CHANGES: dict[str, Change] = {
    "file missing": at_file(lambda file, random: file.unlink()),
    "file empty": at_bytes(lambda bits, random: random.choice((b"", b"\n", b" ", b"\xef\xbb\xbf", b",", b"#"))),
    "folder for a file": at_file(as_folder),
    "file for a folder": folder_as_file,
    "link": at_file(as_link),
    "second name": at_file(second_name),
    "moved out": move_out,
    "files exchanged": exchange,
    "odd schedule": odd_schedule,
    "id outside": id_outside,
    "latin-1": at_bytes(to_latin),
    "UTF-16": at_bytes(to_utf16),
    "byte order mark": at_bytes(lambda bits, random: b"\xef\xbb\xbf" * random.choice((1, 2)) + bits),
    "bytes out": at_bytes(without_some),
    "bytes in": at_bytes(with_some),
    "byte changed": at_bytes(other_bytes),
    "cut": at_bytes(lambda bits, random: bits[: random.randrange(len(bits))]),
    "NUL": at_bytes(lambda bits, random: bits.replace(random.choice((b",", b"\n", b"t")), b"\0", random.randint(1, 9))),
    "line ends": at_bytes(lambda bits, random: bits.replace(b"\n", random.choice((b"\r\n", b"\r", b"\n\r", b"\n\n")))),
    "separators": at_bytes(lambda bits, random: bits.replace(b",", random.choice((b";", b"\t", b"|", b", ", b" ,")))),
    "row deleted": at_rows(delete_row),
    "row repeated": at_rows(repeat_row),
    "rows swapped": at_rows(swap_rows),
    "columns swapped": at_rows(swap_columns),
    "column deleted": at_rows(delete_column),
    "column repeated": at_rows(repeat_column),
    "column renamed": at_rows(rename_column),
    "trailing commas": at_rows(trailing_commas),
    "short row": at_rows(short_row),
    "many rows": at_rows(many_rows),
    "cell empty": at_cell(lambda cell, random: "" if cell else "0"),
    "cell negative": at_cell(negative),
    "cell with a decimal comma": at_cell(comma_decimal),
    "cell huge": at_cell(lambda cell, random: random.choice(("1e30", "1e12", "1e400", "1e300", "9" * 300, "-1e30"))),
    "cell of megabytes": at_cell(huge_cell),
    "cell a number": at_cell(one_of(NUMBERS)),
    "cell a number, again": at_cell(one_of(NUMBERS)),
    "figure": at_cell(other_figure),
    "figure, again": at_cell(other_figure),
    "figure, a third time": at_cell(other_figure),
    "figure in TOML": at_value(other_figure),
    "figure in TOML, again": at_value(other_figure),
    "cell zero or one": at_cell(one_of(("0", "1", "0.5", "2", "1e-9", "1e6", "10000", "2026", "true", "false"))),
    "cell a text": at_cell(one_of(TEXTS, FORMULAS, OUTSIDE, QUOTED)),
    "cell a text, again": at_cell(one_of(TEXTS, FORMULAS, OUTSIDE, QUOTED)),
    "TOML value": at_value(one_of(TOML)),
    "TOML value, again": at_value(one_of(TOML)),
    "TOML number": at_value(one_of(NUMBERS, ("0", "1", "0.5", "2", "1e-9", "1e6", "2026", "true", "false", "1e30"))),
    "TOML broken": at_toml(break_toml),
    "TOML broken, again": at_toml(break_toml),
    "TOML key": at_toml(other_key),
    "TOML line deleted": at_toml(delete_lines),
    "TOML line repeated": at_toml(repeat_line),
    "TOML line cut": at_toml(cut_line),
    "TOML of megabytes": at_toml(long_title),
}  # fmt: skip
LAST = ("folder for a file", "file for a folder", "link", "file missing", "file empty")
"""Changes that leave files that others could not be applied to."""


def sound(place: Path, number: int) -> Path:
    """A sound instance in a folder of its own: the tutorial for even numbers, the rich one for odd."""
    if number % 2 == 0:
        return Path(shutil.copytree(TUTORIAL, place / "tutorial"))
    folder = tiny(place)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def spoilt(place: Path, number: int) -> tuple[Path, Random]:
    """The folder of a mutation, and its chances for what follows. Twice around, each change meets both instances."""
    random = Random(number)
    turn = number // len(CHANGES)
    folder = sound(place, number + turn)
    names = [list(CHANGES)[number % len(CHANGES)]]
    if random.random() < 0.25:
        names += random.sample(list(CHANGES), random.randint(1, 2))
    for name in sorted(names, key=lambda name: name in LAST):
        with contextlib.suppress(IndexError):  # an earlier change took what this one needs
            CHANGES[name](folder, random)
    return folder, random


# --- the mutations -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(MUTATIONS))
def test_mutation(tmp_path: Path, number: int) -> None:
    """A spoilt folder is refused in sentences, or is valid and solved with an answer that stands; no file is strewn."""
    place = tmp_path / "a" / "b"
    place.mkdir(parents=True)
    folder, random = spoilt(place, number)
    assert_told_or_solved(tmp_path, folder, random, SOLVED_SHARE)


def assert_told_or_solved(tmp_path: Path, folder: Path, random: Random, share: float) -> None:
    """Validate a folder below `tmp_path`, solve it with the probability `share` if it is valid, and judge both."""
    before = listing(tmp_path)
    done = call("validate", folder)
    judge(done)
    assert done.code in (0, 2)
    assert listing(tmp_path) == before
    if done.code == 2 or random.random() > share:
        return
    names = sorted(read(folder).schedules)
    words = (f"--schedule={random.choice(names)}",) if names and random.random() < 0.6 else ()
    out = tmp_path / "results" / "run"
    out.parent.mkdir()
    solved = call("solve", folder, "--out", out, *COARSE, *words)
    judge(solved)
    after = {name: state for name, state in listing(tmp_path).items() if name.partition("/")[0] != "results"}
    assert after == before
    assert solved.code in (0, 2, 3, 4), solved.err
    assert [path.name for path in out.parent.iterdir()] == ([] if solved.code == 2 else ["run"])
    if solved.code != 2:
        document = json.loads((out / "result.json").read_text(encoding="utf-8"))
        assert (document["check"] or {"violations": 0})["violations"] == 0
        verdict = call("check", out)
        judge(verdict)
        assert verdict.code == solved.code, verdict.err


BEYOND: tuple[tuple[int, str, str, str], ...] = (
    (0, "technologies.csv", ",30,assumed", f",1{'0' * 19},assumed"),
    (0, "technologies.csv", ",30,assumed", f",1{'0' * 400},assumed"),
    (0, "technologies.csv", "gas,1,", "gas,1e-300,"),
    (0, "pipe_types.csv", "DN500,500", "DN500,1e300"),
    (0, "pipe_types.csv", "DN500,500", "DN500,1e-300"),
    (0, "pipes.csv", ",20,water", ",1e30,water"),
    (0, "units.csv", "gas-boiler,20", "gas-boiler,1e30"),
    (0, "units.csv", "gas-boiler,20", "gas-boiler,1e15"),
    (0, "demands.csv", "2025,1.0", "2025,1e20"),
    (0, "capability.csv", "full,1,0,1.25", "full,1e300,0,1.25"),
    (0, "fuels.csv", "gas,Natural gas,30", "gas,Natural gas,1e30"),
    (0, "series/season.csv", "0,-10,50,100", "0,-10,1e30,100"),
    (0, "series/season.csv", "0,-10,50,100", "0,-1e300,50,100"),
    (0, "instance.toml", "supply_c = 120", "supply_c = 1e30"),
    (0, "instance.toml", "shortfall_meur_per_mw_year = 1", "shortfall_meur_per_mw_year = 1e30"),
    (0, "instance.toml", "days = 1", f"days = 1{'0' * 400}"),
    (0, "instance.toml", "[season]", f"{'.'.join('a' * 3000)} = 1\n[season]"),
    (1, "instance.toml", "substation_life_years = 15", f"substation_life_years = 1{'0' * 400}"),
    (1, "stores.csv", "50,300,6,", "1e30,1e30,6,"),
    (1, "stores.csv", "300,6,", "300,1e-300,"),
    (1, "technologies.csv", ",5,45,75,0.45,7,", ",1e300,45,75,0.45,7,"),
    (1, "technologies.csv", ",5,45,75,0.45,7,", ",5,-273.15,-273.15,0.45,7,"),
)
"""Whether the instance is the rich one, and an edit of one of its files."""


@pytest.mark.parametrize(("rich", "name", "old", "new"), BEYOND, ids=range(len(BEYOND)))
def test_figure_beyond_bounds(tmp_path: Path, rich: int, name: str, old: str, new: str) -> None:
    """A figure that no city has is refused with its file, or stands in a solve that ends well; it is no crash."""
    folder = sound(tmp_path, rich)
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert_told_or_solved(tmp_path, folder, Random(0), 1.0)


@pytest.mark.parametrize("name", [*OUTSIDE[:6], "../early", "/etc/passwd", "early/../early", "early.toml", ""])
def test_schedule_outside(tmp_path: Path, name: str) -> None:
    """A schedule is named by one of the folder's own names; a path to a sound one elsewhere is no name."""
    folder = sound(tmp_path, 1)
    shutil.copy(folder / "schedules" / "early.toml", folder / "early.toml")
    shutil.copy(folder / "schedules" / "early.toml", folder / "x.toml")
    before = listing(tmp_path)
    done = call("solve", folder, "--out", tmp_path / "run", *COARSE, "--schedule", name)
    assert done.code == 2
    assert done.err.startswith(f"there is no schedule `{name}`")
    assert len(done.err.splitlines()) == 1
    assert listing(tmp_path) == before


@pytest.mark.parametrize("kind", ["nothing", "file", "link to itself", "empty folder", "folder of folders"])
def test_folder_is_none(tmp_path: Path, kind: str) -> None:
    """What is no folder of an instance is told in sentences that name it or its missing files."""
    folder = tmp_path / "city"
    if kind == "file":
        folder.write_text("x", encoding="utf-8")
    elif kind == "link to itself":
        folder.symlink_to(folder)
    elif kind == "empty folder":
        folder.mkdir()
    elif kind == "folder of folders":
        for name in ("instance.toml", "nodes.csv", "series/season.csv", "schedules/x.toml", "stores.csv"):
            (folder / name).mkdir(parents=True)
    for done in (call("validate", folder), call("solve", folder, "--out", tmp_path / "run")):
        assert done.code == 2
        if kind.endswith(("folder", "folders")):
            judge(done)
        else:
            assert done.err.startswith(f"{folder}: is not a folder")
            assert len(done.err.splitlines()) == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("number", [0, 13, 19, 38, 43] if not NIGHT else range(100))
def test_in_a_process_of_its_own(tmp_path: Path, number: int) -> None:
    """The console script ends as the call in this process does: same exit code, same sentences, nothing else."""
    folder, _ = spoilt(tmp_path, number)
    done = process("validate", folder)
    judge(done)
    assert done == call("validate", folder)


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_changes(tmp_path: Path, name: str) -> None:
    """In half of its turns or more a change leaves other bytes in the folder or beside it, on both instances."""

    def content(place: Path) -> dict[str, bytes | str]:
        paths = [path for path in place.rglob("*") if path.is_symlink() or not path.is_dir()]
        return {str(path.relative_to(place)): "link" if path.is_symlink() else path.read_bytes() for path in paths}

    for number in (0, 1):
        changed = 0
        for seed in range(6):
            place = tmp_path / f"{number}-{seed}"
            place.mkdir()
            folder = sound(place, number)
            before = content(place)
            CHANGES[name](folder, Random(seed))
            changed += content(place) != before
        assert changed >= 3


def test_both_ends_are_met(tmp_path: Path) -> None:
    """Of sixty mutations at least ten are refused, and at least ten are not."""
    refused = 0
    for number in range(60):
        place = tmp_path / str(number)
        place.mkdir()
        refused += call("validate", spoilt(place, number)[0]).code == 2
    assert 10 <= refused <= 50


@pytest.mark.parametrize(
    "done",
    [
        Call(1, "", "Traceback (most recent call last):\n  x\n"),
        Call(1, "", "heatnet failed: KeyError: 'x' (add --debug to see where)\n"),
        Call(2, "", "0 faults; nothing was written.\n"),
        Call(2, "", "nodes.csv, line 2: is wrong.\n2 faults; nothing was written.\n"),
        Call(2, "", "is wrong: somewhere.\n1 fault; nothing was written.\n"),
        Call(2, "", "nodes.csv, line 2: is wrong\n1 fault; nothing was written.\n"),
        Call(2, "", "nodes.csv, line 2: found `\x1b[31m`.\n1 fault; nothing was written.\n"),
        Call(2, "", "nodes.csv, line 2: found `" + "x" * LONGEST + "`.\n1 fault; nothing was written.\n"),
        Call(2, "x", "nodes.csv, line 2: is wrong.\n1 fault; nothing was written.\n"),
    ],
)
def test_judge(done: Call) -> None:
    """What is no clear refusal is not accepted as one."""
    with pytest.raises(AssertionError):
        judge(done)
