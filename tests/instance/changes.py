"""Ways to spoil the folder of an instance, by chance but the same in every run: a number is one mutation."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

from conftest import TUTORIAL, tiny

from instance.conftest import FILES

# --- where -------------------------------------------------------------------------------------------------------

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


def at_place(spoil: Callable[[bytes, bytes, Random], bytes]) -> Change:
    """A change at some place in the bytes of some file: of those before it and those from it on."""

    def change(bits: bytes, random: Random) -> bytes:
        place = random.randrange(len(bits))
        return spoil(bits[:place], bits[place:], random)

    return at_bytes(change)


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


def at_entry(spoil: Callable[[str, str, Random], str]) -> Change:
    """A change of a line of the header or a schedule that has a key and a value."""

    def change(lines: list[str], random: Random) -> None:
        number = random.choice([number for number, line in enumerate(lines) if " = " in line])
        key, _, value = lines[number].partition(" = ")
        lines[number] = spoil(key, value, random)

    return at_toml(change)


def at_value(values: Callable[[str, Random], str]) -> Change:
    """A change of what stands behind a key of the header or a schedule."""
    return at_entry(lambda key, value, random: f"{key} = {values(value, random)}")


# --- values ------------------------------------------------------------------------------------------------------

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


# --- files and bytes ---------------------------------------------------------------------------------------------


def to_latin(bits: bytes, random: Random) -> bytes:
    text = bits.decode("utf-8", "replace").replace("test", "tést").replace("tutorial", "tütorial")
    return text.encode("latin-1", "replace")


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


# --- rows and columns --------------------------------------------------------------------------------------------


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


# --- cells -------------------------------------------------------------------------------------------------------


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


# --- TOML --------------------------------------------------------------------------------------------------------


def break_toml(lines: list[str], random: Random) -> None:
    lines.insert(random.randint(0, len(lines)), random.choice(BROKEN))


def delete_lines(lines: list[str], random: Random) -> None:
    place = random.randrange(len(lines))
    del lines[place : place + random.choice((1, 1, 1, 4))]


def repeat_line(lines: list[str], random: Random) -> None:
    place = random.randrange(len(lines))
    lines.insert(random.choice((place, random.randint(0, len(lines)))), lines[place] or "[solve]")


def other_key(key: str, value: str, random: Random) -> str:
    others = (key[:-1], key.upper(), f"{key}.x", f'"{key}x"', key.replace("_", "."), f"{key} {key}", "x", key + "_kw")
    return f"{random.choice(others)} = {value}"


def cut_line(lines: list[str], random: Random) -> None:
    place = random.choice([number for number, line in enumerate(lines) if line])
    lines[place] = lines[place][: random.randrange(len(lines[place]))]


def long_title(lines: list[str], random: Random) -> None:
    """A key or value of 10 MB."""
    long = "x" * 10_000_000
    lines.insert(0, random.choice((f"{long} = 1", f'"{long}" = 1', f'title_local = "{long}"', f"base_year = {long}")))


# --- all ---------------------------------------------------------------------------------------------------------

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
    "bytes out": at_place(lambda before, after, random: before + after[random.randint(1, 60) :]),
    "bytes in": at_place(lambda before, after, random: before + random.randbytes(random.randint(1, 4)) + after),
    "byte changed": at_place(lambda before, after, random: before + bytes([random.randrange(256)]) + after[1:]),
    "cut": at_place(lambda before, after, random: before),
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
    "figure": at_cell(other_figure),
    "figure in TOML": at_value(other_figure),
    "cell zero or one": at_cell(one_of(("0", "1", "0.5", "2", "1e-9", "1e6", "10000", "2026", "true", "false"))),
    "cell a text": at_cell(one_of(TEXTS, FORMULAS, OUTSIDE, QUOTED)),
    "TOML value": at_value(one_of(TOML)),
    "TOML number": at_value(one_of(NUMBERS, ("0", "1", "0.5", "2", "1e-9", "1e6", "2026", "true", "false", "1e30"))),
    "TOML broken": at_toml(break_toml),
    "TOML key": at_entry(other_key),
    "TOML line deleted": at_toml(delete_lines),
    "TOML line repeated": at_toml(repeat_line),
    "TOML line cut": at_toml(cut_line),
    "TOML of megabytes": at_toml(long_title),
}  # fmt: skip
OFTEN = {"figure": 3, "cell a number": 2, "cell a text": 2, "figure in TOML": 2, "TOML value": 2, "TOML broken": 2}
"""Changes that have more than one turn."""

TURNS = tuple(name for name in CHANGES for _ in range(OFTEN.get(name, 1)))
"""The changes in the order in which the mutations take them."""

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
    folder = sound(place, number + number // len(TURNS))
    names = [TURNS[number % len(TURNS)]]
    if random.random() < 0.25:
        names += random.sample(TURNS, random.randint(1, 2))
    for name in sorted(names, key=lambda name: name in LAST):
        with contextlib.suppress(IndexError):  # an earlier change took what this one needs
            CHANGES[name](folder, random)
    return folder, random
