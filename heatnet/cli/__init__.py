"""The command line: arguments to functions, results to exit codes, errors to sentences. No logic.

This file is its table of contents, in the order of `heatnet --help`.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Annotated

import typer

from heatnet.cli import bench, compare, explain, instances, judge, operate, results, solve, study
from heatnet.cli.terminal import BAD_INPUT, FAILED, OK, complain, screen
from heatnet.errors import HeatnetError
from heatnet.solve import SOLVER_THREAD

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Plan the heating of a city: pipes, sources and retirements at least cost, with a proven bound, checked.",
    epilog="Exit codes: 0 solved and checked, 1 anything else, 2 bad instance or usage, 3 infeasible, "
    "4 no solution in the time, 5 check failed, 130 interrupted.",
)
app.command()(instances.validate)
app.command()(solve.solve)
app.command()(compare.compare)
app.command()(explain.explain)
app.command()(study.front)
app.command()(study.vary)
app.command()(study.alternatives)
app.command()(study.diversity)
app.command()(study.marginal)
app.command()(judge.check)
app.command()(judge.record)
app.command()(results.report)
app.command()(results.export)
app.command()(results.simulate)
app.command()(operate.operate)
app.command("import")(instances.import_instance)
app.add_typer(instances.generate, name="generate")
app.add_typer(bench.bench, name="bench")


@app.callback()
def options(debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False) -> None:
    """Options of every command."""


def main() -> None:
    """Run the command line: the exit code tells the outcome, an error is a sentence on stderr."""
    debug = "--debug" in sys.argv[1:]
    if debug:
        sys.argv.remove("--debug")
    try:
        code = app(standalone_mode=False) or OK
    except typer.Exit as stop:
        code = stop.exit_code
    except HeatnetError as error:
        if debug:
            raise
        code = complain(error)
    except Exception as error:
        show = getattr(error, "show", None)
        if callable(show):  # a usage error of the command line itself
            show()
            code = BAD_INPUT
        elif debug:
            raise
        else:
            screen.print(f"heatnet failed: {type(error).__name__}: {error} (add --debug to see where)", style="red")
            code = FAILED
    if any(thread.name == SOLVER_THREAD for thread in threading.enumerate()):
        # A solver that did not heed an interrupt still runs; nobody waits for it.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
