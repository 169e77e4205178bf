"""A result as one HTML page that needs nothing but a browser: figures by plotly, text in English and Chinese.

Every figure is a pure function of a plan and a language (`words.Words`); `build.page` puts them into the template.
"""

from heatnet.report.page.build import page, write
from heatnet.report.page.plan import Plan, Subject, read_certificate

__all__ = ["Plan", "Subject", "page", "read_certificate", "write"]
