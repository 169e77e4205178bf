"""topotherm: pipes with fixed and proportional cost and loss, consumers that are all served or served if it pays.

- Money: one million is 1 EUR per year. Power: a MW is a kW.
- A pipe: fixed capex annuity · capex_fix per m, loss loss_fix kW per m, and by flow (`peers.network`) annuity ·
  capex_var per m and kW and the share loss_var per m. The case lets loss fall at the far end; with half of it at each
  end, in and out are the same. Cost and loss by flow are exact on a tree with one source; in a meshed network they
  give a lower bound.
- The source: price · hours + c_inv · annuity for 1 kW. With one step its installed power is its power.
- A consumer has hours of its own: it pays heat_price · hours for 1 kW. `economic`: it is a connection that may stay
  open. `forced`: all are served, and what they pay is a constant, the offset.
- The pipe to a consumer is used only towards it: nothing else hangs on that node, so nothing can flow back.
- `mts` with one step is `sts`: the capacity K is the flow in, and a pipe that is built is in use.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from peers import network
from peers.conversion import Conversion, MissingFeatureError, PeerError, rows, setting


def is_one(folder: Path, params: dict[str, Any]) -> bool:
    """Whether a folder is such a case."""
    return str(params.get("model", "")).startswith("topotherm-")


def convert(folder: Path, params: dict[str, Any]) -> Conversion:
    """Its instance."""
    case = read(folder, params)
    paid = [consumer.pays_per_kw or 0.0 for consumer in case.consumers]
    if setting(params, folder, "mode") == "economic":
        return network.convert(folder, case)
    forced = [network.Consumer(consumer.node, consumer.kw) for consumer in case.consumers]
    revenue = sum(price * consumer.kw for price, consumer in zip(paid, forced, strict=True))
    return network.convert(folder, network.Network(case.places, case.edges, case.sources, forced), offset=-revenue)


def read(folder: Path, params: dict[str, Any]) -> network.Network:
    """The case as it is written, every consumer with what it would pay."""
    mode = setting(params, folder, "mode")
    if mode not in ("forced", "economic"):
        raise MissingFeatureError(f"the mode `{mode}` of topotherm asks for a least total of connected heat.")
    if setting(params, folder, "n_timesteps") != 1:
        raise MissingFeatureError("capex and loss of a pipe in proportion to its largest flow over several time steps.")
    pipe = setting(params, folder, "pipe")
    annuity = setting(params, folder, "pipe", "annuity")
    kind = network.Kind(
        "pipe",
        most_kw=setting(params, folder, "pipe", "p_max_kw"),
        loss_kw_per_m=pipe["loss_fix_kw_per_m"],
        cost_per_m=annuity * pipe["capex_fix_eur_per_m"],
        cost_per_kw_m=annuity * pipe["capex_var_eur_per_m_kw"],
        loss_per_m=pipe["loss_var_per_m"],
    )
    edges = [
        network.Edge(row.text("edge"), (row.text("from"), row.text("to")), row.number("length_m"), (kind,))
        for row in rows(folder, "edges.csv")
    ]
    at = {}
    for row in rows(folder, "consumers.csv"):
        if row.number("n_adjacent_edges") != 1:
            raise MissingFeatureError("a consumer that other heat could pass through, and may not.")
        at[row.text("consumer")] = row.text("node")
    price = setting(params, folder, "heat_price_eur_per_kwh")
    consumers = []
    for row in rows(folder, "demand.csv"):
        if row.text("consumer") not in at:
            raise PeerError(f"{row.place}: `{row['consumer']}` is not in consumers.csv.")
        consumers.append(network.Consumer(at[row["consumer"]], row.number("demand_kw"), price * row.number("hours")))
    sources = []
    for row in rows(folder, "sources.csv"):
        if row.number("cap_min_kw"):
            raise MissingFeatureError("a source of a least size that is built as large as it pays.")
        cost = row.number("price_eur_per_kwh") * row.number("hours")
        sources.append(
            network.Source(
                row.text("node"),
                cost + row.number("c_inv_eur_per_kw") * row.number("annuity"),
                row.number("cap_max_kw"),
            )
        )
    return network.Network(network.places(folder, rows(folder, "nodes.csv")), edges, sources, consumers)
