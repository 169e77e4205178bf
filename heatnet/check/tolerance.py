"""What still counts as kept, and why.

Results come from an LP that HiGHS holds to 1e-7 per row and bound, power in MW and machines as plain numbers.
"""

COUNT = 1e-6
"""Machines, pairs, rows. Ten times what the solver may leave, so that sums of a few corner weights pass."""

POWER_MW = 1e-5
"""MW. A row at a node has up to a hundred terms, and scaling inside the solver costs another factor of ten."""

ENERGY_MWH = 1e-5
"""MWh in a store. One row of level and two powers, times steps of up to a day."""

RELATIVE = 1e-7
"""Of the size of what is compared: large numbers carry the rounding of the solver's scaling."""

DAYS = 1e-6
"""Days of weight. Weights come from arithmetic, not from the solver."""

SCALE = 1e-9
"""Load scale. A closed formula of data; more would show in the balances, which use the value recomputed here."""

AREA_MM2 = 1e-6
"""Million m². One m²; ten times what the solver may leave."""
