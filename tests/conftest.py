"""What many tests share: a call of the command line, and a tiny instance, written from the text below.

It has two districts, a junction and a plant; 2 days, 2 stages. At the end of a run is told what was tried in it.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from evidence import lines

from heatnet.cli import main
from heatnet.instance import Instance, read

JINAN = Path(__file__).parents[1] / "instances" / "jinan"
TUTORIAL = JINAN.parent / "tutorial"
NIGHT = "HEATNET_NIGHT" in os.environ
"""Whether the long versions run, as by `make night`."""

HEADER = """\
schema_version = 1
name = "tiny"
title = "A tiny city"
title_local = "小城"
currency = "CNY"
base_year = 2025

[[stages]]
year = 2025
span_years = 2
co2_price_cny_per_t = 80
grid_co2_t_per_mwh = 0.6
source = "assumed: test"

[[stages]]
year = 2027
span_years = 3
co2_price_cny_per_t = 120
grid_co2_t_per_mwh = 0.5
source = "assumed: test"

[season]
start = "11-15"
design_outdoor_c = -10
indoor_c = 20
load_floor_share = 0.15
inertia_h = 1
source = "assumed: test"

[economics]
discount_rate_share = 0.06
unserved_cny_per_mwh = 2000
shortfall_mcny_per_mw_year = 1.5
source = "assumed: test"

[security]
guarantee_share = 0.4
source = "assumed: test"

[[regimes]]
id = "ordinary"
supply_c = 120
return_c = 60
ground_c = 8
source = "assumed: test"

[[rules]]
id = "small"
kind = "retired_share"
select = [{ kinds = ["boiler"] }]
min_share = 0.5
by_year = 2027
source = "assumed: test"

[solve]
days = 1
step_hours = 6
gap = 0.02
"""

NODES = """\
id,name,name_local,kind,lat_deg,lon_deg,heat_station_mw,source
P1,Plant,电厂,plant,36.7,117.0,200,assumed: test
J1,Junction,,junction,36.6,117.0,,assumed: test
D1,West,西,district,36.6,116.9,,assumed: test
D2,East,东,district,36.6,117.1,,assumed: test
"""

PIPE_TYPES = """\
id,inner_diameter_mm,velocity_max_m_per_s,roughness_mm,heat_transfer_w_per_m_k,capex_mcny_per_km,fixed_share_per_year,\
life_years,source
DN400,412,2.6,0.2,0.708,6.31,0.01,40,assumed: test
DN300,311,2.4,0.2,0.696,4.55,0.01,40,assumed: test
"""

PIPES = """\
id,from_node,to_node,length_km,regime,existing_type,existing_pairs,candidate_types,max_new_pairs,earliest_year,\
cost_factor,extra_mcny_per_pair,source
main,P1,J1,5,ordinary,DN400,1,DN300 DN400,2,2025,1.2,3,assumed: test
west,J1,D1,2,ordinary,DN300,1,,0,,1,0,"assumed: test, with a comma"
east,J1,D2,3,ordinary,,0,DN300,1,2027,1,0.5,assumed: test
"""

FUELS = """\
id,name,name_local,price_cny_per_mwh,price_series,co2_t_per_mwh,source
coal,Coal,煤,122,,0.341,assumed: test
gas,Natural gas,天然气,355,gas_price_factor,0.202,assumed: test
"""

TECHNOLOGIES = """\
id,name,kind,fuel,size_mw,power_price,commitment,min_up_h,min_down_h,start_cny_per_mw,capex_mcny_per_mw,\
fixed_mcny_per_mw_year,variable_heat_cny_per_mwh,variable_power_cny_per_mwh,retire_mcny_per_mw,life_years,\
design_heat_share,renewable,source
chp,Extraction set,extraction,coal,50,wholesale,hourly,8,4,1000,4,0.1,0,20,0.15,30,1,false,assumed: test
gas-boiler,Gas boiler,boiler,gas,20,,none,,,,0.3,0.01,7.1,,0.03,25,,,assumed: test
pump,Heat pump,heat_pump,,10,retail,none,,,,2.2,0.02,13.2,,0.03,25,0.85,true,assumed: test
"""

CAPABILITY = """\
technology,corner,heat_mw,power_mw,fuel_mw,source
chp,A,0,50,140,assumed: test
chp,B,60,40,140,assumed: test
chp,C,20,15,65,assumed: test
chp,D,0,20,70,assumed: test
gas-boiler,full,20,0,22,assumed: test
pump,full,10,-3,0,assumed: test
"""

UNITS = """\
id,name,name_local,node,technology,size_mw,count,max_new,earliest_year,commissioned_year,may_retire,retirement_due,\
owner,source
P1-chp,Sets 1 and 2,一、二号,P1,chp,50,2,0,,2005,false,false,City Power,assumed: test
D1-gas,Gas boilers,,D1,gas-boiler,20,3,1,2025,,true,false,City Heat,assumed: test
D1-pump,Heat pumps,,D1,pump,10,0,2,2027,,,,,assumed: test
"""

STORES = """\
id,name,node,existing_mwh,max_new_mwh,hours,efficiency_share,loss_share_per_h,earliest_year,capex_mcny_per_mwh,\
fixed_share_per_year,life_years,source
tank,Tank,J1,50,300,6,0.98,0.0001,2025,0.025,0.003,40,assumed: test
"""

DEMANDS = """\
node,year,area_mm2,peak_w_per_m2,shape_series,source
D1,2025,1.0,40,home_shape_factor,assumed: test
D1,2029,1.4,36,home_shape_factor,assumed: test
D2,2025,0.5,50,,assumed: test
"""

# Day 0 at 0 °C, day 1 at -10 °C. Wholesale price 100 + hour of the day, 100 more on day 1; retail price constant.
# Gas dearer on day 1; shape 1.2 in the first half of each day and 0.8 in the second.
SEASON = """\
hour,outdoor_c,power_wholesale_cny_per_mwh,power_retail_cny_per_mwh,gas_price_factor,home_shape_factor
""" + "".join(
    f"{hour},{(0, -10)[hour // 24]},{100 + hour % 24 + 100 * (hour // 24)},600,{(1, 1.1)[hour // 24]},"
    f"{1.2 if hour % 24 < 12 else 0.8}\n"
    for hour in range(48)
)

EARLY = """\
title = "Early"
title_local = "提前"
source = "assumed: test"

