"""A result, or a comparison of schedules, as one HTML page that needs nothing but a browser: figures by plotly, text in
English and Chinese.

Every figure is a pure function of a plan (or a comparison) and a language (`words.Words`); `build.page` and
`schedules.build.page` put them into their templates.
"""

from pathlib import Path

from heatnet.report.page import document
from heatnet.report.page.build import page as page_of_result
from heatnet.report.page.plan import Plan, Subject, read_certificate
from heatnet.report.page.schedules.build import page as page_of_comparison
from heatnet.report.page.schedules.comparison import Comparison
from heatnet.report.page.water import read_water

__all__ = ["Comparison", "Plan", "Subject", "page", "read_certificate", "read_water", "write"]


def page(told: Subject | Comparison) -> str:
    """The page as one HTML text that loads nothing."""
    return page_of_comparison(told) if isinstance(told, Comparison) else page_of_result(told)


def write(told: Subject | Comparison, out: Path, *, force: bool = False) -> None:
    """Write the page whole or not at all.

    Raises UsageError where something is there and `force` is not given, RunError where the place cannot be written.
    """
    document.refuse(out, force=force)
    document.write(page(told), out)
