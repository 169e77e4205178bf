"""The folder of a season run hour by hour."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from heatnet.operate.season import Season
from heatnet.solve import peak_rss_mb, versions

SUMMARY = "season.json"


def document(season: Season, instance_sha256: str) -> dict[str, Any]:
    """`season.json`: what was run, its cost, bound and gap, and what the judge found."""
    violations = season.report.violations
    return {
        "instance": season.stage.case.instance.header.name,
        "instance_sha256": instance_sha256,
        "stage": season.stage.year,
        "weather": season.weather,
        "dispatch": season.dispatcher,
        "window_hours": season.window.hours,
        "overlap_hours": season.window.overlap_hours,
        "hours": len(season.series),
        "unit": f"million {season.stage.case.instance.header.currency} a season",
        "cost": season.cost,
        "bound": season.bound,
        "gap": season.gap,
        "planned_cost": season.planned_cost,
        "unserved_mwh": float(season.unserved["unserved_mw"].sum()),
        "power_sold_mwh": season.power_sold_mwh,
        "check": {"violations": len(violations)},
        "seconds": {name: round(value, 3) for name, value in season.seconds.items()},
        "peak_rss_mb": round(peak_rss_mb(), 1),
        "versions": versions(),
    }


def save(season: Season, instance_sha256: str, folder: Path) -> dict[str, Any]:
    """Write a season into an existing folder; returns `season.json`."""
    currency = season.stage.case.instance.header.currency.lower()
    season.series.astype("float64").to_parquet(folder / "operation.parquet")
    tables = {
        "costs": season.costs.rename(columns=lambda name: name.replace("_mcur", f"_m{currency}")),
        "unserved": season.unserved,
        "units": season.units,
        "stores": season.stores,
        "load_duration": season.load,
        "limits": season.report.limits,
        "contingencies": season.contingencies,
        "violations": season.report.violations,
    }
    for name, table in tables.items():
        _csv(table, folder / f"{name}.csv")
    summary = document(season, instance_sha256)
    (folder / "before.json").write_text(_json(asdict(season.before)), encoding="utf-8")
    (folder / SUMMARY).write_text(_json(summary), encoding="utf-8")
    return summary


def is_season(folder: Path) -> bool:
    """Whether a folder is one that `save` wrote, and nothing else."""
    known = {f"{name}.csv" for name in CSV} | {"operation.parquet", "before.json", SUMMARY}
    return folder.is_dir() and {entry.name for entry in folder.iterdir()} == known


CSV = ("costs", "unserved", "units", "stores", "load_duration", "limits", "contingencies", "violations")
"""Tables beside the operation."""


def _csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False)


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
