"""Names of kinds, cost terms and quantities, also of the simulation: (English, Chinese). Part of `texts.TEXTS`."""

from __future__ import annotations

KINDS: dict[str, tuple[str, str]] = {
    "extraction": ("extraction sets", "抽凝机组"),
    "back_pressure": ("back-pressure sets", "背压机组"),
    "high_back_pressure": ("high back-pressure sets", "高背压机组"),
    "heat_take_off": ("heat take-off outside the city", "城外电厂取热"),
    "boiler": ("boilers", "锅炉"),
    "heat_pump": ("heat pumps", "热泵"),
    "geothermal": ("geothermal", "地热"),
    "waste_heat": ("industrial waste heat", "工业余热"),
    "waste_incineration": ("waste incineration", "垃圾焚烧"),
    "biomass": ("biomass", "生物质"),
    "sludge_gas": ("sludge gas", "污泥沼气"),
    "electrode_boiler": ("electrode boilers", "电极锅炉"),
    "stove": ("stoves", "散煤炉"),
    "store": ("stores", "储热"),
}

TERMS: dict[str, tuple[str, str]] = {
    "pipes": ("pipes", "管线投资"),
    "units": ("machines", "机组投资"),
    "retrofits": ("retrofits", "机组改造"),
    "stores": ("stores", "储热投资"),
    "regimes": ("substations of temperature regimes", "换热站（温度工况）"),
    "demand_side": ("demand side", "用户侧"),
    "fixed": ("fixed costs", "固定费用"),
    "reserve": ("reserve", "备用"),
    "decommissioning": ("decommissioning", "退役"),
    "fuel": ("fuel", "燃料"),
    "carbon": ("CO₂", "碳成本"),
    "pollutants": ("pollutants", "污染物"),
    "variable": ("variable operation", "可变运行费"),
    "start_up": ("start-up", "启动"),
    "power_sold": ("power sold", "售电"),
    "power_bought": ("power bought", "购电"),
    "heat_sold": ("heat sold", "售热"),
    "pumping": ("pumping", "输送电耗"),
    "unserved": ("unserved heat in operation", "运行缺供"),
    "shortfall": ("shortfall in the design hour", "设计工况缺口"),
    "contingency": ("missing in contingencies", "事故缺口"),
}

QUANTITIES: dict[str, tuple[str, str]] = {
    "fuel_mwh": ("fuel, MWh", "燃料，MWh"),
    "co2_t": ("CO₂, t", "CO₂，吨"),
    "so2_t": ("SO₂, t", "SO₂，吨"),
    "nox_t": ("NOₓ, t", "NOₓ，吨"),
    "pm_t": ("dust, t", "颗粒物，吨"),
    "heat_mwh": ("heat, MWh", "热量，MWh"),
    "heated_area_mm2": ("heated area, million m²", "供热面积，百万平方米"),
}

WATER: dict[str, tuple[str, str]] = {
    "water_design": ("design hour", "设计工况"),
    "water_hour": ("day and hour {hour}", "代表日与时刻 {hour}"),
    "water_model": ("model", "模型"),
    "water_simulated": ("simulated", "模拟"),
    "water_difference": ("difference", "差"),
    "water_heat_mw": ("heat fed, MW", "供热量，MW"),
    "water_loss_mw": ("heat loss, MW", "热损失，MW"),
    "water_friction_mw": ("friction, MW of power", "摩阻耗电，MW"),
    "water_pump_mw": ("pumps, MW of power", "水泵耗电，MW"),
    "water_pressure_drop_bar": ("drop to {place}, the critical point, bar", "至最不利点 {place} 的压降，bar"),
    "water_lines": ("Lines whose velocity differs most, m/s", "流速相差最大的管段，m/s"),
    "water_inside": ("No place is beyond its limits.", "各处均在限值之内。"),
    "water_above": ("{place}: {quantity} {value}, at most {limit}", "{place}：{quantity} {value}，限值 ≤ {limit}"),
    "water_below": ("{place}: {quantity} {value}, at least {limit}", "{place}：{quantity} {value}，限值 ≥ {limit}"),
}

NAMES: dict[str, tuple[str, str]] = {
    "kind_of_fuel": ("{kind}: {fuel}", "{kind}：{fuel}"),
    **{f"kind_{key}": names for key, names in KINDS.items()},
    **{f"term_{key}": names for key, names in TERMS.items()},
    **{f"quantity_{key}": names for key, names in QUANTITIES.items()},
    **WATER,
}
