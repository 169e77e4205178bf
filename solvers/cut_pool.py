"""Cuts as a table that outlives the run: what was learnt of a block holds for every plan, gap and schedule.

A cut speaks of a block, not of the core, and a block is known by the hash of all that its cost depends on. So cuts
made under one schedule serve every other, and those of a block that has changed are passed over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from heatnet.formulation.model import Core
from heatnet.solve import CUTS
from solvers.blocks import Cut
from solvers.parts import Place

CONSTANT = ("", "")
"""Link of the row that holds a cut's constant."""


def to_frame(cuts: Iterable[Cut], core: Core, identity: Mapping[Place, str]) -> pd.DataFrame:
    """Cuts as rows of `heatnet.solve.CUTS`: one for the constant and one for every link with a slope."""
    rows = []
    for number, cut in enumerate(cuts):
        head = (identity[cut.place], *cut.place, number, cut.kind)
        rows.append((*head, *CONSTANT, cut.constant))
        names = list(core.links_of(*cut.place))
        rows += [(*head, *names[k], float(cut.slope[k])) for k in np.flatnonzero(cut.slope)]
    return pd.DataFrame(rows, columns=list(CUTS)).astype(CUTS)


def from_frame(frame: pd.DataFrame, core: Core, identity: Mapping[Place, str]) -> list[Cut]:
    """The cuts of a table that hold for the blocks of a core, each for every block that it holds for."""
    places = defaultdict(list)
    for place, name in identity.items():
        places[name].append(place)
    found = []
    for _, rows in frame[frame["block"].isin(list(places))].groupby("cut", sort=True):
        first = rows.iloc[0]
        values = dict(zip(zip(rows["link"], rows["id"], strict=True), rows["value"], strict=True))
        for place in places[first["block"]]:
            names = list(core.links_of(*place))
            if values.keys() - {CONSTANT} <= set(names):
                slope = np.array([values.get(name, 0.0) for name in names])
                found.append(Cut(place, first["kind"], float(values.get(CONSTANT, 0.0)), slope))
    return found
