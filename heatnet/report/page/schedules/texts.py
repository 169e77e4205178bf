"""Texts of the page of a comparison: (English, Chinese). Part of `texts.TEXTS`."""

from __future__ import annotations

SCHEDULES: dict[str, tuple[str, str]] = {
    "compared": ("{title}: schedules side by side", "{title}：时间表方案对比"),
    "choose": ("Schedule", "时间表方案"),
    "choose_from": ("From", "从"),
    "choose_to": ("to", "到"),
    "choose_two": ("Choose two different schedules.", "请选择两个不同的方案。"),
    # answers
    "q_price": ("What does the policy cost?", "政策要多花多少钱？"),
    "more": ("{amount} more", "多 {amount}"),
    "less": ("{amount} less", "少 {amount}"),
    "is_base": (
        "“{schedule}”: the other schedules are counted from this one.",
        "“{schedule}”：其他方案均以此为比较基准。",
    ),
    "costs_against": (
        "“{one}” costs {cost}, “{other}” {against}: {first} to {last}, less sales, in the value of {year}.",
        "“{one}”费用 {cost}，“{other}”{against}；{first}–{last} 年合计，已扣除售电、售热收入，折算为 {year} 年现值。",
    ),
    "difference_proved": (
        "Proved: the best plans of the two differ by between {least} and {most}.",
        "已证明：两者最优方案的费用差介于 {least} 与 {most} 之间。",
    ),
    "difference_undecided": (
        "NOT DECIDED: all that is proved is a difference between {least} and {most}; a smaller gap would tell.",
        "尚不能断定：目前只能证明费用差介于 {least} 与 {most} 之间，需更小的求解间隙。",
    ),
    "difference_at_most": (
        "It asks for all that the other does and more, so it cannot cost less; proved is a difference of at most "
        "{most}; a smaller gap would tell more.",
        "其要求包含另一方案的全部要求，费用不可能更低；已证费用差至多为 {most}，更小的求解间隙可进一步判定。",
    ),
    "difference_open": (
        "NOT DECIDED: without bounds for both, nothing is proved of the difference.",
        "尚不能断定：两者未都有下界，费用差未经证明。",
    ),
    "part": ("{name} {amount}", "{name}{amount}"),
    "mainly": ("Where it comes from: {what}.", "主要来自：{what}。"),
    "unit_cost": (
        "{gj} {currency} per GJ; {m2} {currency} per m² and season.",
        "每 GJ {gj} {currency}；每平方米每采暖季 {m2} {currency}。",
    ),
    "unit_cost_against": (
        "{gj} {currency} per GJ instead of {gj_base}; {m2} {currency} per m² and season instead of {m2_base}.",
        "每 GJ {gj} {currency}（基准 {gj_base}）；每平方米每采暖季 {m2} {currency}（基准 {m2_base}）。",
    ),
    "all_years": ("Over all years: {what}.", "全部年份合计：{what}。"),
    "co2_fuel_mt_is": ("CO₂ of fuels {one} {unit} instead of {other}", "燃料 CO₂ {one} {unit}（基准 {other}）"),
    "coal_twh_is": ("coal {one} {unit} instead of {other}", "煤 {one} {unit}（基准 {other}）"),
    "gas_twh_is": ("gas {one} {unit} instead of {other}", "天然气 {one} {unit}（基准 {other}）"),
    "with_base": ("With “{schedule}”: {what}.", "“{schedule}”方案：{what}。"),
    "least_kept": (
        "The district that then keeps least is {node} in {stage}: {share} of its load ({lost}).",
        "届时保障率最低的是 {stage} 年的{node}：保有其负荷的 {share}（{lost}）。",
    ),
    "gap_of": (
        "“{schedule}” is at most {gap} above the best plan of this model.",
        "“{schedule}”最多比本模型的最优方案高 {gap}。",
    ),
    "gap_unknown": (
        "How far “{schedule}” is from its best plan is not proved.",
        "“{schedule}”与最优方案的差距未经证明。",
    ),
    "checked_all": (
        "A checker that shares no code with the model found every law kept and the same costs in all plans, "
        "again when this page was written.",
        "与模型无共用代码的独立校核程序在生成本页时再次核对全部方案：各项约束均满足，费用一致。",
    ),
    "no_plan_of": ("“{schedule}” has no plan.", "“{schedule}”没有可行方案。"),
    "and_more": ("and {number} more", "另有 {number} 项"),
    "missing_infeasible": (
        "It is proved that no plan can keep all its rules.",
        "已证明：没有方案能同时满足其全部规则。",
    ),
    "missing_plan": ("No plan was found in the time.", "限时内未找到方案。"),
    "missing_unsound": (
        "Its plan is not sound when judged again; `heatnet check` tells why.",
        "重新校核不通过；原因见 heatnet check。",
    ),
    "missing_design_hour": (
        "{name}, {stage}: {amount} missing in the design hour",
        "{stage} 年{name}：设计工况缺 {amount}",
    ),
    "missing_season": ("{name}, {stage}: {amount} not served in the season", "{stage} 年{name}：采暖季缺供 {amount}"),
    "missing_contingency": (
        "{name}, {stage}: {amount} of the guarantee missing",
        "{stage} 年{name}：保证负荷缺 {amount}",
    ),
    "missing_rule": ("rule {name} {stage}: short by {amount}", "规则 {name} {stage}：差 {amount}"),
    # sections
    "s_overview": ("The schedules side by side", "各方案一览"),
    "s_waterfall": ("From one schedule to another: where the money goes", "两个方案之间：费用差在哪里"),
    "s_costs": ("Cost by stage", "分阶段费用"),
    "s_terms": ("Cost by term", "分项费用"),
    "s_heats": ("Heat of a season by source", "各热源采暖季供热量"),
    "s_air": ("Emissions, coal and gas", "排放、煤与天然气"),
    "s_moves": ("What closes and what is built, when", "何时关停、何时新建"),
    "s_timelines": ("Every machine, schedule by schedule", "各方案的机组时间线"),
    "s_districts": ("Security by district", "分片区供热安全"),
    "s_proofs": ("How well it is proved", "证明与校核"),
    "n_overview": (
        "Costs in the value of {year}, over {first} to {last}. “Between” is the interval in which the difference "
        "of the best plans is proved to lie; with ≈ it holds 0, and the schedules cannot be told apart.",
        "费用为 {first}–{last} 年合计，{year} 年现值。“介于”为最优方案费用差的已证区间；"
        "标 ≈ 者区间含 0，两方案不能断定优劣。",
    ),
    "n_terms": (
        "The first column is the cost of {base}; the others are what they cost more (+) or less (−).",
        "首列为 {base} 的费用；其余各列为相对它的增（+）减（−）。",
    ),
    "n_changes": (
        "Heat of machines, in MW. Above zero: built, or back from reserve; below: closed, or into reserve.",
        "按机组供热能力（MW）。零线以上：新建或由备用恢复；以下：关停或转备用。",
    ),
    "n_timelines": (
        "Numbers are machines: those that run, R in reserve, + built, − gone. Above the dotted line: machines that "
        "the schedules treat differently; below it: alike under all.",
        "数字为台数：运行台数，R 为备用，+ 为新建，− 为退出。虚线以上为各方案处理不同的机组，以下为各方案相同的机组。",
    ),
    "n_districts": (
        "First: whether the district is served in the design hour in every stage. Then: the least share of its load "
        "that it keeps, over all stages, when any one of the sources and lines listed is lost, and when that is. "
        "✗ where that is less than the guarantee.",
        "先示各阶段设计工况是否满足；再示所列任一热源或管线停运时，各阶段中最低的负荷保有率及其阶段。"
        "低于保证值者标 ✗。",
    ),
    "n_air": (
        "All of a season. CO₂: of fuels, with power taken from the grid less given to it.",
        "均为一个采暖季。CO₂ 含燃料及电力（取自电网减去送入电网）。",
    ),
    # the table of schedules
    "o_plan": ("Plan", "方案状态"),
    "o_cost": ("Cost, million {currency}", "费用，百万 {currency}"),
    "o_against": ("Against {base}", "与 {base} 相比"),
    "o_between": ("  proved between", "  已证介于"),
    "o_gap": ("Above the best by at most", "最多高于最优"),
    "o_closes": ("Closes, MW of heat", "关停，MW"),
    "o_built": ("Built, MW of heat", "新建，MW"),
    "o_in": ("  in {stage}", "  {stage} 年"),
    "o_co2": ("CO₂ of fuels, all years, Mt", "燃料 CO₂，全部年份，Mt"),
    "o_coal": ("Coal, all years, TWh", "煤，全部年份，TWh"),
    "o_gas": ("Gas, all years, TWh", "天然气，全部年份，TWh"),
    "o_renewable": ("Renewable heat in {stage}, million m² (target)", "{stage} 年可再生供热，百万平方米（目标）"),
    "o_warm": ("All warm at {celsius} °C", "{celsius} °C 时全部供暖"),
    "o_lost": ("  with any one source or line lost", "  任一热源或管线停运时"),
    "o_kept": ("  least that a district then keeps", "  届时片区最低保有率"),
    "o_gj": ("{currency} per GJ", "{currency}/GJ"),
    "o_m2": ("{currency} per m² and season", "{currency}/平方米·采暖季"),
    "o_peak": ("Largest investment of a year, million {currency}", "最大年投资，百万 {currency}"),
    "o_stranded": ("Value lost by closing early, million {currency}", "提前退役损失，百万 {currency}"),
    "undecided": ("≈ {text}", "≈ {text}"),
    "interval": ("{least} … {most}", "{least} … {most}"),
    "guaranteed": ("kept: {share} guaranteed", "保证 {share}"),
    "not_asked": ("not asked", "未考察"),
    "short_up_to": ("up to {mw} MW short", "最多缺 {mw} MW"),
    # charts
    "million": ("million {currency}", "百万 {currency}"),
    "mw_heat": ("MW of heat", "供热能力，MW"),
    "change_built": ("built", "新建"),
    "change_back": ("back from reserve", "由备用恢复"),
    "change_closes": ("closes", "关停"),
    "change_reserve": ("into reserve", "转备用"),
    "q_co2": ("CO₂", "CO₂"),
    "q_coal": ("Coal", "煤"),
    "q_gas": ("Gas", "天然气"),
    "q_so2": ("SO₂", "SO₂"),
    "q_nox": ("NOₓ", "NOₓ"),
    "q_pm": ("Dust (PM)", "颗粒物（PM）"),
    "unit_co2": ("kt a season", "千吨/采暖季"),
    "unit_coal": ("GWh a season", "GWh/采暖季"),
    "unit_gas": ("GWh a season", "GWh/采暖季"),
    "unit_so2": ("t a season", "吨/采暖季"),
    "unit_nox": ("t a season", "吨/采暖季"),
    "unit_pm": ("t a season", "吨/采暖季"),
    "dearer": ("costs more", "费用增加"),
    "cheaper": ("costs less", "费用减少"),
    "sum_of": ("{one} less {other}", "{one} 减 {other}"),
    "proved_between": ("proved to lie between", "已证明介于"),
    "waterfall_axis": ("{one} less {other}, {unit}", "{one} 减 {other}，{unit}"),
    # proof
    "p_schedule": ("Schedule", "方案"),
    "p_gap": ("gap", "间隙"),
    "p_checked": ("judged again", "重新校核"),
    "p_sound": ("✓ sound", "✓ 成立"),
    "p_faults": ("✗ {number} faults", "✗ {number} 处问题"),
    "p_solver": ("strategy", "求解策略"),
    "p_claims": ("second opinions", "第二意见"),
    "p_none": ("none asked for", "未请求"),
    "p_agree": ("✓ {number} agree", "✓ {number} 份一致"),
    "p_contradict": ("✗ contradicted", "✗ 互相矛盾"),
}
