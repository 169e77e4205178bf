"""What a person sees at the end of a solve: one screen that tells the plan."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from heatnet.instance import Instance
from heatnet.solution import Solution
from heatnet.solve import Result

LABELS = {
    "fixed": "fixed costs",
    "start_up": "start-up",
    "power_sold": "power sold",
    "power_bought": "power bought",
    "heat_sold": "heat sold",
    "demand_side": "demand side",
    "unserved": "unserved heat",
}
"""Cost terms whose name alone would not read well; every label fits a terminal of 80 columns."""

MANY_LINES = 40
"""Lines that change in one stage, from which on they are told by type: a street network has thousands."""


def page_width(result: Result) -> int:
    """Columns that the tables need: figures are never cut, however many stages there are."""
    return 17 + 9 * (len(result.instance.stages) + 1)


def summary_page(result: Result) -> RenderableType:
    """Headline, costs, what closes and opens, heat by source, security and CO2; only the headline without a plan."""
    solution = result.answer.solution
    if solution is None or result.report is None:
        return _headline(result)
    return Group(
        _headline(result),
        _costs(result),
        _changes(result, solution),
        _heat(result, solution),
        _security(result, solution),
        *_limits(result),
    )


def _headline(result: Result) -> Text:
    """Four lines: whose plan, how sure, checked with what outcome, solved at what size and speed."""
    answer, header, instance = result.answer, result.instance.header, result.instance
    grid, size = result.grid, answer.size
    schedule = f", schedule {instance.schedule_name}" if instance.schedule_name else ""
    text = Text(f"{header.title}{schedule}\n", "bold")
    colour = {"optimal": "green", "feasible": "yellow"}.get(result.status, "red")
    text.append(result.status, f"bold {colour}")
    text.append(f" ({answer.stop_reason})", "not bold")
    if answer.cost is not None:
        shown = _decimals(answer.cost)
        text.append(f", cost {answer.cost:,.{shown}f}", "bold")
    if answer.bound is not None:
        shown = _decimals(answer.bound if answer.cost is None else answer.cost)
        text.append(f", bound {answer.bound:,.{shown}f} million {header.currency}", "not bold")
    if result.gap is not None:
        text.append(f", gap {result.gap:.2%}", "not bold")
    if result.report is not None:
        wrong = len(result.report.violations)
        verdict = f"\nchecked: {wrong} violations, the checker's cost agrees to {result.cost_difference:.0e}"
        text.append(verdict, "bold red" if result.refused else "not bold")
    if result.report is not None:
        design = result.report.design_margin
        short = design[design["shortfall_mw"] >= 0.05]
        if len(short):
            places = ", ".join(
                f"{mw:,.1f} MW in {year}" for year, mw in zip(short["stage"], short["shortfall_mw"], strict=True)
            )
            text.append(f"\nNOT KEPT WARM in the design hour: short of {places}", "bold red")
    if answer.solution is not None:
        lacking = answer.solution.districts.groupby("stage")["unserved_mwh"].sum() / 1000.0
        places = ", ".join(f"{gwh:,.1f} GWh in {year}" for year, gwh in lacking.items() if gwh >= 0.05)
        if places:
            text.append(f"\nNOT SERVED over a season: {places}", "bold red")
    if result.status == "infeasible":
        text.append(
            f"\nno plan can meet all of: {', '.join(_hard(instance)) or 'the rows of the instance'}", "not bold"
        )
    parts = ((len(instance.stages), "stage"), (len(grid.days), "day"), (len(grid.steps), "step"))
    resolution = " × ".join(f"{number} {word}{'s' if number > 1 else ''}" for number, word in parts)
    text.append(f"\n{resolution} of ", "not bold")
    text.append(f"{grid.step_hours} h: ", "not bold")
    if size:
        text.append(f"{size['rows']:,} rows, {size['integers']:,} integers; ", "not bold")
    text.append(f"{sum(result.seconds.values()):.0f} s, {result.peak_rss_mb:,.0f} MB", "not bold")
    return text


def _hard(instance: Instance) -> list[str]:
    """What a plan must keep at any price: where to look when there is none."""
    header, units = instance.header, instance.units
    hard = [f"rule {rule.id}" for rule in header.rules if rule.enabled]
    hard += [f"firm power in {s.year}" for s in header.stages if s.firm_power_mw is not None]
    hard += [f"schedule {instance.schedule_name}"] if instance.schedule and instance.schedule.retirements else []
    hard += sorted({f"group {unit.group}" for unit in units if unit.group is not None})
    hard += sorted(f"{unit.id} waits for {unit.leaves_after_pipe}" for unit in units if unit.leaves_after_pipe)
    hard += sorted(f"{unit.id} must run" for unit in units if instance.technology[unit.technology].must_run)
    return hard


def _titled(title: str, table: Table) -> Group:
    """A table under a title that may be wider than the table."""
    return Group(Text(f"\n{title}", "bold"), table)


def _table(columns: Iterable[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", overflow="fold")
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _years(result: Result) -> list[str]:
    return [
        str(s.year) if s.span_years == 1 else f"{s.year}–{str(s.year + s.span_years - 1)[2:]}"
        for s in result.instance.stages
    ]


def _number(value: float, decimals: int = 1) -> str:
    """A figure of a table: with `decimals` below 100, whole above; a dash where nothing of it would be seen."""
    if abs(value) < 0.5 * 10.0**-decimals:
        return "–"
    return f"{value:,.{decimals}f}" if abs(value) < 100 else f"{value:,.0f}"


def _decimals(largest: float) -> int:
    """Decimals that leave about four figures of the largest number, one at least."""
    return min(max(4 - math.ceil(math.log10(max(abs(largest), 1e-6) + 1e-12)), 1), 9)


def _costs(result: Result) -> Group:
    assert result.report is not None
    frame = result.report.costs.pivot_table(index="term", columns="stage", values="value_mcur", sort=False)
    header = result.instance.header
    table = _table([*_years(result), "total"])
    totals = frame.sum()
    decimals = _decimals(float(totals.sum()))
    for term, row in frame.iterrows():
        if row.abs().max() >= 0.5 * 10.0**-decimals:
            cells = [_number(value, decimals) for value in (*row, float(row.sum()))]
            table.add_row(LABELS.get(str(term), str(term)), *cells)
    table.add_section()
    table.add_row("sum", *[_number(value, decimals) for value in (*totals, float(totals.sum()))], style="bold")
    return _titled(f"Cost by item, million {header.currency} of {header.base_year}, discounted", table)


def _changes(result: Result, solution: Solution) -> Group:
    """By stage: what closes and what is built, largest first, with the MW of the whole."""
    table = _table([])
    for column in ("closes, goes into reserve", "is built, fitted, converted"):
        table.add_column(column, overflow="fold", ratio=1)
    heat = result.instance.machine_heat_mw
    length_km = {pipe.id: pipe.length_km for pipe in result.instance.pipes}
    steps = _steps(result, solution)
    for stage, name in zip(result.instance.stages, _years(result), strict=True):

        def now(frame: pd.DataFrame, year: int = stage.year) -> pd.DataFrame:
            return frame[frame["stage"] == year]

        units, pipes = now(solution.units), now(solution.pipes)
        gone = dict(zip(units["unit"], units["retired_machines"], strict=True))
        closed = [
            _units(units, "retired_machines", heat),
            _reserve(now(steps), gone),
            _lines(pipes, "removed_pairs", length_km),
        ]
        built = [
            _units(units, "new_machines", heat),
            _fitted(now(solution.retrofits)),
            _lines(pipes, "new_pairs", length_km),
            _stores(now(solution.stores)),
            _demand_side(now(steps), now(solution.envelopes)),
        ]
        table.add_row(name, _joined(closed), _joined(built))
    return _titled("What closes and what is built", table)


def _steps(result: Result, solution: Solution) -> pd.DataFrame:
    """What changes from one stage to the next: stage, what (reserve, regime, connected), id, to.

    `to` is the new value, for reserve the number of machines that come into it (negative: that leave it).
    """
    rows = []
    kept_back = solution.units[["stage", "unit", "reserve_machines"]]
    regimes, districts = solution.regimes, solution.districts[["stage", "node", "connected"]]
    first = {("regime", zone.id): zone.regimes[0] for zone in result.instance.zones if zone.regimes}
    before: dict[tuple[str, str], Any] = dict(first)
    for what, frame in (("reserve", kept_back), ("regime", regimes), ("connected", districts)):
        for stage, name, value in frame.sort_values("stage", kind="stable").itertuples(index=False):
            start = 1 if what == "connected" and name not in result.instance.connection else 0
            last = before.get((what, name), start)
            if last != value:
                rows.append((stage, what, name, value - last if what == "reserve" else value))
            before[what, name] = value
    return pd.DataFrame(rows, columns=["stage", "what", "id", "to"])


def _of(steps: pd.DataFrame, what: str) -> list[tuple[str, Any]]:
    rows = steps[steps["what"] == what]
    return list(zip(rows["id"], rows["to"], strict=True))


def _reserve(steps: pd.DataFrame, gone: Mapping[str, int]) -> str:
    """Machines that go into reserve, and those that come back from it: those that leave for good stand elsewhere."""
    moves = [(unit, int(number)) for unit, number in _of(steps, "reserve")]
    into = ", ".join(f"{unit} ×{number}" for unit, number in moves if number > 0)
    back = [(unit, -number - gone[unit]) for unit, number in moves]
    out = ", ".join(f"{unit} ×{number}" for unit, number in back if number > 0)
    return _joined([f"into reserve: {into}" if into else "", f"back from reserve: {out}" if out else ""], "")


def _fitted(retrofits: pd.DataFrame) -> str:
    bought = retrofits[retrofits["new_machines"] > 0]
    rows = zip(bought["unit"], bought["mode"], bought["new_machines"], strict=True)
    return "retrofits: " + ", ".join(f"{unit} {mode} ×{number}" for unit, mode, number in rows) if len(bought) else ""


def _demand_side(steps: pd.DataFrame, envelopes: pd.DataFrame) -> str:
    parts = [f"zone {zone} goes to {regime}" for zone, regime in _of(steps, "regime")]
    parts += [f"{node} is connected" for node, _ in _of(steps, "connected")]
    area = float(envelopes["new_mm2"].sum())
    parts += [f"buildings retrofitted: {area:,.2f} million m²"] if area >= 0.005 else []
    return "\n".join(parts)


def _units(units: pd.DataFrame, column: str, heat: Mapping[str, float]) -> str:
    """MW of heat in all, then each cluster with its machines, largest first."""
    changed = [(str(name), int(number)) for name, number in zip(units["unit"], units[column], strict=True) if number]
    changed.sort(key=lambda item: -heat[item[0]] * item[1])
    if not changed:
        return ""
    total = sum(heat[name] * number for name, number in changed)
    return f"{total:,.0f} MW of heat: " + ", ".join(f"{name} ×{number}" for name, number in changed)


def _lines(pipes: pd.DataFrame, column: str, length_km: Mapping[str, float]) -> str:
    """The lines that change by name; of a street network their number and length, by type."""
    changed = pipes[pipes[column] > 0]
    if not len(changed):
        return ""
    if len(changed) <= MANY_LINES:
        rows = zip(changed["pipe"], changed["type"], changed[column], strict=True)
        return "pipes: " + ", ".join(f"{pipe} {kind} ×{number}" for pipe, kind, number in rows)
    km = (changed["pipe"].map(length_km) * changed[column]).groupby(changed["type"]).sum()
    by_type = ", ".join(f"{kind} {value:,.1f} km" for kind, value in km.sort_values(ascending=False).items())
    return f"{len(changed):,} pipes of {km.sum():,.1f} km: {by_type}"


def _stores(stores: pd.DataFrame) -> str:
    changed = stores[stores["new_mwh"] >= 0.5]
    sizes = zip(changed["store"], changed["new_mwh"], strict=True)
    return "stores: " + ", ".join(f"{name} {size:,.0f} MWh" for name, size in sizes) if len(changed) else ""


def _joined(parts: Sequence[str], nothing: str = "–") -> str:
    return "\n".join(part for part in parts if part) or nothing


def _heat(result: Result, solution: Solution) -> Group:
    """Heat of a season by kind of source, GWh."""
    kind = {unit.id: result.instance.technology[unit.technology].kind for unit in result.instance.units}
    operation = solution.operation
    rows = operation[(operation["kind"] == "unit") & (operation["quantity"] == "heat_mw")]
    weight = rows["day"].map(dict(zip(result.grid.days, result.grid.weight_days, strict=True))).astype(float)
    energy = rows["value"] * weight * result.grid.step_hours / 1000.0
    frame = energy.groupby([rows["id"].map(kind), rows["stage"]]).sum().unstack("stage")
    table = _table(_years(result))
    for name, row in frame.reindex(frame.sum(axis=1).sort_values(ascending=False).index).iterrows():
        if row.max() >= 0.05:
            table.add_row(str(name).replace("_", " "), *[_number(value) for value in row])
    demand = solution.districts.groupby("stage")["demand_mwh"].sum() / 1000.0
    unserved = solution.districts.groupby("stage")["unserved_mwh"].sum() / 1000.0
    table.add_section()
    table.add_row("demand", *[_number(value) for value in demand], style="bold")
    if unserved.max() >= 0.05:
        table.add_row("unserved", *[_number(value) for value in unserved], style="bold red")
    return _titled("Heat by source, GWh a season", table)


def _plain(value: float) -> str:
    """A number as somebody wrote it: thousands parted, no zeros at the end."""
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def _limits(result: Result) -> Iterator[Group]:
    """What every yearly limit speaks of, beside its bounds; nothing where there is none."""
    assert result.report is not None
    limits = result.report.limits
    if not len(limits):
        return
    table = _table(_years(result))
    for (rule, quantity), rows in limits.groupby(["rule", "quantity"], sort=False):
        bounds = rows.iloc[0]
        asked = [f"≥\u00a0{_plain(bounds['least'])}"] if pd.notna(bounds["least"]) else []
        asked += [f"≤\u00a0{_plain(bounds['most'])}"] if pd.notna(bounds["most"]) else []
        values = rows.set_index("stage")["value"]
        cells = [_number(values[s.year]) if s.year in values else "" for s in result.instance.stages]
        table.add_row(f"{rule}: {quantity} {' '.join(asked)}", *cells)
    yield _titled("Yearly limits, and what the plan makes of them", table)


def _security(result: Result, solution: Solution) -> Group:
    assert result.report is not None
    table = _table(_years(result))
    design, emissions = result.report.design_margin, result.report.emissions
    table.add_row("design load, MW", *[_number(value) for value in design["design_demand_mw"]])
    table.add_row("heat loss, MW", *[_number(value) for value in design["loss_mw"]])
    short = [_number(value) for value in design["shortfall_mw"]]
    table.add_row("shortfall, MW", *short, style="red" if design["shortfall_mw"].max() >= 0.05 else "")
    table.add_row("load could grow by", *[f"{round(value, 3) + 0.0:+.1%}" for value in design["margin_share"]])
    if len(solution.security):
        worst = solution.security.groupby("stage")["missing_mw"].max()
        style = "red" if worst.max() >= 0.05 else ""
        table.add_row("contingency lacks, MW", *[_number(value) for value in worst], style=style)
    table.add_section()
    for label, column, unit in (
        ("CO2 of fuels, kt", "co2_fuel_t", 1000.0),
        ("CO2 of power, kt", "co2_grid_t", 1000.0),
        ("SO2, t", "so2_t", 1.0),
        ("NOx, t", "nox_t", 1.0),
        ("dust, t", "pm_t", 1.0),
    ):
        if emissions[column].abs().max() >= 0.05 * unit:
            table.add_row(label, *[_number(value / unit) for value in emissions[column]])
    return _titled("Design hour, and emissions of a season (power: bought less sold)", table)
