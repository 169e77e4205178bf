"""Measurements: `python -m heatnet.bench --out docs/performance.md` (or `make bench`)."""
