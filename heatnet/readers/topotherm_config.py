"""What `config.yaml` and `regression.csv` of a topotherm folder say: types of pipe, temperatures, prices, interest.

Types of pipe are the first of these that is there: the diameters in `config.yaml`; the law of cost and loss by
capacity in `regression.csv`, at the diameters of the catalogue; the catalogue.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd
import pydantic

from heatnet.instance import records as r
from heatnet.physics import pipes as physics
from heatnet.readers import catalogue
from heatnet.readers.faults import Faults, in_one_line
from heatnet.readers.network import Economics, twice

PRICE_EUR_PER_MWH = 50.0
RATE, LIFE_YEARS = 0.04, 40


def config_of(folder: Path, faults: Faults) -> dict[str, Any]:
    path = folder / "config.yaml"
    if not path.exists():
        return {}
    import yaml

    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        faults.tell(path.name, "", f"cannot be read ({in_one_line(error)}).")
        return {}
    if not isinstance(config, dict) or not all(isinstance(part, dict) for part in config.values()):
        faults.tell(path.name, "", "must be sections with keys.")
        return {}
    return config


def _number(part: dict[str, Any], key: str, faults: Faults, where: str, default: float | None = None) -> float:
    """A number; YAML reads `80e-3` as text."""
    value = part.get(key, default)
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        what = "is missing" if key not in part else f"must be a number, found `{value}`"
        faults.tell("config.yaml", f"{where}.{key}", f"{what}.")
    return number


def regime_of(config: dict[str, Any], faults: Faults) -> r.Regime:
    told = config.get("temperatures")
    if not told:
        return catalogue.REGIME
    back = "return_" if "return_" in told else "return"
    supply, cool, ground = (_number(told, key, faults, "temperatures") for key in ("supply", back, "ambient"))
    if not supply > cool > ground:
        if math.isfinite(supply + cool + ground):
            text = "must fall from supply over return to ambient."
            faults.tell("config.yaml", "temperatures", text)
        return catalogue.REGIME
    try:
        return r.Regime(
            id="network", supply_c=supply, return_c=cool, ground_c=ground, source="found: config.yaml, temperatures"
        )
    except pydantic.ValidationError:
        faults.tell("config.yaml", "temperatures", "must be from -100 to 1000 °C.")
        return catalogue.REGIME


def types_of(
    folder: Path, config: dict[str, Any], regime: r.Regime, faults: Faults
) -> tuple[tuple[r.PipeType, ...], str]:
    before = len(faults.issues)
    if "piping" in config:
        found = _told_types(config, faults)
        word = "Types of pipe are those of config.yaml, each with its own cost; loss is that of supply and return."
    elif (folder / "regression.csv").exists():
        found = _law(folder / "regression.csv", regime, _life(config), faults)
        word = "Types of pipe are the law of regression.csv at the diameters of the catalogue."
    else:
        found, word = catalogue.catalogue(), "Types of pipe are those of heatnet's catalogue: none are told."
    return (found if len(faults.issues) == before else catalogue.catalogue()), word


def _told_types(config: dict[str, Any], faults: Faults) -> tuple[r.PipeType, ...]:
    """Diameters with costs; older files have lists, and the jacket as outer diameter of the steel."""
    piping, place = config["piping"], "piping"
    soil = _number(config.get("ground") or {}, "thermal_conductivity", faults, "ground", 2.4)
    foam = _number(piping, "thermal_conductivity", faults, place, 0.024)
    friction = _number(piping, "max_pr_loss", faults, place, 250)
    roughness = _number(piping, "roughness", faults, place, 0.05e-3)
    depth = _number(piping, "depth", faults, place, 1.0)
    for figure, name in (
        (soil, "conductivity of the ground"),
        (foam, "thermal_conductivity"),
        (friction, "max_pr_loss"),
        (roughness, "roughness"),
        (depth, "depth"),
    ):
        if figure <= 0:
            faults.tell("config.yaml", place, f"must have a {name} above 0, found {figure:g}.")
            return ()
    rows = piping.get("diameters")
    if rows is None:
        names = {"inner": "diameter", "outer": "diameter", "jacket": "outer_diameter", "cost": "cost"}
        lists: dict[str, Any] = {key: piping.get(name) for key, name in names.items()}
        if not all(isinstance(values, list) for values in lists.values()) or len({*map(len, lists.values())}) > 1:
            text = "must have diameter, outer_diameter and cost of equal length, or a list of diameters."
            faults.tell("config.yaml", place, text)
            return ()
        rows = [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        faults.tell("config.yaml", f"{place}.diameters", "must be a list of sections with keys.")
        return ()
    found = []
    for number, row in enumerate(rows, start=1):
        where = f"{place}.diameters[{number}]"
        inner, outer, jacket, cost = (_number(row, key, faults, where) for key in ("inner", "outer", "jacket", "cost"))
        if not 0 < inner <= outer < jacket < 8 * depth:
            if math.isfinite(inner + outer + jacket):
                text = "must grow from inner over outer to jacket, in metres, and stay below the ground."
                faults.tell("config.yaml", where, text)
            continue
        resistance = math.log(jacket / outer) / foam + math.log(8 * depth / jacket) / soil
        millimetres = 1e3 * inner
        try:
            found.append(
                r.PipeType(
                    id=f"DN{row['dn']}" if "dn" in row else f"inner-{millimetres:g}",
                    inner_diameter_mm=millimetres,
                    velocity_max_m_per_s=_velocity(millimetres, 1e3 * roughness, friction),
                    roughness_mm=1e3 * roughness,
                    heat_transfer_w_per_m_k=2 * math.pi / resistance,
                    capex_mcur_per_km=cost / 1e3,
                    fixed_share_per_year=0,
                    life_years=_life(config),
                    source=f"derived: velocity from {friction:g} Pa/m, U from jacket; the rest found in config.yaml",
                )
            )
        except pydantic.ValidationError as error:
            faults.tell("config.yaml", where, f"{error.errors()[0]['loc'][0]}: {error.errors()[0]['msg'].lower()}.")
    for name, where in twice((kind.id, f"{place}.diameters") for kind in found):
        faults.tell("config.yaml", where, f"has {name} twice.")
    return tuple(found)


def _velocity(inner_mm: float, roughness_mm: float, most_pa_per_m: float) -> float:
    """Velocity at which friction is the most allowed, by halving."""
    low, high = 0.0, 20.0
    for _ in range(50):
        middle = (low + high) / 2
        if physics.friction_pa_per_m(inner_mm, middle, roughness_mm) > most_pa_per_m:
            high = middle
        else:
            low = middle
    return round(high, 6)


def _law(path: Path, regime: r.Regime, life_years: int, faults: Faults) -> tuple[r.PipeType, ...]:
    columns = ("heat_loss_a", "heat_loss_b", "capacity_a", "capacity_b", "power_flow_max_kW")
    try:
        row = pd.read_csv(path).iloc[0]
        loss_a, loss_b, cost_a, cost_b, most = (float(row[column]) for column in columns)
    except KeyError as error:
        faults.tell(path.name, "", f"has no column {error}.")
        return ()
    except (OSError, ValueError, IndexError) as error:
        faults.tell(path.name, "", f"cannot be read ({in_one_line(error)}).")
        return ()
    if not (most > 0 and min(loss_a, loss_b, cost_a, cost_b) >= 0):
        faults.tell(path.name, "", "must have no figure below 0 and power_flow_max_kW above 0.")
        return ()
    source = f"derived: regression.csv, {cost_a:g} P + {cost_b:g} EUR/m and {loss_a:g} P + {loss_b:g} kW/m at capacity"
    return catalogue.tabulated(
        "", lambda kw: cost_a * kw + cost_b, lambda kw: loss_a * kw + loss_b, most, regime, source, life_years
    )


def _life(config: dict[str, Any]) -> int:
    try:
        return max(1, round(float((config.get("economics") or {}).get("pipes_lifetime", LIFE_YEARS))))
    except (TypeError, ValueError):
        return LIFE_YEARS  # told by _economics


def economics_of(
    config: dict[str, Any], sources: int, steps: int, faults: Faults
) -> tuple[Economics, list[dict[str, Any]]]:
    """Interest, and price, limit and cost of each source."""
    told = config.get("economics")
    if not told:
        source = f"assumed: no config.yaml; {PRICE_EUR_PER_MWH:g} EUR/MWh"
        sourced = {"capacity_kw": None, "price_eur_per_mwh": (PRICE_EUR_PER_MWH,) * steps, "source": source}
        return Economics(RATE, 0.0, "assumed: interest; pump power costs nothing in the source"), [sourced] * sources
    rate = _number(told, "pipes_c_irr", faults, "economics", RATE)
    _number(told, "pipes_lifetime", faults, "economics", LIFE_YEARS)
    prices = _list(told, "source_price", sources, faults)
    limits = _list(told, "source_max_power", sources, faults)
    costs = _list(told, "source_c_inv", sources, faults)
    lives = _list(told, "source_lifetime", sources, faults)
    found = []
    for number in range(sources):
        price = prices[number] if prices else None
        by_step = (
            price if isinstance(price, list) else [price if price is not None else PRICE_EUR_PER_MWH / 1e3] * steps
        )
        if len(by_step) != steps:
            text = f"source {number + 1} has {len(by_step)} prices for {steps} time steps."
            faults.tell("config.yaml", "economics.source_price", text)
        values = [_number({"price": one}, "price", faults, "economics.source_price") for one in by_step]
        mark = "found: config.yaml, economics" if price is not None else "assumed: no source_price in config.yaml"
        found.append(
            {
                "capacity_kw": _number({"p": limits[number]}, "p", faults, "economics.source_max_power")
                if limits
                else None,
                "price_eur_per_mwh": tuple(1e3 * value for value in values),
                "capex_eur_per_kw": _number({"c": costs[number]}, "c", faults, "economics.source_c_inv")
                if costs
                else 0.0,
                "life_years": round(_number({"l": lives[number]}, "l", faults, "economics.source_lifetime"))
                if lives
                else 20,
                "source": mark,
            }
        )
    return Economics(rate, 0.0, "found: config.yaml, economics; pump power costs nothing in the source"), found


def _list(told: dict[str, Any], key: str, sources: int, faults: Faults) -> list[Any] | None:
    value = told.get(key)
    if value is None:
        return None
    values = value if isinstance(value, list) else [value] * sources
    if len(values) != sources:
        faults.tell("config.yaml", f"economics.{key}", f"has {len(values)} entries for {sources} sources.")
        return None
    return values


def heat_price_of(config: dict[str, Any], optional: bool, faults: Faults) -> float | None:
    """What optional consumers pay, in EUR/MWh."""
    if not optional:
        return None
    return 1e3 * _number(config.get("economics") or {}, "heat_price", faults, "economics")
