"""Blocks of a network, against networkx and against taking edges out one by one.

Sensitivity. Without each of these would go unnoticed:
- blocks: edges of one cycle in two blocks, or of two in one; a pair of edges side by side taken for a bridge.
- beyond: what is reached without a block counted as behind it, or the entry itself.
- parts: a part of the network that is not reached from the roots.
"""

from __future__ import annotations

import random

import networkx as nx
import numpy as np
import pytest

from heatnet.instance.graph import Blocks, blocks


def drawn(seed: int) -> tuple[int, list[tuple[int, int]]]:
    """A network of up to 12 nodes in one or more parts."""
    draw = random.Random(seed)
    nodes = draw.randint(2, 12)
    ways = [(a, b) for a in range(nodes) for b in range(a) if draw.random() < 1.6 / nodes]
    return nodes, ways or [(0, 1)]


def found(nodes: int, ways: list[tuple[int, int]], *roots: int) -> Blocks:
    start, end = np.array(ways, dtype=np.int64).T
    return blocks(nodes, start, end, roots)


@pytest.mark.parametrize("seed", range(40))
def test_blocks(seed: int) -> None:
    nodes, ways = drawn(seed)
    of_edge = found(nodes, ways, 0).of_edge
    told = {frozenset(k for k in range(len(ways)) if of_edge[k] == block) for block in set(of_edge.tolist())}
    number = {frozenset(way): k for k, way in enumerate(ways)}
    parts = nx.biconnected_component_edges(nx.Graph(ways))
    assert told == {frozenset(number[frozenset(way)] for way in part) for part in parts}


@pytest.mark.parametrize("seed", range(40))
def test_beyond(seed: int) -> None:
    """Of each block: nodes that are cut off from its entry when its edges are taken out, by their amounts."""
    nodes, ways = drawn(seed)
    own = found(nodes, ways, 0)
    amount = np.array([random.Random(seed + 99).random() * (k + 1) for k in range(nodes)])
    for block, total in enumerate(own.beyond(amount).tolist()):
        graph = nx.Graph()
        graph.add_nodes_from(range(nodes))
        graph.add_edges_from(way for way, b in zip(ways, own.of_edge.tolist(), strict=True) if b != block)
        whole = nx.Graph(ways)
        entry = int(own.entry[block])
        behind = nx.node_connected_component(whole, entry) - nx.node_connected_component(graph, entry)
        assert total == pytest.approx(amount[list(behind)].sum())


def test_side_by_side() -> None:
    """0 and 1 are joined twice, 1 and 2 once; 3 and 4 are a part of their own."""
    own = found(5, [(0, 1), (1, 0), (1, 2), (3, 4)], 2)
    assert own.bridge.tolist() == [False, False, True, True]
    assert own.part.tolist() == [2, 2, 2, 3, 3]
    assert own.entry[own.of_edge].tolist() == [1, 1, 2, 3]
