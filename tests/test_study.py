"""Fronts, variations, alternatives and deadlines of the tutorial and of tiny cities, by hand.

Sensitivity: without `test_front` caps might not be evenly spaced, a point be dearer than it need be, or the tightest
cap be above what can be attained; without `test_front_of_the_tutorial` the worst stage might not count, or a plan's
changes be those of another point; without `test_notes` a dominated or repeated point might pass as one of the front;
without `test_no_such_quantity` a misspelt word might be taken for something; without `test_vary` a factor might be
taken for a sum, or the interval of a difference be turned round; without `test_places` a number of some part of the
instance could not be reached; without `test_bad_places` a misspelt place might change nothing, silently; without
`test_widest_first` the tornado would be in the order of asking; without `test_tornado_figure`
a bar might belong to another figure; without `test_alternatives` the cost cap might not
hold, or be used up for nothing; without `test_deadline` a rule beyond the horizon might still bind; without
`test_next_stage` a deadline might be moved within its stage, where it changes nothing; without
`test_interrupt_keeps_points` an hour of finished points might be lost; without `test_commands` the folder might lack
its tables, or a refused one be left half-written.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from conftest import TUTORIAL, call
from formulation.city import H, boiler, city

from heatnet.errors import InstanceError, UsageError
from heatnet.instance import Instance, read
from heatnet.instance.figures import with_figure
from heatnet.solve import Limits, Progress
from heatnet.study.alternatives import alternatives
from heatnet.study.deadlines import deadlines, later
from heatnet.study.front import front, notes
from heatnet.study.points import Study
from heatnet.study.vary import Variation, tornado, vary

POLICY, FREE = 0.308887073, 0.229293013
"""Optima of the tutorial (instances/tutorial/README.md)."""


def exact(schedule: str | None = None) -> Study:
    """A study to a gap of 0 that keeps nothing."""
    return Study(schedule, limits=Limits(gap=0.0, threads=1))


@pytest.fixture(scope="module")
def tutorial() -> Instance:
    """The tutorial without a schedule."""
    return read(TUTORIAL)


def two_fuels() -> Instance:
    """10 MW from coal at 20 a MWh, or from straw at 50 without CO2; all coal is 15,000 t."""
    return city(
        fuels={"coal": {"price_cur_per_mwh": 0.0, "co2_t_per_mwh": 0.4}, "straw": 0.0},
        technologies=[
            boiler("stoker", 20, fuel="coal", corners={"full": (100.0, 0.0, 125.0)}),
            boiler("grate", 50, fuel="straw", corners={"full": (100.0, 0.0, 125.0)}),
        ],
        units=[{"id": "c", "technology": "stoker", "count": 1}, {"id": "s", "technology": "grate", "count": 1}],
        demands={"A": 10},
    )


@pytest.mark.parametrize(("of", "whole"), [("co2", 15_000.0), ("coal", 37_500.0), ("oal", 37_500.0)])
def test_front(of: str, whole: float) -> None:
    """Proves: at no cap, half and none of it the cost is 0.6, 1.05 and 1.5 million, each proved."""
    points = front(two_fuels(), of, 3, exact()).points
    unit = "t" if of == "co2" else "mwh"
    assert points["cost_meur"].tolist() == pytest.approx([200 * H, 350 * H, 500 * H], rel=1e-4)
    assert points["bound_meur"].tolist() == pytest.approx(points["cost_meur"].tolist(), rel=1e-6)
    assert points[f"attained_{unit}"].tolist() == pytest.approx([whole, whole / 2, 0], rel=1e-4, abs=1e-4 * whole)
    assert points["note"].tolist() == ["", "", ""]


def test_front_of_the_tutorial(tutorial: Instance) -> None:
    """Proves: from coal in 2026, 100.8 MW of it, down to none at all, by the thick line in both years.

    Without CO2 2025 costs 93 · 48 · 10 / 10^6 + pumps 0.003422 + 0.117 + 0.012 + 0.032 + 0.012, 2026 0.226741506 less
    the sets that have left before, 0.012.
    """
    found = front(tutorial, "co2", 2, exact("free"))
    assert found.points["attained_t"].tolist() == pytest.approx([100.8 * 48 * 1.6 * 0.35, 0.0], abs=1e-2)
    without = 0.04464 + 0.003422 + 0.117 + 0.012 + 0.032 + 0.012 + 0.214741506
    assert found.points["cost_meur"].tolist() == pytest.approx([FREE, without], rel=1e-5)
    assert found.least == pytest.approx(0.0, abs=1e-6)
    rows = found.changes[found.changes["kind"] == "pipe"]
    told = [(row.stage, row.id, row.before, row.after) for row in rows.itertuples() if str(row.id).startswith("far")]
    assert told == [(2025, "far-line/DN600", 0, 1), (2026, "far-line/DN600", 0, 1)]


def test_notes() -> None:
    """Proves: equal points are told at the later one; a point no better in either figure is dominated."""
    assert notes([3.0, 2.0, 2.0, 1.0, 2.5], [1.0, 2.0, 2.0, 4.0, 5.0], [1, 2, 3, 4, 5]) == [
        "",
        "",
        "equal to 2",
        "",
        "dominated by 2",
    ]


def test_no_such_quantity(tutorial: Instance) -> None:
    """Proves: a word that is no emission and no fuel is told with what is near; one point is no front."""
    with pytest.raises(UsageError, match="did you mean `coal`"):
        front(tutorial, "coel", 2, exact())
    with pytest.raises(UsageError, match="--points 1"):
        front(tutorial, "co2", 1, exact())


def test_vary(tutorial: Instance) -> None:
    """Proves: half the gas price more or less is 6.7961585 MW · 1.25 · 48 h · 15; coal one dearer 90.8 · 1.6 · 48."""
    wanted = [Variation.parse(tutorial, text) for text in ("gas_price=0.5,1.5", "fuels.coal.price_eur_per_mwh=+1,=10")]
    points = vary(tutorial, wanted, exact("policy")).points
    gas, coal = 6.7961585 * 1.25 * 48 * 15 / 1e6, 90.8 * 1.6 * 48 / 1e6
    assert points["difference_meur"].tolist() == pytest.approx([0, -gas, gas, coal, 0], abs=1e-9)
    assert points["cost_meur"].iloc[0] == pytest.approx(POLICY, rel=1e-8)
    assert (points["difference_least_meur"] <= points["difference_meur"] + 1e-12).all()
    assert (points["difference_most_meur"] >= points["difference_meur"] - 1e-12).all()
    wide = tornado(points)
    assert wide["figure"].tolist() == ["fuels.gas.price_eur_per_mwh", "fuels.coal.price_eur_per_mwh"]
    assert wide["low_difference_meur"].iloc[0] == pytest.approx(-gas)
    assert wide["high_difference_meur"].iloc[0] == pytest.approx(gas)


def test_widest_first() -> None:
    """Proves: the tornado orders by swing, measured from the base."""
    rows = [("a", "x", 1.0), ("b", "y", -2.0), ("c", "y", 0.5), ("base", "", 0.0)]
    frame = pd.DataFrame([(point, figure, "1", cost) for point, figure, cost in rows])
    frame.columns = ["point", "figure", "value", "difference_meur"]
    assert tornado(frame)["figure"].tolist() == ["y", "x"]


def test_tornado_figure() -> None:
    """Proves: a bar to each side from the base, in the order given, with the values written on them."""
    from heatnet.report.page.tornado import tornado as figure

    rows = [("gas", "0.8", -2.0, "1.2", 2.5), ("coal", "0.8", -1.0, "1.2", 0.5)]
    columns = ["figure", "low_value", "low_difference_meur", "high_value", "high_difference_meur"]
    frame = pd.DataFrame(rows, columns=columns)
    low, high = figure(frame).data
    assert (list(low.x), list(high.x)) == ([-2.0, -1.0], [2.5, 0.5])
    assert list(low.y) == ["gas", "coal"]
    assert list(high.text) == ["1.2", "1.2"]


def test_places(tutorial: Instance) -> None:
    """Proves: tables with keys of two parts, parts of the header, every row of a column, and the season are reached."""
    twice = lambda value: 2 * value  # noqa: E731
    assert with_figure(tutorial, "capability.gas-boiler/full.fuel_mw", twice).corners["gas-boiler"][0].fuel_mw == 2.5
    assert with_figure(tutorial, "economics.unserved_eur_per_mwh", twice).header.economics.unserved_cur_per_mwh == 2000
    assert with_figure(tutorial, "stages.2026.co2_price_eur_per_t", twice).stages[1].co2_price_cur_per_t == 60
    every = with_figure(tutorial, "stages.*.co2_price_cur_per_t", twice)
    assert [stage.co2_price_cur_per_t for stage in every.stages] == [40, 60]
    season = with_figure(tutorial, "series.power_wholesale_eur_per_mwh", twice).series
    assert set(season["power_wholesale_cur_per_mwh"]) == {100.0}
    assert set(season["outdoor_c"]) == {-10.0}
    assert with_figure(tutorial, "units.north-gas.max_new", twice).units[1].max_new == 12
    assert with_figure(tutorial, "demands.north/2026.peak_w_per_m2", twice).design_heat_mw("north", 2026) == 120


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("fuel.gas.price_eur_per_mwh=2", "did you mean `fuels`"),
        ("fuels.gaz.price_eur_per_mwh=2", "did you mean `gas`"),
        ("fuels.gas.price_eur_per_mw=2", "did you mean `price_eur_per_mwh`"),
        ("fuels.gas.name=2", "only a number"),
        ("units.north-gas.max_new=0.75", "whole number, 4.5"),
        ("units.north-gas.max_new=-7", "max_new"),
        ("fuels.gas.price_eur_per_mwh=2,x", "x is no value"),
        ("fuels.gas.price_eur_per_mwh", "VALUES"),
        ("gaz_price=2", "did you mean `gas_price`"),
        ("security.guarantee_share=2", "has no"),
        ("series.power_wholesale=2", "no column power_wholesale"),
        ("pipes.*.lenght_km=2", "did you mean `length_km`"),
    ],
)
def test_bad_places(tutorial: Instance, text: str, sentence: str) -> None:
    """Proves: what cannot be meant is told in a sentence with the place, before anything is solved."""
    with pytest.raises((UsageError, InstanceError)) as caught:
        Variation.parse(tutorial, text)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_alternatives(tutorial: Instance) -> None:
    """Proves: within 10 % there may be no boiler (thick line) or three, two of them for nothing at 0.012 a year.

    A fourth would cost 0.344887, more than 1.1 · 0.308887 = 0.339776.
    """
    points = alternatives(tutorial, ["machines:north-gas", "pipe:far-line@2026"], 0.1, exact("policy")).points
    assert points["value"].tolist() == pytest.approx([0, 3, 94.8038415, 136.5175318])
    assert points["value_bound"].tolist() == pytest.approx(points["value"].tolist())
    assert points["best_value"].tolist() == pytest.approx([1, 1, 94.8038415, 94.8038415])
    costs = [0.325901497, POLICY + 0.024, POLICY, 0.325901497]
    assert points["cost_meur"].tolist() == pytest.approx(costs, rel=1e-6)


@pytest.mark.parametrize("of", ["machines:north", "boiler:x", "co2@2027", "cola"])
def test_no_such_alternative(tutorial: Instance, of: str) -> None:
    """Proves: a quantity that the instance lacks is told before anything is solved."""
    with pytest.raises(UsageError, match=f"--of {of.split('@')[0]}"):
        alternatives(tutorial, [of], 0.1, exact())


def test_deadline(tutorial: Instance) -> None:
    """Proves: the rule of 2026 a stage later binds no more; what it costs is saved, 0.079594060."""
    instance = tutorial.with_schedule("policy")
    study = exact()
    best = study.point("best", instance)
    assert best is not None
    assert best.answer.solution is not None
    frame = deadlines(instance, best.answer.solution, POLICY, POLICY, study)
    assert frame[["deadline", "id", "stage", "later_stage"]].values.tolist() == [["rule", "coal-out", 2026, 2027]]
    assert frame["saving_meur"].tolist() == pytest.approx([POLICY - FREE], rel=1e-6)


def test_next_stage() -> None:
    """Proves: a deadline of 2026 binds the stage 2030 first, so it goes to 2035; one of the last stage falls away."""
    instance = city(
        technologies=[boiler("b", 20), boiler("base", 20)],
        units=[{"id": "u", "technology": "b", "count": 2}, {"id": "base", "technology": "base", "count": 1}],
        demands={"A": 10},
        stages=[{"year": 2025, "span_years": 5}, {"year": 2030, "span_years": 5}, {"year": 2035, "span_years": 5}],
        retirements=[
            {"unit": "u", "machines": 1, "not_after": 2026},
            {"unit": "u", "machines": 1, "exactly": 2035},
        ],
    )
    moved = list(later(instance))
    assert [(one.year, one.stage, one.later) for one in moved] == [(2026, 2030, 2035), (2035, 2035, 2040)]
    assert moved[0].instance.schedule is not None
    assert moved[1].instance.schedule is not None
    assert [entry.not_after for entry in moved[0].instance.schedule.retirements] == [2035, None]
    assert [entry.exactly for entry in moved[1].instance.schedule.retirements] == [None]


def test_interrupt_keeps_points(tmp_path: Path) -> None:
    """Proves: Ctrl-C in the third plan keeps the first two, in the table and as result folders."""
    begun = 0

    def observer(progress: Progress) -> None:
        nonlocal begun
        begun += progress.phase == "build"
        if begun == 3:
            raise KeyboardInterrupt

    instance = two_fuels()
    study = Study(limits=Limits(gap=0.0, threads=1), folder=tmp_path, observer=observer)
    wanted = Variation.parse(instance, "technologies.stoker.variable_heat_cur_per_mwh=1.5,2,3")
    points = vary(instance, [wanted], study).points
    assert study.stopped
    assert points["point"].tolist() == ["base", "vary-1-1"]
    assert points["cost_meur"].tolist() == pytest.approx([200 * H, 300 * H])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base", "vary-1-1"]
    assert (tmp_path / "vary-1-1" / "result.json").is_file()


def test_commands(tmp_path: Path) -> None:
    """Proves: front, vary and marginal write their tables; a bad word and a place that is taken leave nothing."""
    out = tmp_path / "front"
    done = call("front", TUTORIAL, "--of", "co2", "--points", 2, "--schedule", "free", "--out", out)
    assert done.code == 0, done.err
    assert {"front.csv", "changes.csv", "study.json", "point-1", "point-2"} == {path.name for path in out.iterdir()}
    assert call("front", TUTORIAL, "--of", "co2", "--out", out).code == 2
    assert call("vary", TUTORIAL, "--vary", "gaz_price=2", "--out", tmp_path / "v").code == 2
    assert not (tmp_path / "v").exists()
    point = out / "point-1"
    assert call("marginal", point, "--deadlines").code == 0
    names = {"heat_prices.csv", "demands.csv", "capacities.csv", "deadlines.csv"}
    assert {path.name for path in (point / "marginal").iterdir()} == names
    assert "heat_price_eur_per_mwh" in (point / "marginal" / "heat_prices.csv").read_text()
    assert call("marginal", point).code == 0
    assert call("marginal", tmp_path).code != 0
