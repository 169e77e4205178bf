"""Measurements: `heatnet bench` makes the runs of a suite, compares files of runs, and shows them (docs/bench.md)."""
