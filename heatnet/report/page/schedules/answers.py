"""A comparison in words, schedule by schedule: what it costs against the base, and the questions of a result."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from heatnet.report.page import headline
from heatnet.report.page.headline import Answer
from heatnet.report.page.plan import Plan, rows_of
from heatnet.report.page.schedules.comparison import Comparison, Member
from heatnet.report.page.schedules.waterfall import by_group
from heatnet.report.page.style import figures
from heatnet.report.page.words import Words


def answers(comparison: Comparison, member: Member, words: Words) -> list[Answer]:
    """What somebody who reads nothing else should take along of a schedule."""
    plan = member.subject.plan
    if plan is None:
        return [_no_plan(comparison, member, words)]
    return [
        _cost(comparison, member, words),
        _closes(comparison, member, plan, words),
        _opens(comparison, member, plan, words),
        _warm(comparison, member, plan, words),
        _sure(comparison, member, words),
    ]


def _no_plan(comparison: Comparison, member: Member, words: Words) -> Answer:
    status = str(comparison.summary["status"][member.name])
    sentences = [words("no_plan_of", schedule=member.title(words)), *lacks(comparison, member, words)]
    return Answer("cost", words("q_plan"), words(f"status_{status}"), sentences, "bad")


def lacks(comparison: Comparison, member: Member, words: Words, most: int = 6) -> list[str]:
    """What a schedule does not meet, of each kind the largest first."""
    frame = comparison.frames["missing"]
    own = frame[frame["schedule"] == member.name].sort_values("amount", ascending=False, kind="stable")
    told = [_lack(comparison, row, words) for row in rows_of(own)]
    return told[:most] + ([words("and_more", number=len(told) - most)] if len(told) > most else [])


def _lack(comparison: Comparison, row: Any, words: Words) -> str:
    what, instance = str(row.what), comparison.instance
    if what in ("infeasible", "plan", "unsound"):
        return words(f"missing_{what}")
    name = str(row.id)
    if what == "contingency":
        name = next((words.name(record, name) for record in instance.contingencies if record.id == name), name)
    elif name in instance.node:
        name = words.name(instance.node[name], name)
    stage = "" if pd.isna(row.stage) else comparison.spans[int(row.stage)]
    return words(f"missing_{what}", name=name, amount=f"{figures(float(row.amount))} {row.unit}", stage=stage)


def _cost(comparison: Comparison, member: Member, words: Words) -> Answer:
    base, told, currency = comparison.base, comparison.told, comparison.currency
    table = comparison.summary
    cost = {name: float(table[f"cost_{comparison.money}"][name]) for name in comparison.plans}
    last = told["stages"][-1]
    years = {"first": comparison.years[0], "last": last["year"] + last["span_years"] - 1, "year": told["base_year"]}
    if member.name == base.name:
        sentences = [
            words("is_base", schedule=member.title(words)),
            words("cost", **years),
            *_unit_costs(comparison, member, words),
        ]
        return Answer("cost", words("q_cost"), words.money(cost[member.name], currency), sentences)
    interval = comparison.interval(member.name, base.name)
    assert interval is not None, "both have plans"
    total, least, most = interval
    sentences = [
        words(
            "costs_against",
            one=member.title(words),
            other=base.title(words),
            cost=words.money(cost[member.name], currency),
            against=words.money(cost[base.name], currency),
            **years,
        ),
        _proved(least, most, currency, words),
    ]
    groups = sorted(by_group(comparison, member.name, base.name).items(), key=lambda item: -abs(item[1]))
    parts = [words("part", name=words(f"cost_{name}"), amount=words.change(v, currency)) for name, v in groups[:4]]
    sentences += [words("mainly", what=words.list(parts))] if parts else []
    sentences += [*_unit_costs(comparison, member, words), *_fuels(comparison, member, words)]
    decided = least > 0.0 or most < 0.0
    return Answer(
        "cost",
        words("q_price"),
        words.change(total, currency),
        sentences,
        "plain" if decided else "doubtful",
    )


def _proved(least: float, most: float, currency: str, words: Words) -> str:
    if not (math.isfinite(least) and math.isfinite(most)):
        return words("difference_open")
    decided = least > 0.0 or most < 0.0 or least == most
    key = "difference_proved" if decided else "difference_at_most" if least == 0.0 else "difference_undecided"
    return words(key, least=words.change(least, currency), most=words.change(most, currency))


def _unit_costs(comparison: Comparison, member: Member, words: Words) -> list[str]:
    currency, table = comparison.currency, comparison.summary
    columns = [f"unit_cost_{currency.lower()}_per_{unit}" for unit in ("gj", "m2_season")]
    own, base = ([float(table[column][name]) for column in columns] for name in (member.name, comparison.base.name))
    if member.name == comparison.base.name:
        return [words("unit_cost", gj=figures(own[0]), m2=figures(own[1]), currency=currency)]
    values = {"gj": figures(own[0]), "m2": figures(own[1]), "gj_base": figures(base[0]), "m2_base": figures(base[1])}
    return [words("unit_cost_against", currency=currency, **values)]


def _fuels(comparison: Comparison, member: Member, words: Words) -> list[str]:
    table, base = comparison.summary, comparison.base.name
    columns = (("co2_fuel_mt", "Mt"), ("coal_twh", "TWh"), ("gas_twh", "TWh"))
    parts = []
    for column, unit in columns:
        one, other = float(table[column][member.name]), float(table[column][base])
        if max(one, other) > 0.0:
            parts.append(words(f"{column}_is", one=figures(one), other=figures(other), unit=unit))
    return [words("all_years", what=words.list(parts))] if parts else []


def _with_base(comparison: Comparison, member: Member, what: str, words: Words) -> list[str]:
    """What the base does of the same kind, so that nobody puts it down to the schedule."""
    base = comparison.base
    if member.name == base.name:
        return []
    changes = comparison.plans[base.name].changes
    own = changes[changes["what"] == what]
    amount = words("machines_heat", number=int(own["machines"].sum()), heat=f"{own['heat_mw'].sum():,.0f}")
    return [words("with_base", schedule=base.title(words), what=amount if len(own) else words("nothing"))]


def _closes(comparison: Comparison, member: Member, plan: Plan, words: Words) -> Answer:
    own = headline.closes(plan, words)
    own.sentences.extend(_with_base(comparison, member, "closes", words))
    return own


def _opens(comparison: Comparison, member: Member, plan: Plan, words: Words) -> Answer:
    own = headline.opens(plan, words)
    own.sentences.extend(_with_base(comparison, member, "built", words))
    return own


def least_kept(comparison: Comparison, name: str) -> Any:
    """The row of `districts.csv` of the node that keeps least of its load, `share`, when an element is lost."""
    frame = comparison.frames["districts"]
    own = frame[(frame["schedule"] == name) & (frame["n1_contingency"] != "") & (frame["design_demand_mw"] > 0.0)]
    if not len(own):
        return None
    kept = own.assign(share=own["n1_mw"] / own["design_demand_mw"]).sort_values("share", kind="stable")
    return next(rows_of(kept))


def _warm(comparison: Comparison, member: Member, plan: Plan, words: Words) -> Answer:
    own = headline.warm(plan, words)
    row = least_kept(comparison, member.name)
    if row is not None:
        lost = {record.id: record for record in comparison.instance.contingencies}[str(row.n1_contingency)]
        node = comparison.instance.node[str(row.node)]
        own.sentences.append(
            words(
                "least_kept",
                share=f"{row.share:.0%}",
                node=words.name(node, node.id),
                stage=comparison.spans[int(row.stage)],
                lost=words.name(lost, lost.id),
            )
        )
    return own


def _sure(comparison: Comparison, member: Member, words: Words) -> Answer:
    table, base = comparison.summary, comparison.base
    sentences = []
    for one in dict.fromkeys((member.name, base.name)):
        gap = table["gap_share"][one]
        who = comparison.member[one].title(words)
        sentences.append(
            words("gap_unknown", schedule=who)
            if pd.isna(gap)
            else words("gap_of", schedule=who, gap=f"{float(gap):.2%}")
        )
    faults = sum(len(one.subject.faults) for one in comparison.planned)
    sentences.append(words("checked_faults", number=faults) if faults else words("checked_all"))
    sentences += headline.seen_through(member.subject, words)
    gaps = table["gap_share"][list(dict.fromkeys((member.name, base.name)))]
    if gaps.isna().any():
        figure = words("status_feasible")
    else:
        figure = words("gap", gap=f"{gaps.max():.1%}") if gaps.max() >= 0.0005 else words("best")
    proved = bool((table["status"][gaps.index] == "optimal").all())
    mark = "bad" if faults else "good" if proved else "doubtful"
    return Answer("sure", words("q_sure"), figure, sentences, mark)
