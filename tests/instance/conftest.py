"""A rich instance: the tiny one with all tables and every column in use."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import HEADER, tiny

from heatnet.instance import Instance, read

RULES = """\
[[regimes]]
id = "low"
supply_c = 90
return_c = 40
ground_c = 8
substation_mcny_per_mw = 0.05
substation_life_years = 15
source = "assumed: test"

[[rules]]
id = "freeze"
kind = "no_new"
select = [{ kinds = ["boiler"], owners = ["City Heat"] }, { technologies = ["chp"], nodes = ["P1"] }]
from_year = 2025
to_year = 2026
source = "assumed: test"

[[rules]]
id = "cap"
kind = "yearly_limit"
quantity = "co2_t"
select = [{ fuels = ["refuse"], renewable = true }, { commissioned_before = 2000, retirement_due = true }]
most = 300000
least = 10
from_year = 2027
to_year = 2029
source = "assumed: test"

[[rules]]
id = "area"
kind = "yearly_limit"
quantity = "heated_area_mm2"
least = 0.1
enabled = false
source = "assumed: test"

"""

FILES = {
    "instance.toml": HEADER.replace("[[rules]]", RULES + "[[rules]]").replace(
        "by_year = 2027", "by_year = 2027\nreserve_counts = true"
    ),
    "zones.csv": """\
id,name,name_local,regimes,earliest_year,guarantee_share,source
net,Old network,老网,ordinary low,2027,0.5,assumed: test
edge,Edge,,,,0.3,assumed: test
""",
    "nodes.csv": """\
id,name,name_local,kind,zone,lat_deg,lon_deg,heat_station_mw,source
P1,Plant,电厂,plant,,36.7,117.0,200,assumed: test
J1,Junction,,junction,,36.6,117.0,,assumed: test
D1,West,西,district,net,36.6,116.9,,assumed: test
D2,East,东,district,edge,36.6,117.1,,assumed: test
V1,Village,村,village,,36.6,117.2,,assumed: test
""",
    "pipes.csv": """\
id,from_node,to_node,length_km,regime,zone,delay_h,existing_type,existing_pairs,candidate_types,max_new_pairs,\
earliest_year,cost_factor,tunnel_km,tunnel_cost_factor,relay_stations,relay_mcny_per_mw,station_power_share,\
extra_mcny_per_pair,diversity_share,source
main,P1,J1,5,,net,2,DN400,1,DN300 DN400,2,2025,1.2,1.5,3,2,0.02,0.003,3,0.8,assumed: test
west,J1,D1,2,,net,,DN300,1,,0,,1,,,,,,0,,assumed: test
east,J1,D2,3,ordinary,,,,0,DN300,1,2027,1,,,,,,0.5,,assumed: test
lane,D2,V1,4,low,,,,0,DN300,1,2027,1,,,,,,0.5,,assumed: test
""",
    "fuels.csv": """\
id,name,name_local,price_cny_per_mwh,price_series,co2_t_per_mwh,source
coal,Coal,煤,122,,0.341,assumed: test
gas,Natural gas,天然气,355,gas_price_factor,0.202,assumed: test
refuse,Refuse,垃圾,-10,,0.1,assumed: test
""",
    "technologies.csv": """\
id,name,name_local,kind,fuel,size_mw,power_price,commitment,min_up_h,min_down_h,start_cny_per_mw,ramp_share_per_h,\
capex_mcny_per_mw,fixed_mcny_per_mw_year,reserve_fixed_share,variable_heat_cny_per_mwh,variable_power_cny_per_mwh,\
retire_mcny_per_mw,life_years,design_heat_share,availability_share,must_run,source_series,source_drop_k,sink_in_c,\
sink_out_c,lorenz_share,cop_max,derate_below_c,derate_share_per_k,so2_g_per_mwh,nox_g_per_mwh,pm_g_per_mwh,renewable,\
source
chp,Set,组,extraction,coal,50,wholesale,hourly,8,4,1000,0.25,4,0.1,0.4,0,20,0.15,30,1,,,,,,,,,,,45,65,13,,assumed: test
gas-boiler,Boiler,,boiler,gas,20,,none,,,,,0.3,0.01,,7.1,,0.03,25,,,,,,,,,,,,,,,,assumed: test
air,Air,,heat_pump,,10,retail,,,,,,2.2,0.02,,13.2,,0.03,25,0.85,,,outdoor_c,5,45,75,0.45,7,,,,,,true,assumed: test
oven,,,waste_incineration,refuse,10,,,,,,,9,0.3,,,,,30,,0.9,true,outdoor_c,,,,,,-5,0.02,100,200,10,true,assumed: test
""",
    "capability.csv": """\
