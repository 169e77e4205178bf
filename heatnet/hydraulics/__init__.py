"""A stage of a plan in the water: supply and return networks, simulated by pandapipes and set beside the model.

`moments` reads what the plan says of an hour, `parts` cuts the network where temperature regimes meet, `network` is
the only file that speaks to pandapipes, `compare` sets model and simulation side by side, `page` shows it.
"""

from heatnet.hydraulics.compare import COLUMNS, FILE, save, simulate
from heatnet.hydraulics.page import simulation_page

__all__ = ["COLUMNS", "FILE", "save", "simulate", "simulation_page"]
