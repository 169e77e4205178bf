"""Which schedule asks for more than which.

Sensitivity:
- test_more_and_less: a larger share or an earlier year taken for less, or the other way round; a rule that only one has
  overlooked; another selection, or a reserve that counts, taken for the same.
- test_retirements: a retirement that only one has overlooked.
"""

from __future__ import annotations

import pytest
from conftest import tiny

from heatnet.compare.strictness import asks_more
from heatnet.instance import Instance, read
from heatnet.instance.records import RetiredShare, Schedule
from heatnet.instance.records.schedules import Retirement


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """The tiny instance, with its one rule."""
    return read(tiny(tmp_path_factory.mktemp("city")))


def under(city: Instance, **changes: object) -> Instance:
    """The city with its rule changed."""
    (rule,) = (rule for rule in city.header.rules if isinstance(rule, RetiredShare))
    changed = rule.model_copy(update={"enabled": True, "min_share": 0.5, "by_year": 2027, **changes})
    return city.replace(header=city.header.model_copy(update={"rules": (changed,)}))


def test_more_and_less(city: Instance) -> None:
    """A larger share, an earlier year, a reserve that does not count: each asks for more."""
    base, none = under(city), under(city, enabled=False)
    assert asks_more(base, none)
    assert not asks_more(none, base)
    assert asks_more(base, base)
    for more in ({"min_share": 0.6}, {"by_year": 2025}):
        assert asks_more(under(city, **more), base)
        assert not asks_more(base, under(city, **more))
    reserve = under(city, reserve_counts=True)
    assert asks_more(base, reserve)
    assert not asks_more(reserve, base)
    both = under(city, min_share=0.6, by_year=2028)
    assert not asks_more(both, base)
    assert not asks_more(base, both)
    (rule,) = base.header.rules
    assert isinstance(rule, RetiredShare)
    other = under(city, select=(rule.select[0].model_copy(update={"power_below_mw": 1.0}),))
    assert not asks_more(other, base)
    assert not asks_more(base, other)


def test_retirements(city: Instance) -> None:
    """A retirement more asks for more."""
    unit = next(unit.id for unit in city.units if unit.count)
    leaves = Retirement(unit=unit, not_after=2027)
    schedules = {
        "none": Schedule(title="none", source="assumed: test"),
        "one": Schedule(title="one", retirements=(leaves,), source="assumed: test"),
    }
    none, one = (city.replace(schedules=schedules).with_schedule(name) for name in schedules)
    assert asks_more(one, none)
    assert not asks_more(none, one)