[[rules]]
rule = "small"
by_year = 2025

[[retirements]]
unit = "D1-gas"
machines = 2
not_after = 2027
"""

FREE = """\
title = "Free"
source = "assumed: test"

[[rules]]
rule = "small"
enabled = false
"""

CONTINGENCIES = """\
id,name,name_local,node,unit,pipe,lost_share,source
lose-main,Main lost,,,,main,1,assumed: test
"""

FILES = {
    "instance.toml": HEADER,
    "nodes.csv": NODES,
    "pipe_types.csv": PIPE_TYPES,
    "pipes.csv": PIPES,
    "fuels.csv": FUELS,
    "technologies.csv": TECHNOLOGIES,
    "capability.csv": CAPABILITY,
    "units.csv": UNITS,
    "stores.csv": STORES,
    "demands.csv": DEMANDS,
    "contingencies.csv": CONTINGENCIES,
    "series/season.csv": SEASON,
    "schedules/early.toml": EARLY,
    "schedules/free.toml": FREE,
}


def tiny(tmp_path: Path) -> Path:
    """Write the tiny instance below `tmp_path` and return its folder."""
    folder = tmp_path / "tiny"
    for name, text in FILES.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def tiny_folder(tmp_path: Path) -> Path:
    """The folder of a tiny instance, the test's own."""
    return tiny(tmp_path)


@pytest.fixture
def tiny_instance(tiny_folder: Path) -> Instance:
    """The tiny instance, read."""
    return read(tiny_folder)


@pytest.fixture(scope="session")
def jinan() -> Instance:
    """The instance `jinan` of the repository, read once."""
    return read(JINAN)


# --- the command line ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """What one call of the command line left: exit code, stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The last line of stderr, after checking that it is a sentence and that no traceback was shown."""
        assert "Traceback" not in self.out + self.err
        assert "heatnet failed" not in self.err
        last = self.err.strip().splitlines()[-1]
        assert last.endswith("."), self.err
        return last


def call(*arguments: object) -> Call:
    """Run `heatnet` with these arguments in this process, without a terminal."""
    out, err, code = io.StringIO(), io.StringIO(), -1
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.setattr(sys, "argv", ["heatnet", *map(str, arguments)])
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else -1
    return Call(code, out.getvalue(), err.getvalue())


def command(*arguments: object, before: str = "") -> list[str]:
    """The console script with these arguments as a process of its own, after the script `before`."""
    (entry,) = importlib.metadata.entry_points(group="console_scripts", name="heatnet")
    module, function = entry.value.split(":")
    script = f"{before}\nimport sys; sys.argv[0] = 'heatnet'\nfrom {module} import {function}\nsys.exit({function}())"
    return [sys.executable, "-c", script, *map(str, arguments)]


# --- what was tried ------------------------------------------------------------------------------------------


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what this run tried, in numbers."""
    if told := lines(terminalreporter.stats):
        terminalreporter.section("tried")
        for line in told:
            terminalreporter.write_line(line)
