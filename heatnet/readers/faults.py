"""Faults of what is imported: every one a sentence, and a place on the map where there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from heatnet.errors import InstanceError, Issue

ToDegrees = Callable[[BaseGeometry], BaseGeometry]
"""A geometry in metres → the same in longitude and latitude."""


class SourceError(InstanceError):
    """What was to be imported has faults. `places` is a GeoJSON of where to look; None where no fault has a place."""

    def __init__(self, issues: list[Issue], places: dict[str, Any] | None = None) -> None:
        super().__init__(issues)
        self.places = places


def in_one_line(error: Exception) -> str:
    """What another library says, without line breaks."""
    return " ".join(str(error).split())


@dataclass
class Faults:
    """Gathers what is wrong, so that all of it is told at once."""

    issues: list[Issue] = field(default_factory=list)
    places: list[tuple[Issue, BaseGeometry]] = field(default_factory=list)

    def tell(self, file: str, where: str, message: str, place: BaseGeometry | None = None) -> None:
        """Note a fault: the file, the column, feature or line in it, and the sentence. `place` is in metres."""
        issue = Issue(file, 0, where, message)
        self.issues.append(issue)
        if place is not None and not place.is_empty:
            self.places.append((issue, place))

    def stop(self, degrees: ToDegrees | None = None) -> None:
        """Raise SourceError where anything was told."""
        if self.issues:
            raise self.error(degrees)

    def error(self, degrees: ToDegrees | None = None) -> SourceError:
        """Everything that was told. Without `degrees` places cannot be shown on a map."""
        features = [
            {
                "type": "Feature",
                "geometry": shapely.geometry.mapping(degrees(place)),
                "properties": {"file": issue.table, "where": issue.column, "fault": issue.message},
            }
            for issue, place in self.places
            if degrees is not None
        ]
        return SourceError(self.issues, {"type": "FeatureCollection", "features": features} if features else None)
