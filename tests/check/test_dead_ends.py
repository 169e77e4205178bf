"""The largest factor of the design loads, against all cuts of small networks.

Sensitivity. Without it would go unnoticed: a dead end taken off with its supply, its loss or the room of its ways left
out; a way that goes one way only taken for both; a place without ways that bounds nothing; losses that alone are too
much.
"""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product

import pytest

from heatnet.check.margin import largest_factor

Arcs = list[tuple[int, int, int]]


def by_all_cuts(ways: Arcs, supply: list[int], demand: list[int], loss: list[int]) -> Fraction:
    """Every set of places gets at most its own supply and what comes in over its ways."""
    least = None
    for chosen in product((False, True), repeat=len(supply)):
        inside = [n for n, taken in enumerate(chosen) if taken]
        most = sum(supply[n] - loss[n] for n in inside)
        most += sum(width for a, b, width in ways if not chosen[a] and chosen[b])
        load = sum(demand[n] for n in inside)
        if load == 0 and most < 0:
            return Fraction(0)
        if load:
            least = Fraction(most, load) if least is None else min(least, Fraction(most, load))
    assert least is not None
    return max(least, Fraction(0))


def network(seed: int) -> tuple[Arcs, list[int], list[int], list[int]]:
    """A tree of up to seven places, most ways in both directions, sometimes a way more or a place by itself."""
    draw = random.Random(seed)
    places = draw.randint(1, 7)
    ways: Arcs = []
    for k in range(1, places):
        if draw.random() < 0.93:
            above, width = draw.randrange(k), draw.choice([0, 5, 20, 40, 90])
            ways.append((above, k, width))
            ways += [(k, above, width)] if draw.random() < 0.8 else []
    for _ in range(draw.randint(0, 2) if places > 2 else 0):
        a, b = draw.sample(range(places), 2)
        ways += [(a, b, 15), (b, a, 15)]
    supply = [100, *(draw.choice([0, 0, 0, 30]) for _ in range(places - 1))]
    demand = [draw.choice([0, draw.randint(1, 9)]) for _ in range(places)]
    demand[-1] = draw.randint(1, 9)
    return ways, supply, demand, [draw.choice([0, 0, 1]) for _ in range(places)]


@pytest.mark.parametrize("seed", range(200))
def test_all_cuts(seed: int) -> None:
    given = network(seed)
    assert largest_factor(*given) == by_all_cuts(*given)
