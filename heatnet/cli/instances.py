"""`heatnet validate`, `import` and `generate`: instances checked, made of what others write, and from a seed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from heatnet.cli.arguments import InstancePath
from heatnet.cli.terminal import OK, complain, extra, interrupts, page, screen, warn
from heatnet.instance import read
from heatnet.report.overview import overview

generate = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Make an instance from a seed: a city or a street network."
)

NewFolder = Annotated[Path, typer.Option("--out", help="Instance folder to write.")]
Seed = Annotated[int, typer.Option(help="Seed of everything that is chosen at random.")]
Replace = Annotated[bool, typer.Option("--force", help="Replace a generated instance that is there.")]


def validate(instance: InstancePath) -> int:
    """Tell every fault of an instance at once, by table, line and column."""
    checked = read(instance)
    page.print(overview(checked))
    warn(checked)
    return OK


@generate.command("city")
def generate_city(
    nodes: Annotated[int, typer.Option(help="Districts, plants and junctions together.")],
    out: NewFolder,
    stages: Annotated[int, typer.Option(help="Stages from 2024 on.")] = 6,
    seed: Seed = 0,
    force: Replace = False,
) -> int:
    """Make a city in kind like Jinan: corridors, sources, closures, growing demand. The same seed, the same city."""
    from heatnet import generate as generators  # needed by no other command

    with interrupts(), generators.reserved(out, force) as folder:
        generators.save(generators.city(nodes, stages, seed), folder)
    page.print(f"instance folder: {out}", soft_wrap=True)
    return OK


@generate.command("street")
def generate_street(
    pipes: Annotated[int, typer.Option(help="Candidate pipes, service pipes too.")],
    out: NewFolder,
    sources: Annotated[int | None, typer.Option(help="Sources. [default: one for 60 MW]")] = None,
    consumers: Annotated[int | None, typer.Option(help="Buildings. [default: 0.4 of the pipes]")] = None,
    optional_share: Annotated[float, typer.Option(help="Share of buildings that need not be connected.")] = 0.3,
    seed: Seed = 0,
    force: Replace = False,
) -> int:
    """Make a street network for the design of a new grid in one stage. The same seed, the same network."""
    from heatnet import generate as generators  # needed by no other command

    with interrupts(), generators.reserved(out, force) as folder:
        generators.save(generators.street(pipes, seed, sources, consumers, optional_share), folder)
    page.print(f"instance folder: {out}", soft_wrap=True)
    return OK


def import_instance(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="Folder or GeoJSON file (docs/import.md).")],
    out: NewFolder,
    form: Annotated[str, typer.Option("--format", help="auto, topotherm, dhnx or geojson.")] = "auto",
    power: Annotated[str | None, typer.Option(help="topotherm: unit of the loads, W or kW. [default: checked]")] = None,
    optional: Annotated[
        bool, typer.Option("--optional", help="topotherm: consumers may stay off the network.")
    ] = False,
    crs: Annotated[str | None, typer.Option(help="Coordinate system, as EPSG:25832. [default: the source's]")] = None,
    reach: Annotated[float | None, typer.Option(help="geojson: most metres from building to street. [100]")] = None,
    join: Annotated[float | None, typer.Option(help="geojson: gaps between streets closed, in metres. [1]")] = None,
    faults: Annotated[
        Path | None, typer.Option(help="GeoJSON of the places of faults. [default: OUT.faults.geojson]")
    ] = None,
) -> int:
    """Make an instance of a topotherm or DHNx folder, or of a map of streets, buildings and sources."""
    with extra("gis", "import"):
        from heatnet import readers

    told = {"power": power, "optional": optional or None, "crs": crs, "reach_m": reach, "join_m": join}
    answers = {name: value for name, value in told.items() if value is not None}
    try:
        with interrupts(), readers.reserved(out) as folder:
            imported = readers.import_from(source, out.name, format=form, **answers)
            readers.save(imported, folder)
    except readers.SourceError as error:
        code = complain(error)
        if error.places is not None:
            place = faults or out.with_name(f"{out.name}.faults.geojson")
            readers.save_places(error.places, place)
            screen.print(f"places to look at: {place}", soft_wrap=True)
        return code
    for note in imported.notes:
        page.print(note, soft_wrap=True)
    for what, number, metres in imported.summary:
        page.print(f"{number:>7,}  {what}" + (f", {metres:,.1f} m" if metres else ""), soft_wrap=True)
    page.print(overview(imported.instance))
    page.print(f"instance folder: {out}", soft_wrap=True)
    return OK
