"""Points on a plane in km, and the corridors between them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from heatnet.instance.instance import Array

Edges = npt.NDArray[np.int64]
"""Shape (edges, 2): places of the two ends."""

CENTRE_LAT_DEG, CENTRE_LON_DEG = 36.0, 117.0
KM_PER_DEG = 111.2

TRIALS = 12
"""Places tried for each point; the one farthest from all others is taken, so that points keep a distance."""


def scattered(rng: np.random.Generator, number: int, radius_km: float) -> Array:
    """Points in a disc that keep a distance from each other: shape (number, 2)."""
    points = np.empty((number, 2))
    for place in range(number):
        radius = radius_km * np.sqrt(rng.random(TRIALS))
        angle = 2 * np.pi * rng.random(TRIALS)
        trials = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
        gaps = np.linalg.norm(trials[:, None] - points[None, :place], axis=2)
        points[place] = trials[np.argmax(gaps.min(axis=1)) if place else 0]
    return points


def lengths(points: Array, edges: Edges) -> Array:
    """Distance between the ends of each edge, km."""
    result: Array = np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)
    return result


def gabriel(points: Array) -> Edges:
    """Edges whose circle (the edge as its diameter) holds no other point: planar, connected, sorted."""
    if len(points) < 3:
        return np.array([(0, 1)][: len(points) - 1], dtype=np.int64).reshape(-1, 2)
    from scipy.spatial import Delaunay

    triangles = Delaunay(points).simplices
    sides = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]]), axis=1)
    edges = np.unique(sides.astype(np.int64), axis=0)
    middle, radius = points[edges].mean(axis=1), lengths(points, edges) / 2
    free = [
        np.count_nonzero(np.linalg.norm(points - place, axis=1) < reach * (1 - 1e-9)) == 0
        for place, reach in zip(middle, radius, strict=True)
    ]
    kept: Edges = edges[np.array(free)]
    return kept


def spanning(number: int, edges: Edges, weights: Array) -> npt.NDArray[np.bool_]:
    """Which edges belong to the spanning tree of least weight (Kruskal)."""
    parent = list(range(number))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    chosen = np.zeros(len(edges), dtype=bool)
    for edge in np.argsort(weights, kind="stable").tolist():
        one, other = root(int(edges[edge, 0])), root(int(edges[edge, 1]))
        if one != other:
            parent[one] = other
            chosen[edge] = True
    return chosen


def geographic(points: Array, digits: int) -> list[tuple[float, float]]:
    """Latitude and longitude of points, degrees."""
    lat = CENTRE_LAT_DEG + points[:, 1] / KM_PER_DEG
    lon = CENTRE_LON_DEG + points[:, 0] / (KM_PER_DEG * np.cos(np.radians(CENTRE_LAT_DEG)))
    return [(round(float(a), digits), round(float(b), digits)) for a, b in zip(lat, lon, strict=True)]
