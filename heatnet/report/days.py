"""What `--days auto` found, for the terminal: number of days beside their error."""

from __future__ import annotations

from rich.table import Table

from heatnet.representative import Choice


def days_page(choice: Choice) -> Table:
    """A row for each number of days that was tried: error of the worst stage, and largest load beside the season's."""
    table = Table(title="Representative days", title_justify="left")
    for name in ("days", "error", "worst stage", "peak"):
        table.add_column(name, justify="right")
    for days, rows in choice.errors.groupby("days"):
        worst = rows.iloc[int(rows["error_share"].abs().argmax())]
        table.add_row(f"{days}", f"{worst['error_share']:+.2%}", f"{worst['stage']:.0f}", f"{worst['peak_share']:.1%}")
    return table


def unreached(choice: Choice, error_share: float) -> str:
    """Why the number of days does not keep the error asked for."""
    if choice.errors.empty:
        return f"no plan was found to judge days with; {choice.days} are taken, as the instance has it."
    error = float(choice.worst.loc[choice.days])
    return f"{choice.days} days are off by {error:.2%}, above the {error_share:.2%} asked for; more are not tried."
