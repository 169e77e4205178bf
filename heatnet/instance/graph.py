"""Facts of a network of nodes and edges by number: what hangs together, and what lies behind each edge.

A block is a largest set of edges of which any two lie on a common cycle, or a single edge that lies on none (a bridge).
Blocks meet at single nodes and form a tree; seen from a root, every block is entered at one node, its entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Blocks:
    """The blocks of a network, seen from a root in each of its parts.

    `of_edge`: block by edge; `entry`: node at which a block is entered; `top`: node of the block next to it in the
    search; `order`: nodes as the search finds them, and `last` the place after the last node found from each node.
    `part`: root by node.
    """

    of_edge: Ints
    entry: Ints
    top: Ints
    order: Ints
    place: Ints
    last: Ints
    part: Ints

    def beyond(self, amount: Array) -> Array:
        """By block, the sum over the nodes that are reached through it only, its own but for its entry among them.

        Proof. The search leaves the entry through `top` and, as no cycle passes through the entry and what is beyond
        it but within the block, finds all that can be reached without the entry before it comes back.
        """
        total = np.concatenate([[0.0], np.cumsum(amount[self.order])])
        return np.asarray(total[self.last[self.top]] - total[self.place[self.top]])

    @property
    def bridge(self) -> npt.NDArray[np.bool_]:
        """Edges that are a block by themselves."""
        size = np.bincount(self.of_edge, minlength=len(self.entry))
        return np.asarray(size[self.of_edge] == 1)


def blocks(nodes: int, start: Ints, end: Ints, roots: Sequence[int]) -> Blocks:
    """The blocks of a network, by a search from `roots` in order, then from nodes not reached (Hopcroft and Tarjan).

    Several edges between two nodes are a cycle.
    """
    around: list[list[tuple[int, int]]] = [[] for _ in range(nodes)]
    for edge, (one, other) in enumerate(zip(start.tolist(), end.tolist(), strict=True)):
        around[one].append((other, edge))
        around[other].append((one, edge))
    place, low, last = [-1] * nodes, [0] * nodes, [0] * nodes
    part = [-1] * nodes
    order: list[int] = []
    of_edge = [-1] * len(start)
    entry: list[int] = []
    top: list[int] = []
    pending: list[int] = []  # edges whose block is not closed yet

    for root in (*roots, *range(nodes)):
        if place[root] >= 0:
            continue
        place[root], part[root] = len(order), root
        low[root] = place[root]
        order.append(root)
        stack = [(root, -1, iter(around[root]), 0)]
        while stack:
            node, by, ways, opened = stack[-1]
            for other, edge in ways:
                if edge == by or of_edge[edge] >= 0:
                    continue
                if place[other] < 0:
                    stack.append((other, edge, iter(around[other]), len(pending)))
                    pending.append(edge)
                    place[other], part[other] = len(order), root
                    low[other] = place[other]
                    order.append(other)
                    break
                if place[other] < place[node]:
                    pending.append(edge)
                    low[node] = min(low[node], place[other])
            else:
                stack.pop()
                last[node] = len(order)
                if not stack:
                    continue
                above = stack[-1][0]
                low[above] = min(low[above], low[node])
                if low[node] >= place[above]:
                    for edge in pending[opened:]:
                        of_edge[edge] = len(entry)
                    del pending[opened:]
                    entry.append(above)
                    top.append(node)
    numbers = (of_edge, entry, top, order, place, last, part)
    return Blocks(*(np.array(values, dtype=np.int64) for values in numbers))
