"""What the page says, in one of its two languages."""

from __future__ import annotations

import html
from typing import Literal, Protocol

from heatnet.report.page.texts import TEXTS

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
YUAN = {"CNY": "元"}
"""Currencies that have a name of their own in Chinese; the others are shown by their code."""


class Named(Protocol):
    """A record with a name of its own and one in the language of the place."""

    @property
    def name(self) -> str: ...

    @property
    def name_local(self) -> str: ...


class Words:
    """Texts, names and numbers in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key, with values filled in."""
        return TEXTS[key][LANGUAGES.index(self.language)].format(**values)

    def either(self, own: str, local: str, otherwise: str) -> str:
        """The name in this language, else the other, else `otherwise`."""
        first, second = (local, own) if self.language == "zh" else (own, local)
        return first or second or otherwise

    def name(self, record: Named, identifier: str) -> str:
        """The name of a record in this language; its identifier where it has none."""
        return self.either(record.name, record.name_local, identifier)

    def list(self, parts: list[str]) -> str:
        """Parts of a sentence, one after the other."""
        return ("、" if self.language == "zh" else ", ").join(parts)

    def money(self, million: float, currency: str) -> str:
        """A sum of money as one says it, from million: billion in English, 亿 in Chinese."""
        if self.language == "zh":
            unit = YUAN.get(currency, f" {currency}")
            if abs(million) < 100:
                return f"{_short(million * 100)} 万{unit}"
            return f"{million / 100:,.{1 if abs(million) >= 1000 else 2}f} 亿{unit}"
        if abs(million) >= 1000:
            return f"{million / 1000:,.2f} billion {currency}"
        return f"{_short(million)} million {currency}"

    def change(self, million: float, currency: str) -> str:
        """A difference of money as one says it: 1.2 billion CNY more."""
        return self("more" if million >= 0.0 else "less", amount=self.money(abs(million), currency))


def _short(value: float) -> str:
    """About four figures, no fewer than the whole ones."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"


def label(text: str) -> str:
    """A name as plotly shall show it: plotly reads some tags in texts, and a name is none."""
    return html.escape(text, quote=False)


def width(text: str) -> int:
    """Room that a text takes, in Latin letters: a Chinese character takes that of two."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def cut(text: str, most: int) -> str:
    """The beginning of a text that is not wider than `most`."""
    while width(text) > most:
        text = text[:-1]
    return text
