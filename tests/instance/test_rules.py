"""Faults between rows, on the rich instance: what is told, where, and what is allowed.

Sensitivity, one sentence per test:
- reference: an id of zone, regime, technology, pipe, node or selection that nothing has would pass unseen.
- pipe, zone: a pipe with two regimes or none, a delay longer than the day or a tunnel longer than its pipe would.
- mode: a retrofit that opens nothing, a technology that needs one to run at all, a corner inside its mode would.
- corners of two modes: a corner judged against those of another mode would be refused.
- condensing set: a machine that makes heat only once it is fitted would be refused.
- unit: a reserve of what must run, a group or a pipe to wait for of machines that never leave would pass unseen.
- demand side: measures on more than all area, or of nothing, or at a node without demand would.
- rule: years and bounds that cross, or a limit that says nothing, would.
- schedule: a key that the rule does not have, or bounds that cross only once changed, would.
- applied schedule: the changes of one schedule would be judged on top of another.
- limit below what must run: a limit that no plan keeps would be told as an infeasible model, hours later.
- limit with room, disabled, out of time: a limit that can be kept, or that does not hold, would be refused.
- guarantee: contingencies without any guarantee at a node would pass, or zones with their own be refused.
- one way: a node behind a pipe that carries heat away from it would count as supplied.
- warnings: a rule that selects nothing would pass in silence, or one that selects something be complained of.
- allowed: what is unused but harmless would be refused.
- several faults: one fault would hide another.
- cut files: a rule that takes the rest of the instance for granted would end in another error.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from heatnet.instance import Instance, read
from heatnet.instance.rules import warnings
from instance.faults import Case, Want, case, edit, expect, issues_of

TOML = "instance.toml"
EARLY = "schedules/early.toml"
CAP = "rules[1] cap"

CASES: dict[str, Case] = {
    # references
    "zone of a node": case("nodes.csv", "district,net", "district,nett", 4, "zone", "`nett`", "zones.csv", "`net`"),
    "zone of a pipe": case("pipes.csv", "J1,D1,2,,net", "J1,D1,2,,nut", 3, "zone", "`nut`", "zones.csv", "`net`"),
    "regime of a zone": case("zones.csv", "ordinary low", "ordinary lo", 2, "regimes", "`lo`", TOML, "`low`"),
    "technology of a retrofit": case("retrofits.csv", "chp,rotor", "chq,rotor", 2, "technology", "`chq`", "`chp`"),
    "pipe to wait for": case("units.csv", "block,east", "block,eaast", 3, "leaves_after_pipe", "`eaast`", "`east`"),
    "node of a measure": case("envelopes.csv", "D1,walls", "D9,walls", 2, "node", "`D9`", "nodes.csv"),
    "node of a connection": case("connections.csv", "V1,90", "V9,90", 2, "node", "`V9`", "nodes.csv"),
    "technology of a rule": case(
        TOML,
        'technologies = ["chp"]',
        'technologies = ["chb"]',
        0,
        "rules[0] freeze select.technologies",
        "`chb`",
        "`chp`",
    ),
    "fuel of a rule": case(TOML, '["refuse"]', '["refuze"]', 0, f"{CAP} select.fuels", "`refuze`", "`refuse`"),
    "node of a rule": case(TOML, 'nodes = ["P1"]', 'nodes = ["P2"]', 0, "rules[0] freeze select.nodes", "`P2`"),
    # pipes and zones
    "neither regime nor zone": case("pipes.csv", "J1,D2,3,ordinary", "J1,D2,3,", 4, "regime", "zone", "give"),
    "regime and zone": case("pipes.csv", "J1,D1,2,,net", "J1,D1,2,low,net", 3, "regime", "zone", "leave one blank"),
    "zone without regimes": case("pipes.csv", "J1,D1,2,,net", "J1,D1,2,,edge", 3, "zone", "`edge` has no regimes"),
    "regime twice": case("zones.csv", "ordinary low", "ordinary low ordinary", 2, "regimes", "twice"),
    "delay of a day and an hour": case(
        "pipes.csv", ",net,2,DN400", ",net,25,DN400", 2, "delay_h", "is 25", "24 or less"
    ),
    "delay of half an hour": case("pipes.csv", ",net,2,DN400", ",net,0.5,DN400", 2, "delay_h", "whole number", "`0.5`"),
    "long tunnel": case("pipes.csv", "1.2,1.5,3", "1.2,5.1,3", 2, "tunnel_km", "is 5.1", "length_km (5) or less"),
    "relay stations for nothing": case(
        "pipes.csv", "3,2,0.02,", "3,2,,", 2, "relay_stations", "relay_mcny_per_mw", "go together"
    ),
    "price of no relay station": case("pipes.csv", "3,2,0.02,", "3,0,0.02,", 2, "relay_stations", "go together"),
    "guarantee of more than all": case(TOML, "share = 0.4", "share = 1.2", 0, "security.guarantee_share", "1 or less"),
    "guarantee of a zone": case("zones.csv", "2027,0.5", "2027,50", 2, "guarantee_share", "1 or less", "50"),
    # modes. In the mode bypass: half of G is 30 MW heat for 35 MW fuel.
    "retrofit of an unknown mode": case(
        "retrofits.csv", "chp,rotor", "chp,roter", 2, "mode", "chp roter", "no corner point", "`rotor`"
    ),
    "no ordinary mode": case(
        "capability.csv", "gas-boiler,full,,", "gas-boiler,full,hot,", 9, "id", "no corner points of the ordinary mode"
    )._replace(wanted=(Want("technologies.csv", 3, "id", ("gas-boiler", "ordinary mode", "capability.csv")),)),
    "corner inside its mode": case(
        "capability.csv",
        "chp,G,bypass,60,0,70,assumed: test\n",
        "chp,G,bypass,60,0,70,assumed: test\nchp,H,bypass,0,0,0,assumed: test\nchp,I,bypass,30,0,35,assumed: test\n",
        10,
        "heat_mw",
        "chp I",
        "of its mode",
        "convex",
    ),
    "corner twice in a mode": Case(
        "capability.csv",
        "rotor,40,18,70",
        "rotor,80,35,70",
        (
            Want("capability.csv", 6, "heat_mw", ("chp E", "technology and mode")),
            Want("capability.csv", 7, "heat_mw", ("chp F", "technology and mode")),
        ),
    ),
    # units
    "reserve of what must run": case(
        "units.csv", "oven,20,2,0,,2015,false,,", "oven,20,2,0,,2015,false,true,", 5, "may_reserve", "`oven` must run"
    ),
    "group of no machines": case(
        "units.csv", "D1,air,10,0,2,2027,,,,,,", "D1,air,10,0,2,2027,,,,,block,", 7, "group", "count is 0", "blank"
    ),
    "group of machines that stay": case(
        "units.csv", "false,true,,,,", "false,true,,block,,", 2, "group", "may_retire is false", "blank"
    ),
    "pipe for no machines": case(
        "units.csv", "D1,air,10,0,2,2027,,,,,,,", "D1,air,10,0,2,2027,,,,,,east,", 7, "leaves_after_pipe", "count is 0"
    ),
    "pipe for machines that stay": case(
        "units.csv", "false,true,,,,", "false,true,,,east,", 2, "leaves_after_pipe", "may_retire is false"
    ),
    "ramp of nothing": case("technologies.csv", "1000,0.25,", "1000,0,", 2, "ramp_share_per_h", "above 0"),
    # demand side
    "measures on more than all area": case(
        "envelopes.csv", "0.4,0.1", "0.41,0.1", 3, "max_share", "D1 add up to 1.01", "1 or less"
    ),
    "measure of no area": case("envelopes.csv", "0.6,0.3", "0,0.3", 2, "max_share", "D1 walls", "above 0"),
    "measure that saves nothing": case("envelopes.csv", "0.6,0.3", "0.6,0", 2, "saving_share", "D1 walls", "above 0"),
    "measure without demand": case("envelopes.csv", "D1,walls", "J1,walls", 2, "node", "J1 walls", "demands.csv"),
    "connection without demand": case("connections.csv", "V1,90", "J1,90", 2, "node", "J1", "demands.csv"),
    # rules
    "kind of a rule": case(TOML, '"no_new"', '"no_old"', 0, "rules[0].kind", "'no_new'", "`no_old`"),
    "kind without end": case(TOML, '"no_new"', f'"{"x" * 9000}"', 0, "rules[0].kind", f"found `{'x' * 37}…`."),
    "rule of no kind": case(TOML, 'kind = "no_new"\n', "", 0, "rules[0].kind", "is missing"),
    "key of another kind": case(
        TOML, "to_year = 2026", "to_year = 2026\nmost = 3", 0, "rules[0].most", "not known here", "to_year"
    ),
    "quantity": case(TOML, '"co2_t"', '"co2"', 0, "rules[1].quantity", "'co2_t'", "`co2`"),
    "years of a ban crossed": case(
        TOML, "to_year = 2026", "to_year = 2024", 0, "rules[0] freeze from_year", "is 2025", "2024", "earlier"
    ),
    "years of a limit crossed": case(
        TOML,
        "from_year = 2027\nto_year = 2029",
        "from_year = 2030\nto_year = 2029",
        0,
        f"{CAP} from_year",
        "is 2030",
        "2029",
    ),
    "bounds crossed": case(
        TOML, "least = 10\n", "least = 300001\n", 0, f"{CAP} least", "is 300,001", "300,000", "or less"
    ),
    "limit of nothing": case(TOML, "least = 0.1\n", "", 0, "rules[2] area most", "is missing", "least"),
    # schedules
    "key that the rule does not have": case(
        EARLY,
        "from_year = 2025",
        "by_year = 2025",
        0,
        "rules[1].by_year",
        "`cap`",
        "yearly_limit",
        "from_year, to_year",
    ),
    "bounds crossed once changed": case(
        EARLY, "least = 5", "least = 200001", 0, "rules[1] cap least", "once changed", "is 200,001", "200,000"
    ),
    "years crossed once changed": case(
        EARLY, "from_year = 2025\nto_year = 2029", "to_year = 2026", 0, "rules[1] cap from_year", "once changed", "2027"
    ),
    "limit that cannot be kept once changed": case(
        EARLY, "most = 200000", "most = 200", 0, "rules[1] cap most", "once changed", "is 200,", "P1-oven", "246.24"
    ),
}


@pytest.mark.parametrize(("name", "old", "new", "wanted"), CASES.values(), ids=CASES)
def test_fault(rich_folder: Path, name: str, old: str, new: str, wanted: tuple[Want, ...]) -> None:
    """One edit yields the issues that name it, and no others."""
    edit(rich_folder, name, old, new)
    expect(rich_folder, *wanted)


ALLOWED: dict[str, tuple[str, str, str]] = {
    "zone that nothing uses": ("zones.csv", "edge,Edge", "spare,,,,,,assumed: test\nedge,Edge"),
    "delay of a whole day": ("pipes.csv", ",net,2,DN400", ",net,24,DN400"),
    "tunnel all the way": ("pipes.csv", "1.2,1.5,3", "1.2,5,3"),
    "tunnel of a pipe that is there": ("pipes.csv", "DN300,1,,0,,1,,", "DN300,1,,0,,1,1,2"),
    "mode without a retrofit": ("retrofits.csv", "chp,rotor,", "chp,bypass,"),
    "group of one": ("units.csv", "block,,,City Heat", "alone,,,City Heat"),
    "measures on all area": ("envelopes.csv", "0.4,0.1", "0.3999,0.1"),
    "two retrofits of a technology": ("retrofits.csv", "chp,rotor,", "chp,rotor,,,,,1,,9,assumed: test\nchp,bypass,"),
}


@pytest.mark.parametrize(("name", "old", "new"), ALLOWED.values(), ids=ALLOWED)
def test_allowed(rich_folder: Path, name: str, old: str, new: str) -> None:
    """What is harmless can be read."""
    edit(rich_folder, name, old, new)
    assert read(rich_folder).header.name == "tiny"


def test_corners_of_two_modes(rich_folder: Path) -> None:
    """A corner may stand within the region of another mode, and where another mode has one."""
    edit(rich_folder, "capability.csv", "chp,G,bypass,60,0,70", "chp,G,bypass,60,40,150")
    edit(rich_folder, "capability.csv", "chp,F,rotor,40,18,70", "chp,F,rotor,20,25,200")
    assert len(read(rich_folder).corners["chp"]) == 7


def test_condensing_set_with_a_retrofit(rich_folder: Path) -> None:
    """A machine may make heat in a mode only that it needs a retrofit for."""
    edit(rich_folder, "capability.csv", "chp,B,,60,40,140,assumed: test\nchp,C,,20,15,65,assumed: test\n", "")
    assert max(corner.heat_mw for corner in read(rich_folder).corners["chp"] if corner.mode is None) == 0


# In the mode with the least of it, an oven of 20 MW (twice the technology's 10) takes 2 · 15 MW of refuse, or gives
# 2 · 10 MW of heat. 0.9 of it can be had on the day at 0 °C, and 1 − 0.02 · 5 = 0.9 of that on the day at −10 °C, so
# two ovens come to 2 · 24 · (0.9 + 0.81) = 82.08 machine hours: 2462.4 MWh of refuse, 1641.6 MWh of heat. Per MWh of
# refuse 0.1 t CO2 and 100, 200 and 10 g of SO2, NOx and dust.
MUST = {
    "fuel_mwh": 2462.4,
    "heat_mwh": 1641.6,
    "co2_t": 246.24,
    "so2_t": 0.24624,
    "nox_t": 0.49248,
    "pm_t": 0.024624,
}


@pytest.mark.parametrize(("quantity", "amount"), MUST.items())
def test_limit_below_what_must_run(rich_folder: Path, quantity: str, amount: float) -> None:
    """A limit a thousandth below what the ovens come to is told with both figures, one a thousandth above is kept."""
    (rich_folder / EARLY).unlink()
    edit(rich_folder, TOML, '"co2_t"', f'"{quantity}"')
    edit(rich_folder, TOML, "most = 300000\nleast = 10\n", f"most = {1.001 * amount:.10f}\n")
    assert read(rich_folder).header.rules[1].id == "cap"
    edit(rich_folder, TOML, f"most = {1.001 * amount:.10f}\n", f"most = {0.999 * amount:.10f}\n")
    found = f"{amount:,.8g}"
    expect(rich_folder, Want(TOML, 0, f"{CAP} most", ("P1-oven must run", f"is {0.999 * amount:,.8g},", found)))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (TOML, "to_year = 2029\n", "to_year = 2029\nenabled = false\n"),
        (TOML, "from_year = 2027\nto_year = 2029", "from_year = 2028\nto_year = 2029"),
        (TOML, 'quantity = "co2_t"', 'quantity = "heated_area_mm2"'),
        (TOML, '["refuse"]', '["coal"]'),
        ("units.csv", "oven,20,2,0,,2015,false", "oven,20,2,0,,2015,true"),
        ("units.csv", "oven,20,2,0,,", "oven,20,0,2,,"),
        ("technologies.csv", ",0.9,true,", ",0.9,false,"),
    ],
    ids=["disabled", "no stage", "area", "not selected", "may retire", "not there yet", "need not run"],
)
def test_limit_that_nothing_breaks(rich_folder: Path, name: str, old: str, new: str) -> None:
    """A limit of nothing is kept where it does not hold, where nothing must run, and where that may leave."""
    (rich_folder / EARLY).unlink()
    edit(rich_folder, TOML, "most = 300000\nleast = 10\n", "most = 0\n")
    expect(rich_folder, Want(TOML, 0, f"{CAP} most", ("is 0,", "246.24")))
    edit(rich_folder, name, old, new)
    assert read(rich_folder).header.rules[1].id == "cap"


def test_limit_beside_a_bad_row(rich_folder: Path) -> None:
    """Where units, technologies or corner points have faults, a limit is not judged on half of them."""
    edit(rich_folder, TOML, "most = 300000\nleast = 10\n", "most = 0\n")
    edit(rich_folder, "units.csv", "P1,oven,20", "P1,oben,20")
    edit(rich_folder, EARLY, "most = 200000\n", "")
    edit(rich_folder, EARLY, "least = 5\n", "least = 0\n")
    expect(rich_folder, Want("units.csv", 5, "technology", ("`oben`", "`oven`")))


def test_applied_schedule_is_not_judged_on_another(rich_folder: Path) -> None:
    """Two schedules that each go with the rules, but not with each other, can both be applied."""
    text = 'title = "Tight"\nsource = "assumed: test"\n\n[[rules]]\nrule = "cap"\nmost = 1000\n'
    (rich_folder / "schedules" / "tight.toml").write_text(text, encoding="utf-8")
    edit(rich_folder, EARLY, "most = 200000\nleast = 5\n", "least = 2000\n")
    instance = read(rich_folder)
    bounds = {}
    for name in ("early", "tight"):
        rule = instance.with_schedule(name).header.rules[1]
        assert rule.kind == "yearly_limit"
        bounds[name] = (rule.least, rule.most)
    assert bounds == {"early": (2000, 300000), "tight": (10, 1000)}


def test_guarantee_of_zones_alone(rich_folder: Path) -> None:
    """Contingencies need no `[security]` where every node with demand has the guarantee of a zone."""
    edit(rich_folder, TOML, '[security]\nguarantee_share = 0.4\nsource = "assumed: test"\n', "")
    expect(rich_folder, Want(TOML, 0, "security", ("is missing", "guarantee_share", "V1")))
    edit(rich_folder, "nodes.csv", "village,,", "village,edge,")
    assert read(rich_folder).header.security is None


def test_one_way(rich_folder: Path) -> None:
    """A pipe with a delay leads from its `from_node` to its `to_node` only; without one it leads both ways."""
    edit(rich_folder, "pipes.csv", "east,J1,D2,3,ordinary,,,", "east,D2,J1,3,ordinary,,,")
    assert read(rich_folder).header.name == "tiny"
    edit(rich_folder, "pipes.csv", "east,D2,J1,3,ordinary,,,", "east,D2,J1,3,ordinary,,1,")
    expect(
        rich_folder,
        Want("nodes.csv", 5, "id", ("D2", "has demand", "delay_h")),
        Want("nodes.csv", 6, "id", ("V1", "has demand", "delay_h")),
    )


def test_no_warnings(rich_instance: Instance, jinan: Instance) -> None:
    """Rules that select what they speak of are passed over."""
    assert warnings(rich_instance) == []
    assert warnings(jinan) == []


@pytest.mark.parametrize(
    ("old", "new", "column", "words"),
    [
        (
            'select = [{ kinds = ["boiler"] }]',
            'select = [{ units = ["D1-air"] }]',
            "rules[3] small select",
            "at the start",
        ),
        ('nodes = ["P1"] }]\nfrom', 'nodes = ["D2"] }]\nfrom', "rules[0] freeze select", "max_new"),
        (
            'fuels = ["refuse"], renewable = true',
            'fuels = ["coal"], renewable = true',
            "rules[1] cap select",
            "no unit",
        ),
    ],
    ids=["retired_share", "no_new", "yearly_limit"],
)
def test_warning(rich_folder: Path, old: str, new: str, column: str, words: str) -> None:
    """A rule that selects nothing that it could speak of is named; the instance stays sound."""
    edit(rich_folder, TOML, 'kinds = ["boiler"], owners', 'kinds = ["stove"], owners')  # leaves the second selection
    edit(rich_folder, TOML, "commissioned_before = 2000", "commissioned_before = 1990")  # leaves the first
    edit(rich_folder, TOML, old, new)
    found = [(issue.table, issue.column) for issue in warnings(read(rich_folder))]
    assert found == [(TOML, column)]
    assert words in warnings(read(rich_folder))[0].message


@pytest.mark.parametrize(
    ("old", "new", "column", "words"),
    [
        ("guarantee_share = ", "guarantee_share = true #", "security.guarantee_share", ("a number", "True")),
        ("indoor_c = ", 'indoor_c = "18" #', "season.indoor_c", ("a number", '`"18"`')),
        ("from_year = 2025", "from_year = 2025.0", "rules[0].from_year", ("a whole number", "2025.0")),
    ],
    ids=["truth", "text", "fraction"],
)
def test_types_of_toml(rich_folder: Path, old: str, new: str, column: str, words: tuple[str, ...]) -> None:
    """TOML has types, and a value of another one is told, not turned into it."""
    edit(rich_folder, TOML, old, new)
    expect(rich_folder, Want(TOML, 0, column, words))


def test_rule_of_no_stage(rich_folder: Path) -> None:
    """A rule that holds in no stage is named, a disabled one is not."""
    edit(rich_folder, TOML, "to_year = 2026", "to_year = 1999\nenabled = true")
    edit(rich_folder, TOML, "from_year = 2025", "from_year = 1998")
    told = warnings(read(rich_folder))
    assert [(issue.column, issue.message) for issue in told] == [
        ("rules[0] freeze", "holds in no stage; stages begin in 2025, 2027.")
    ]
    edit(rich_folder, TOML, "enabled = true", "enabled = false")
    assert warnings(read(rich_folder)) == []


def test_several_faults(rich_folder: Path) -> None:
    """Faults of several subjects are told together."""
    edit(rich_folder, "zones.csv", "ordinary low", "ordinary ordinary")
    edit(rich_folder, "pipes.csv", "J1,D2,3,ordinary", "J1,D2,3,")
    edit(rich_folder, "envelopes.csv", "0.4,0.1", "0.5,0.1")
    edit(rich_folder, TOML, "to_year = 2026", "to_year = 2024")
    expect(
        rich_folder,
        Want("envelopes.csv", 3, "max_share", ("1.1",)),
        Want(TOML, 0, "rules[0] freeze from_year", ("2024",)),
        Want("pipes.csv", 4, "regime", ("is missing",)),
        Want("zones.csv", 2, "regimes", ("twice",)),
    )


def test_cut_files(rich_folder: Path) -> None:
    """A file cut off at any place is read or refused with issues, and never ends in another error."""
    for path in sorted(rich_folder.rglob("*.*")):
        whole = path.read_bytes()
        for part in range(8):
            path.write_bytes(whole[: len(whole) * part // 8])
            assert all(issue.message for issue in issues_of(rich_folder))
        path.write_bytes(whole)
    assert read(rich_folder).header.name == "tiny"