technology,corner,mode,heat_mw,power_mw,fuel_mw,source
chp,A,,0,50,140,assumed: test
chp,B,,60,40,140,assumed: test
chp,C,,20,15,65,assumed: test
chp,D,,0,20,70,assumed: test
chp,E,rotor,80,35,140,assumed: test
chp,F,rotor,40,18,70,assumed: test
chp,G,bypass,60,0,70,assumed: test
gas-boiler,full,,20,0,22,assumed: test
air,full,,10,0,0,assumed: test
oven,heat,,12,1,16,assumed: test
oven,power,,10,2,15,assumed: test
""",
    "retrofits.csv": """\
technology,mode,name,name_local,seasonal,earliest_year,capex_mcny_per_mw,fixed_mcny_per_mw_year,life_years,source
chp,rotor,Second rotor,双转子,true,2027,0.2,0.01,15,assumed: test
""",
    "units.csv": """\
id,name,name_local,node,technology,size_mw,count,max_new,earliest_year,commissioned_year,may_retire,may_reserve,\
retirement_due,group,leaves_after_pipe,converts,owner,diversity_share,source
P1-chp,Sets 1 and 2,一、二号,P1,chp,50,2,0,,2005,false,true,,,,,City Power,0.9,assumed: test
P1-old,Sets 3 and 4,,P1,chp,50,2,0,,1990,true,,true,block,east,,City Power,,assumed: test
P1-next,Set 5,,P1,chp,50,0,1,2027,,,,,,,P1-old,,,assumed: test
P1-oven,Ovens,,P1,oven,20,2,0,,2015,false,,,,,,,,assumed: test
D1-gas,Gas boilers,,D1,gas-boiler,20,3,1,2025,,true,,false,block,,,City Heat,,assumed: test
D1-air,Air pumps,,D1,air,10,0,2,2027,,,,,,,,,,assumed: test
""",
    "stores.csv": """\
id,name,name_local,node,existing_mwh,max_new_mwh,hours,seasonal,efficiency_share,loss_share_per_h,earliest_year,\
capex_mcny_per_mwh,fixed_share_per_year,life_years,source
pit,Pit,坑,J1,0,9000,200,true,0.9,0.00002,2027,0.01,0.003,25,assumed: test
tank,Tank,罐,J1,50,300,6,,0.98,0.0001,2025,0.025,0.003,40,assumed: test
""",
    "demands.csv": """\
node,year,area_mm2,peak_w_per_m2,consumers,shape_series,source
D1,2025,1.0,40,120,home_shape_factor,assumed: test
D1,2029,1.4,36,140,home_shape_factor,assumed: test
D2,2025,0.5,50,,,assumed: test
V1,2025,0.1,60,,,assumed: test
""",
    "envelopes.csv": """\
node,measure,name,name_local,max_share,saving_share,capex_mcny_per_mm2,earliest_year,life_years,source
D1,walls,Walls,墙,0.6,0.3,200,2027,30,assumed: test
D1,windows,Windows,窗,0.4,0.1,50,,30,assumed: test
""",
    "connections.csv": """\
node,heat_price_cny_per_mwh,capex_mcny,earliest_year,life_years,source
V1,90,2,2027,20,assumed: test
""",
    "contingencies.csv": """\
id,name,name_local,node,unit,pipe,lost_share,source
lose-main,Main lost,主管,,,main,1,assumed: test
lose-plant,,,P1,,,0.5,assumed: test
lose-set,,,,P1-chp,,0.5,assumed: test
""",
    "schedules/early.toml": """\
title = "Early"
title_local = "提前"
source = "assumed: test"

[[rules]]
rule = "small"
by_year = 2025
min_share = 0.4
reserve_counts = false

[[rules]]
rule = "cap"
enabled = true
from_year = 2025
to_year = 2029
most = 200000
least = 5

[[retirements]]
unit = "D1-gas"
machines = 2
not_before = 2025
not_after = 2027
""",
}
"""The files that differ from those of the tiny instance."""


@pytest.fixture
def rich_folder(tmp_path: Path) -> Path:
    """The folder of a rich instance, the test's own."""
    folder = tiny(tmp_path)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def rich_instance(rich_folder: Path) -> Instance:
    """The rich instance, read."""
    return read(rich_folder)
