"""A stage of a plan run hour by hour over the season (`docs/operate.md`)."""

from heatnet.operate.dispatch import Window
from heatnet.operate.season import Season, operate

__all__ = ["Season", "Window", "operate"]
