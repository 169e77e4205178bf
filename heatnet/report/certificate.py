"""What a person sees of a certificate: who says what, and what cannot be true."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from heatnet.certificate import Certificate
from heatnet.solve import Result


def certificate_page(certificate: Certificate, result: Result) -> RenderableType:
    """Claims as a table, contradictions in red."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for column in ("who", "says", "cost", "bound", "seconds"):
        table.add_column(column, justify="right" if column in ("cost", "bound", "seconds") else "left")
    for claim in certificate.claims:
        numbers = ["–" if value is None else f"{value:,.4f}" for value in (claim.cost, claim.bound)]
        table.add_row(claim.by, claim.status.replace("_", " "), *numbers, f"{claim.seconds:.0f}")
    title = Text(f"\nCertificate, million {result.instance.header.currency}", "bold")
    if certificate.contradictions:
        return Group(title, table, *[Text(f"CONTRADICTED: {text}", "bold red") for text in certificate.contradictions])
    return Group(title, table, Text("No claim contradicts another."))
