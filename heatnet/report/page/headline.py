"""The result in words: what it costs, what closes, what replaces it, whether all stay warm, how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from heatnet.instance.records import MARKS, TABLES
from heatnet.report.page.plan import Plan, Subject, at
from heatnet.report.page.words import Words

SHORT_MW = 0.05
SHORT_GWH = 0.05


@dataclass(frozen=True)
class Answer:
    """One question that the page answers first: `mark` is good, doubtful, bad or plain."""

    key: str
    question: str
    figure: str
    sentences: list[str]
    mark: str = "plain"


def answers(subject: Subject, words: Words) -> list[Answer]:
    """What somebody who reads nothing else should take along."""
    plan = subject.plan
    if plan is None:
        return [_no_plan(subject, words)]
    return [
        _cost(subject, plan, words),
        closes(plan, words),
        opens(plan, words),
        warm(plan, words),
        _sure(subject, words),
    ]


def _no_plan(subject: Subject, words: Words) -> Answer:
    status = str(subject.summary["status"])
    sentences = [
        words(f"no_plan_{status}" if status == "infeasible" else "no_plan", reason=subject.summary["stop_reason"])
    ]
    rules = [rule.id for rule in subject.instance.header.rules if rule.enabled]
    if status == "infeasible" and rules:
        sentences.append(words("hard_rules", rules=words.list(rules)))
    return Answer("cost", words("q_plan"), words(f"status_{status}"), sentences, "bad")


def _cost(subject: Subject, plan: Plan, words: Words) -> Answer:
    header, costs = plan.instance.header, plan.report.costs
    last = plan.instance.stages[-1]
    total = float(costs["value_mcur"].sum())
    schedule = subject.instance.schedule
    said = words("cost", first=plan.years[0], last=last.year + last.span_years - 1, year=header.base_year)
    sentences = [said]
    if schedule is not None:
        name = words.either(schedule.title, schedule.title_local, str(subject.instance.schedule_name))
        sentences.append(words("under_schedule", schedule=name))
    sold = -float(costs.loc[costs["term"].isin(["power_sold", "heat_sold"]), "value_mcur"].sum())
    if sold >= SHORT_MW:
        sentences.append(words("of_which_sold", sold=words.money(sold, header.currency)))
    emissions = plan.report.emissions
    co2 = (emissions["co2_fuel_t"] + emissions["co2_grid_t"]).tolist()
    kilotonnes = [f"{value / 1000:,.0f}" for value in (co2[0], co2[-1])]
    sentences.append(words("co2_change", first=kilotonnes[0], last=kilotonnes[1], a=plan.years[0], b=plan.years[-1]))
    return Answer("cost", words("q_cost"), words.money(total, header.currency), sentences)


def _amounts(plan: Plan, rows: pd.DataFrame, words: Words, most: int = 4) -> str:
    """Machines and MW by kind of source, the largest first."""
    kinds = rows["unit"].map({name: source.key for name, source in plan.source_of.items()})
    table = rows.groupby(kinds)[["machines", "heat_mw"]].sum().sort_values("heat_mw", ascending=False, kind="stable")
    looks = {source.key: source for source in plan.source_of.values()}
    parts = [
        words(
            "amount",
            name=looks[str(key)].name(words, plan.instance),
            number=int(row["machines"]),
            heat=f"{row['heat_mw']:,.0f}",
        )
        for key, row in table.head(most).iterrows()
    ]
    more = table.iloc[most:]
    parts += (
        [words("amount_other", number=int(more["machines"].sum()), heat=f"{more['heat_mw'].sum():,.0f}")]
        if len(more)
        else []
    )
    return words.list(parts)


def closes(plan: Plan, words: Words) -> Answer:
    """What leaves in which stage, and what goes into reserve."""
    closed = plan.changes[plan.changes["what"] == "closes"]
    reserve = plan.changes[plan.changes["what"] == "reserve"]
    sentences = []
    for year in plan.years:
        now = closed[closed["stage"] == year]
        if len(now):
            sentences.append(words("in_stage", stage=plan.spans[year], what=_amounts(plan, now, words, 3)))
    if len(reserve):
        sentences.append(words("into_reserve", what=_amounts(plan, reserve, words, 3)))
    number, heat = int(closed["machines"].sum()), float(closed["heat_mw"].sum())
    figure = words("nothing")
    if number:
        by_stage = closed.groupby("stage")["heat_mw"].sum()
        key = "machines_in" if len(by_stage) == 1 else "machines_most_in"
        most = plan.spans[int(str(by_stage.idxmax()))]
        figure = words(key, what=words("machines_heat", number=number, heat=f"{heat:,.0f}"), stage=most)
    return Answer("closes", words("q_closes"), figure, sentences)


def opens(plan: Plan, words: Words) -> Answer:
    """What is built, fitted and laid, and whose share of the heat grows or shrinks."""
    built = plan.changes[plan.changes["what"] == "built"]
    sentences = [words("built", what=_amounts(plan, built, words))] if len(built) else []
    fitted = plan.solution.retrofits[plan.solution.retrofits["new_machines"] > 0]
    if len(fitted):
        sentences.append(words("fitted", number=int(fitted["new_machines"].sum())))
    pipes = plan.solution.pipes
    km = {pipe.id: pipe.length_km for pipe in plan.instance.pipes}
    laid = float((pipes["pipe"].map(km) * pipes["new_pairs"]).sum())
    if laid:
        sentences.append(words("laid", km=f"{laid:,.0f}", number=pipes.loc[pipes["new_pairs"] > 0, "pipe"].nunique()))
    table = plan.season_gwh
    share = (table / table.sum()).fillna(0.0)
    grown = (share[plan.years[-1]] - share[plan.years[0]]).sort_values(ascending=False, kind="stable")
    looks = {source.key: source for source in plan.source_of.values()}
    parts = [
        words(
            "share_change",
            name=looks[str(key)].name(words, plan.instance),
            first=f"{at(share, key, plan.years[0]):.0%}",
            last=f"{at(share, key, plan.years[-1]):.0%}",
        )
        for key, change in grown.items()
        if abs(change) >= 0.02
    ]
    if parts:
        sentences.append(words("shares", what=words.list(parts), a=plan.years[0], b=plan.years[-1]))
    heat = float(built["heat_mw"].sum())
    figure = words("new_heat", heat=f"{heat:,.0f}") if heat else words("nothing")
    return Answer("opens", words("q_opens"), figure, sentences)


def warm(plan: Plan, words: Words) -> Answer:
    """Whether all is served in the design hour, whatever is lost, and over the season."""
    design, season = plan.report.design_margin, plan.instance.header.season
    short = design[design["shortfall_mw"] >= SHORT_MW]
    celsius = f"{season.design_outdoor_c:g}".replace("-", "−")
    sentences = []
    if len(short):
        rows = zip(short["stage"], short["shortfall_mw"], short["design_demand_mw"], strict=True)
        where = [
            words("short_in", stage=plan.spans[y], mw=f"{mw:,.1f}", share=percent(mw / load)) for y, mw, load in rows
        ]
        sentences.append(words("warm_short", celsius=celsius, where=words.list(where)))
    else:
        least = f"{design['margin_share'].min():.1%}"
        sentences.append(words("warm_all", celsius=celsius, margin=least))
    security = plan.solution.security
    lacking = security[security["missing_mw"] >= SHORT_MW]
    number = security["contingency"].nunique()
    if number:
        shares = sorted({plan.instance.guarantee_share(node) for node in plan.instance.demand_nodes})
        told = "–".join(f"{share:.0%}" for share in dict.fromkeys((shares[0], shares[-1])))
        key = "security_short" if len(lacking) else "security_kept"
        worst = f"{security['missing_mw'].max():,.0f}"
        sentences.append(words(key, number=number, share=told, worst=worst))
    else:
        sentences.append(words("security_none"))
    districts = plan.solution.districts
    unserved = districts["unserved_mwh"].sum() / 1000.0
    if unserved >= SHORT_GWH:
        share = unserved / max(districts["demand_mwh"].sum() / 1000.0, 1e-9)
        sentences.append(words("unserved_season", gwh=f"{unserved:,.1f}", share=percent(share)))
    bad = bool(len(short)) or bool(len(lacking))
    small = bad and not len(lacking) and float((short["shortfall_mw"] / short["design_demand_mw"]).max()) < 0.001
    mark = "doubtful" if small else "bad" if bad else "good"
    worst_share = percent(float((short["shortfall_mw"] / short["design_demand_mw"]).max())) if len(short) else ""
    figure = words({"doubtful": "nearly", "bad": "no", "good": "yes"}[mark], share=worst_share)
    return Answer("warm", words("q_warm", celsius=celsius), figure, sentences, mark)


def _sure(subject: Subject, words: Words) -> Answer:
    told, currency = subject.summary, subject.instance.header.currency
    sentences = []
    if told["gap"] is not None:
        bound = words.money(float(told["bound"]), currency)
        sentences.append(words("bound", bound=bound, gap=f"{told['gap']:.2%}"))
    else:
        sentences.append(words("no_bound"))
    sound = not subject.faults
    sentences.append(words("checked_sound") if sound else words("checked_faults", number=len(subject.faults)))
    sentences += seen_through(subject, words)
    if subject.certificate is not None:
        wrong = len(subject.certificate["contradictions"])
        number = len(subject.certificate["claims"])
        sentences.append(words("contradicted" if wrong else "certified", number=number))
        sound = sound and not wrong
    figure = (
        words("gap" if told["gap"] >= 0.0005 else "best", gap=f"{told['gap']:.1%}")
        if told["gap"] is not None
        else words("status_feasible")
    )
    mark = "bad" if not sound else "good" if told["status"] == "optimal" else "doubtful"
    return Answer("sure", words("q_sure"), figure, sentences, mark)


def seen_through(subject: Subject, words: Words) -> list[str]:
    """How finely the season is seen, and how well the figures of the instance are founded."""
    options, counts = subject.summary["options"], marks(subject)
    every = sum(counts.values())
    return [
        words(
            "resolution",
            days=options["days"],
            season=subject.instance.series.days,
            hours=options["step_hours"],
        ),
        words("assumed", share=f"{counts['assumed'] / max(every, 1):.0%}", rows=f"{every:,}"),
    ]


def percent(share: float) -> str:
    """A small share with the two figures that count."""
    return f"{100 * share:.2g}%"


def marks(subject: Subject) -> dict[str, int]:
    """Rows of the instance by the mark that their source begins with."""
    rows = [row for table in TABLES for row in getattr(subject.instance, table)]
    found = [row.source.split(":")[0] for row in rows]
    return {mark: found.count(mark) for mark in MARKS}
