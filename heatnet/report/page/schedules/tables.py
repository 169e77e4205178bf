"""Tables of a comparison: the schedules side by side, the price by term, security by district, proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from heatnet.report.page.headline import SHORT_MW
from heatnet.report.page.plan import at
from heatnet.report.page.schedules.answers import least_kept
from heatnet.report.page.schedules.comparison import Comparison, Member
from heatnet.report.page.style import difference, figures
from heatnet.report.page.tables import BROKEN, KEPT, Table
from heatnet.report.page.words import Words

BLANK = "–"
Row = tuple[str, list[str]]


def overview(comparison: Comparison, words: Words) -> Table:
    """What every schedule comes to, a column each; one without a plan has its state and dashes."""
    rows = [_states(comparison, words), *_money(comparison, words)]
    for what in ("closes", "built"):
        rows += _changes(comparison, what, words)
    rows += [*_totals(comparison, words), *_warmth(comparison, words), *_prices(comparison, words)]
    head = ["", *[f"{member.letter} {member.name}" for member in comparison.members]]
    return Table(head, [[name, *cells] for name, cells in rows])


def _row(comparison: Comparison, name: str, cell: Callable[[Member], str]) -> Row:
    """A row of which only schedules with a plan have cells."""
    return _cells(comparison, name, {one.name: cell(one) for one in comparison.planned})


def _cells(comparison: Comparison, name: str, cells: Mapping[str, str]) -> Row:
    """A row of cells by schedule, blank where there is none."""
    return name, [cells.get(one.name, BLANK) for one in comparison.members]


def _column(comparison: Comparison, name: str, column: str) -> Row:
    """A column of `schedules.csv` as a row."""
    return _row(comparison, name, lambda one: shown(comparison.summary[column][one.name]))


def shown(value: float) -> str:
    """A number, a dash where there is none."""
    return BLANK if pd.isna(value) else figures(float(value))


def _states(comparison: Comparison, words: Words) -> Row:
    status, met = comparison.summary["status"], comparison.summary["met"]
    cells = []
    for one in comparison.members:
        if one.subject.plan is None:
            cells.append(f"{BROKEN} {words(f'status_{status[one.name]}')}")
        else:
            cells.append(f"{KEPT} {words('all_met')}" if met[one.name] else f"≈ {words('not_all_met')}")
    return words("o_plan"), cells


def _money(comparison: Comparison, words: Words) -> list[Row]:
    base, money = comparison.base, comparison.money

    def against(one: Member) -> str:
        interval = comparison.interval(one.name, base.name)
        return BLANK if interval is None or one.name == base.name else difference(interval[0])

    def between(one: Member) -> str:
        interval = comparison.interval(one.name, base.name)
        if interval is None or one.name == base.name:
            return BLANK
        least, most = (difference(value) if abs(value) < float("inf") else "?" for value in interval[1:])
        text = words("interval", least=least, most=most)
        decided = interval[1] > 0.0 or interval[2] < 0.0
        return text if decided else words("undecided", text=text)

    def gap(one: Member) -> str:
        value = comparison.summary["gap_share"][one.name]
        return BLANK if pd.isna(value) else f"{float(value):.2%}"

    currency = comparison.currency
    return [
        _column(comparison, words("o_cost", currency=currency), f"cost_{money}"),
        _row(comparison, words("o_against", base=f"{base.letter} {base.name}"), against),
        _row(comparison, words("o_between"), between),
        _row(comparison, words("o_gap"), gap),
    ]


def _changes(comparison: Comparison, what: str, words: Words) -> list[Row]:
    """MW of heat that closes or is built, in all and by stage."""
    sums = {
        name: plan.changes[plan.changes["what"] == what].groupby("stage")["heat_mw"].sum()
        for name, plan in comparison.plans.items()
    }
    rows = [_row(comparison, words(f"o_{what}"), lambda one: f"{sums[one.name].sum():,.0f}")]
    for year in comparison.years:
        if any(year in found.index for found in sums.values()):
            cells = {name: f"{found[year]:,.0f}" if year in found.index else BLANK for name, found in sums.items()}
            rows.append(_cells(comparison, words("o_in", stage=comparison.spans[year]), cells))
    return rows


def _totals(comparison: Comparison, words: Words) -> list[Row]:
    rows = [_column(comparison, words(f"o_{key}"), column) for key, column in _ALL_YEARS.items()]
    frame = comparison.frames["renewable"]
    last = frame[frame["stage"] == comparison.years[-1]] if len(frame) else frame
    if len(last) and last["target_mm2"].notna().any():
        most = last.groupby("schedule")[["renewable_mm2", "target_mm2"]].max()

        def renewable(one: Member) -> str:
            target = at(most, one.name, "target_mm2")
            told = "" if pd.isna(target) else f" ({figures(target)})"
            return figures(at(most, one.name, "renewable_mm2")) + told

        rows.append(_row(comparison, words("o_renewable", stage=comparison.spans[comparison.years[-1]]), renewable))
    return rows


_ALL_YEARS = {"co2": "co2_fuel_mt", "coal": "coal_twh", "gas": "gas_twh"}


def _warmth(comparison: Comparison, words: Words) -> list[Row]:
    def warm(one: Member) -> str:
        short = comparison.plans[one.name].report.design_margin["shortfall_mw"].max()
        return _short(float(short), words)

    def lost(one: Member) -> str:
        missing = comparison.plans[one.name].solution.security["missing_mw"]
        return _short(float(missing.max()), words) if len(missing) else words("not_asked")

    def kept(one: Member) -> str:
        row = least_kept(comparison, one.name)
        return BLANK if row is None else f"{row.share:.0%}"

    celsius = f"{comparison.instance.header.season.design_outdoor_c:g}".replace("-", "−")
    return [
        _row(comparison, words("o_warm", celsius=celsius), warm),
        _row(comparison, words("o_lost"), lost),
        _row(comparison, words("o_kept"), kept),
    ]


def _short(mw: float, words: Words) -> str:
    return f"{BROKEN} {words('short_up_to', mw=figures(mw))}" if mw >= SHORT_MW else f"{KEPT} {words('kept')}"


def _prices(comparison: Comparison, words: Words) -> list[Row]:
    currency = comparison.currency
    unit = f"unit_cost_{currency.lower()}_per"

    def peak(one: Member) -> str:
        value = comparison.summary[f"peak_investment_{comparison.money}_per_year"][one.name]
        stage = comparison.summary["peak_investment_stage"][one.name]
        when = "" if pd.isna(stage) else f" ({comparison.spans[int(stage)]})"
        return shown(value) + when

    return [
        _column(comparison, words("o_gj", currency=currency), f"{unit}_gj"),
        _column(comparison, words("o_m2", currency=currency), f"{unit}_m2_season"),
        _row(comparison, words("o_peak", currency=currency), peak),
        _column(comparison, words("o_stranded", currency=currency), f"stranded_{comparison.money}"),
    ]


def terms(comparison: Comparison, words: Words) -> Table:
    """Every term of the base, and what the others cost more or less, million; the sum is the last row."""
    base = comparison.base
    others = [one for one in comparison.planned if one.name != base.name]
    costs = {one.name: comparison.costs(one.name) for one in comparison.planned}
    table = pd.DataFrame(costs).fillna(0.0)
    table = table[table.abs().max(axis=1) > 0.0]
    rows = [
        [
            words(f"term_{term}"),
            figures(at(table, term, base.name)),
            *[difference(at(table, term, one.name) - at(table, term, base.name)) for one in others],
        ]
        for term in table.index
    ]
    sums = table.sum()
    last = [figures(float(sums[base.name])), *[difference(float(sums[one.name] - sums[base.name])) for one in others]]
    head = ["", *[f"{one.letter} {one.name}" for one in (base, *others)]]
    return Table(head, [*rows, [words("sum"), *last]], last_is_sum=True)


def contingencies(comparison: Comparison, words: Words) -> Table:
    """The design hour and the loss of every source or line: the worst stage of every schedule."""
    named: list[tuple[str, str | None]] = [(words("design_hour"), None)]
    named += [(words.name(record, record.id), record.id) for record in comparison.instance.contingencies]
    rows = []
    for name, lost in named:
        cells = {one.name: _worst(comparison, one, lost, words) for one in comparison.planned}
        rows.append(_cells(comparison, name, cells))
    head = ["", *[f"{member.letter} {member.name}" for member in comparison.members]]
    return Table(head, [[name, *cells] for name, cells in rows])


def _worst(comparison: Comparison, member: Member, contingency: str | None, words: Words) -> str:
    plan = comparison.plans[member.name]
    if contingency is None:
        missing = plan.report.design_margin.set_index("stage")["shortfall_mw"]
    else:
        frame = plan.solution.security
        missing = frame[frame["contingency"] == contingency].set_index("stage")["missing_mw"]
    most = float(missing.max()) if len(missing) else 0.0
    when = f" ({comparison.spans[int(str(missing.idxmax()))]})" if most >= SHORT_MW else ""
    return _short(most, words) + when


def districts(comparison: Comparison, words: Words) -> Table:
    """Node by node: whether it is served in the design hour, and the least that it keeps when an element is lost."""
    frame = comparison.frames["districts"]
    rows = []
    for node in comparison.instance.demand_nodes:
        name = words.name(comparison.instance.node[node], node)
        own = frame[frame["node"] == node]
        cells = {one: _district(comparison, own[own["schedule"] == one]) for one in comparison.plans}
        rows.append(_cells(comparison, name, cells))
    head = ["", *[f"{member.letter} {member.name}" for member in comparison.members]]
    return Table(head, [[name, *cells] for name, cells in rows])


def _district(comparison: Comparison, rows: pd.DataFrame) -> str:
    rows = rows[rows["design_demand_mw"] > 0.0]
    if not len(rows):
        return BLANK
    short, lost = float(rows["shortfall_mw"].max()), rows[rows["n1_contingency"] != ""]
    parts = [f"−{figures(short)} MW"] if short >= SHORT_MW else ["100%"]
    held = True
    if len(lost):
        share = (lost["n1_mw"] / lost["design_demand_mw"]).reset_index(drop=True)
        place = int(share.to_numpy().argmin())
        stage = comparison.spans[int(lost["stage"].iloc[place])]
        parts.append(f"{share.iloc[place]:.0%} ({stage})")
        held = bool((lost["n1_mw"] >= lost["guaranteed_mw"] - SHORT_MW).all())
    return f"{KEPT if held and short < SHORT_MW else BROKEN} {' · '.join(parts)}"


def proofs(comparison: Comparison, words: Words) -> Table:
    """Cost, bound and gap of every schedule, who found them, and what judging them again gave."""
    table, money = comparison.summary, comparison.money
    rows = []
    for one in comparison.members:
        told, gap = one.subject.summary, table["gap_share"][one.name]
        faults = len(one.subject.faults)
        rows.append(
            [
                f"{one.letter} {one.name}",
                words(f"status_{table['status'][one.name]}"),
                shown(table[f"cost_{money}"][one.name]),
                shown(table[f"bound_{money}"][one.name]),
                BLANK if pd.isna(gap) else f"{float(gap):.2%}",
                BLANK if one.subject.plan is None else words("p_faults", number=faults) if faults else words("p_sound"),
                _claims(one, words),
                str(told["solver"]),
                f"{float(table['seconds'][one.name]):,.0f}",
            ]
        )
    keys = ("p_schedule", "o_plan", "claim_cost", "claim_bound", "p_gap", "p_checked", "p_claims", "p_solver")
    return Table([*[words(key) for key in keys], words("claim_seconds")], rows)


def _claims(member: Member, words: Words) -> str:
    told = member.subject.certificate
    if told is None:
        return words("p_none")
    return words("p_contradict") if told["contradictions"] else words("p_agree", number=len(told["claims"]))
