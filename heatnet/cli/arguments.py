"""Arguments that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

InstancePath = Annotated[Path, typer.Argument(metavar="INSTANCE", help="Folder of an instance (docs/instance.md).")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="Result folder of a solve.")]
