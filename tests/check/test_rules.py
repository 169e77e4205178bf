"""The judge on rules that forbid building and bound quantities of a season, and on selections, by hand on the valley.

Sensitivity. Without each of these would go unnoticed:
- bounds just kept and just broken: a quantity of the wrong carrier, weight, unit or sign, or a bound that is too tight.
- years: rules that hold outside of theirs.
- selections: a condition that is not read, or read the wrong way round.
- reserve that counts: machines in reserve that still stand in the way of a rule, or do not where they should.

In 2022: gas 12 · 2 · 1.1 · (1.9 + 12.9) = 390.72 MWh, all of peak boilers; coal 12 · (240 + 240 + 2 · 2 · 60)
= 8640 MWh, 60 being the rotor on day 1; heat of chp 12 · (85 + 60 + 2 · 60) = 3180 MWh; all area, 1.25 Mm², asks for
12 · 70 · (2 · 1 + 2 · 2 · 0.5) = 3360 MWh before the demand side. 2020: gas 12 · 1.1 · (10.7 + 2 · 0.7) = 159.72 MWh.
"""

from __future__ import annotations

from typing import Any

import pytest

from check.sheet import laws
from check.valley import Answer, valley
from heatnet.check import check
from heatnet.instance import records as r

SRC: dict[str, Any] = {"source": "assumed: test"}
GAS = (r.Selection(fuels=("gas",)),)
CHP = (r.Selection(technologies=("chp",)),)


@pytest.mark.parametrize(
    ("quantity", "select", "total", "unit"),
    [
        ("fuel_mwh", GAS, 390.72, "MWh"),
        ("fuel_mwh", (), 390.72 + 8640, "MWh"),
        ("co2_t", GAS, 390.72 * 0.2, "t"),
        ("co2_t", (), 390.72 * 0.2 + 8640 * 0.3, "t"),
        ("nox_t", GAS, 390.72 * 50 / 1e6, "t"),
        ("so2_t", GAS, 0.0, "t"),
        ("heat_mwh", CHP, 3180.0, "MWh"),
        ("heated_area_mm2", CHP, 3180 * 1.25 / 3360, "Mm2"),
    ],
)
def test_a_quantity_stays_within_its_bounds(
    quantity: Any, select: tuple[r.Selection, ...], total: float, unit: str
) -> None:
    """At its bounds it is right, a thousandth beyond them it is told, and by how much."""
    away = 0.001 * total + 1e-6
    for least, most, broken in (
        (total, total, False),
        (None, total + away, False),
        (None, total - away, True),
        (total + away, None, True),
    ):
        if most is not None and most < 0:
            continue
        rule = r.YearlyLimit(
            id="cap", kind="yearly_limit", quantity=quantity, select=select, least=least, most=most, from_year=2022,
            **SRC,
        )  # fmt: skip
        report = check(valley(rule), Answer().solution)
        assert laws(report) == ({"rule.cap"} if broken else set())
        if broken:
            row = report.violations.iloc[0]
            assert (row["stage"], row["unit"]) == (2022, unit)
            assert row["size"] == pytest.approx(away, rel=1e-3)


@pytest.mark.parametrize(
    ("years", "stages"),
    [
        ({}, [2020, 2022]),
        ({"to_year": 2021}, [2020]),
        ({"to_year": 2020}, [2020]),
        ({"from_year": 2021}, [2022]),
        ({"from_year": 2022, "to_year": 2022}, [2022]),
        ({"from_year": 2023}, []),
        ({"enabled": False}, []),
    ],
)
def test_a_limit_holds_in_its_years(years: dict[str, Any], stages: list[int]) -> None:
    """At most 100 MWh of gas: 59.72 too much in 2020, 290.72 in 2022."""
    rule = r.YearlyLimit(id="cap", kind="yearly_limit", quantity="fuel_mwh", select=GAS, most=100, **years, **SRC)
    found = check(valley(rule), Answer().solution).violations
    assert found["stage"].tolist() == stages
    sizes = {2020: 59.72, 2022: 290.72}
    assert found["size"].tolist() == pytest.approx([sizes[year] for year in stages])


