"""Pure functions of money over time. Yearly amounts fall at the end of their year, in real prices."""

from __future__ import annotations

import math


def annuity_share(rate: float, life_years: int) -> float:
    """Yearly payment over `life_years` that equals 1 paid now: r / (1 − (1+r)^−L), or 1/L without interest."""
    if rate == 0.0:
        return 1.0 / life_years
    return rate / -math.expm1(-life_years * math.log1p(rate))  # exact for tiny rates, too


def discount_share(rate: float, years: int) -> float:
    """Value now of 1 paid `years` later: (1+r)^−years."""
    return float((1.0 + rate) ** -years)


def span_weight(rate: float, first_year: int, span_years: int, base_year: int) -> float:
    """Value in `base_year` of 1 paid in each of the years `first_year … first_year + span_years − 1`."""
    return sum(discount_share(rate, first_year + k - base_year) for k in range(span_years))
