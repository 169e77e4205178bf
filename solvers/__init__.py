"""Ways to answer an instance. Strategies are found by the entry-point group `heatnet.solvers`."""