@pytest.mark.parametrize(
    ("years", "select", "broken"),
    [
        ({}, r.Selection(units=("peak",)), True),
        ({"from_year": 2022}, r.Selection(units=("peak",)), True),
        ({"to_year": 2021}, r.Selection(units=("peak",)), False),
        ({"from_year": 2023}, r.Selection(units=("peak",)), False),
        ({}, r.Selection(units=("chp",)), False),
    ],
)
def test_nothing_new_is_built(years: dict[str, Any], select: r.Selection, broken: bool) -> None:
    """A third peak boiler in 2022."""
    rule = r.NoNew(id="none", kind="no_new", select=(select,), **years, **SRC)
    answer = Answer()
    answer.set("units", (2022, "peak"), machines=2, new_machines=1)
    report = check(valley(rule), answer.solution)
    assert laws(report) == ({"rule.none"} if broken else set())
    if broken:
        assert report.violations[["stage", "id", "size"]].to_numpy().tolist() == [[2022, "peak", 1.0]]


@pytest.mark.parametrize(
    ("select", "broken"),
    [
        (r.Selection(technologies=("chp",)), True),
        (r.Selection(technologies=("small",)), False),
        (r.Selection(fuels=("coal",)), True),
        (r.Selection(fuels=("coal",), technologies=("peak",)), False),
        (r.Selection(commissioned_before=1991), True),
        (r.Selection(commissioned_before=1990), False),
        (r.Selection(renewable=True), False),
        (r.Selection(renewable=False, technologies=("chp",)), True),
        (r.Selection(renewable=True, technologies=("chp",)), False),
        # 50 of `cond`; the 52 of `idle` are not of the ordinary mode
        (r.Selection(power_below_mw=50), False),
        (r.Selection(power_below_mw=51), True),
    ],
)
def test_selections(select: r.Selection, broken: bool) -> None:
    """All that is selected must have left by 2022; of what is not all gone in the answer only chp is looked for."""
    rule = r.RetiredShare(id="out", kind="retired_share", select=(select,), min_share=1, by_year=2022, **SRC)
    report = check(valley(rule), Answer().solution)
    assert laws(report) == ({"rule.out"} if broken else set())
    assert report.violations["size"].tolist() == pytest.approx([100.0] if broken else [])


@pytest.mark.parametrize(("counts", "left"), [(True, []), (False, [30.0])])
def test_reserve_counts_as_left_where_the_rule_says_so(counts: bool, left: list[float]) -> None:
    """Of two peak boilers of 30 MW one is in reserve in 2022, and half must have left."""
    rule = r.RetiredShare(
        id="half", kind="retired_share", select=(r.Selection(units=("peak",)),), min_share=0.5, by_year=2022,
        reserve_counts=counts, **SRC,
    )  # fmt: skip
    report = check(valley(rule), Answer().solution)
    assert report.violations["size"].tolist() == pytest.approx(left)


def test_reserve_counts_only_as_far_as_there_are_old_machines() -> None:
    """One old peak boiler kept and two of 2020 built; of three two are in reserve: one counts, and all have left."""
    rule = r.RetiredShare(
        id="all", kind="retired_share", select=(r.Selection(units=("peak", "chp")),), min_share=0.375, by_year=2022,
        reserve_counts=True, **SRC,
    )  # fmt: skip
    # Of 2 · 30 + 2 · 50 = 160 MW, 100 are left: 0.375 have gone. Were both in reserve to count, 70 would be left.
    more = valley(rule)
    units = tuple(u.model_copy(update={"max_new": 2}) if u.id == "peak" else u for u in more.units)
    answer = Answer()
    answer.set("units", (2020, "peak"), machines=4, new_machines=2)
    answer.set("units", (2022, "peak"), existing_machines=1, retired_machines=1, reserve_machines=2)
    assert laws(check(more.replace(units=units), answer.solution)) == set()
    harder = rule.model_copy(update={"min_share": 0.4})  # 96 MW may be left
    header = more.header.model_copy(update={"rules": (harder,)})
    report = check(more.replace(units=units, header=header), answer.solution)
    assert report.violations["size"].tolist() == pytest.approx([4.0])
