"""The sentences in which the reader tells the faults of a file: what is wrong, what was found, what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from heatnet.instance import records
from heatnet.instance.context import suggestion

RULE_KINDS: dict[object, type[records.Record]] = {
    get_args(rule.model_fields["kind"].annotation)[0]: rule for rule in get_args(get_args(records.Rule)[0])
}
"""The records of rules by kind; pydantic puts the kind into a place, behind the number of the rule."""


def place(detail: Any, currency: str) -> str:
    """Where pydantic found a fault: `stages[2].year` for the place ('stages', 2, 'year')."""
    location = tuple(detail["loc"])
    if location[0] in ("rules", "new_rules") and len(location) > 3 and location[2] in RULE_KINDS:
        location = location[:2] + location[3:]
    if detail["type"].startswith("union_tag"):
        location += ("kind",)
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + records.file_name(str(part), currency)
    return text


def shown(value: object) -> str:
    """A value as found, cut where it is long."""
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "…"


def column_hint(column: str, known: Mapping[str, object]) -> str:
    """What was probably meant: the same quantity in another unit, or a name that is close."""
    stem = column.split("_")[0]
    same_quantity = [name for name in known if name.split("_")[0] == stem and name != stem]
    if "_" in column and len(same_quantity) == 1:
        unit = same_quantity[0].removeprefix(stem + "_")
        return (
            f"; heatnet reads `{same_quantity[0]}` (unit: {unit.replace('_', ' ')}), convert the values and rename it."
        )
    hint = suggestion(column, known)
    return hint if hint != "." else f"; it may have: {', '.join(known)}."


MESSAGES = {
    "missing": "is missing; it must be given.",
    "float_parsing": "must be a number, found `{input}`.",
    "float_type": "must be a number, found `{input}`.",
    "int_parsing": "must be a whole number, found `{input}`.",
    "int_type": "must be a whole number, found `{input}`.",
    "int_from_float": "must be a whole number, found `{input}`.",
    "bool_parsing": "must be true or false, found `{input}`.",
    "bool_type": "must be true or false, found `{input}`.",
    "finite_number": "must be a finite number, found `{input}`.",
    "greater_than": "must be above {gt:g}, found {input}.",
    "greater_than_equal": "must be {ge:g} or more, found {input}.",
    "less_than": "must be below {lt:g}, found {input}.",
    "less_than_equal": "must be {le:g} or less, found {input}.",
    "union_tag_invalid": "must be one of {expected_tags}, found `{input}`.",
    "union_tag_not_found": "is missing; it must be given.",
    "literal_error": "must be {expected}, found `{input}`.",
    "string_type": "must be text, found `{input}`.",
    "model_attributes_type": "must be a section with keys, found `{input}`.",
    "model_type": "must be a section with keys, found `{input}`.",
    "dict_type": "must be a section with keys, found `{input}`.",
    "tuple_type": "must be a list, found `{input}`.",
    "too_short": "must have at least {min_length} entries.",
    "string_too_long": "must have {max_length} characters at most.",
}
PATTERNS = {
    "id": "must be letters, digits and . _ + -, beginning with a letter or digit",
    "source": f"must begin with {', '.join(records.MARKS[:-1])} or {records.MARKS[-1]}, a colon, and say from where",
    "currency": "must be a code of three capital letters",
    "start": "must be a month and day, as 11-15",
}


def message(detail: Any, record: type[records.Record], currency: str) -> str:
    """The sentence for one fault that pydantic found in `record`."""
    context = detail.get("ctx", {})
    kind, found = detail["type"], shown(context.get("tag", detail["input"]))  # of a rule of no kind, what the kind is
    if kind in ("float_type", "int_type", "bool_type") and isinstance(detail["input"], str):
        found = f'"{found}"'  # a text that looks like what is asked for
    if kind == "extra_forbidden":
        fields = [records.file_name(name, currency) for name in _fields_at(record, detail["loc"][:-1])]
        name = records.file_name(str(detail["loc"][-1]), currency)
        return f"is not known here{column_hint(name, dict.fromkeys(fields))}"
    if kind == "string_pattern_mismatch":
        column = next((part for part in reversed(detail["loc"]) if isinstance(part, str)), "")
        return f"{PATTERNS.get(column, PATTERNS['id'])}, found `{found}`."
    if kind in MESSAGES:
        return MESSAGES[kind].format(input=found, **context)
    return f"{detail['msg']}, found `{found}`."


def _fields_at(record: type[records.Record], location: Iterable[object]) -> list[str]:
    """The fields of the record that a place inside `record` belongs to."""
    here: Any = record
    for part in location:
        if part in RULE_KINDS:
            here = RULE_KINDS[part]
        elif isinstance(part, str):
            annotation = here.model_fields[part].annotation
            inner = [item for item in getattr(annotation, "__args__", (annotation,)) if hasattr(item, "model_fields")]
            here = inner[0] if inner else here
    return list(here.model_fields)
