"""The same work in PyPSA and oemof.solph beside heatnet (extra `peers`): see docs/peers.md."""
