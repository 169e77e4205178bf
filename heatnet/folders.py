"""Folders that are written whole or not at all: results and instances.

Everything is written into a hidden folder beside the place asked for and moved there in one step at the end, so that
neither a full disk nor a kill leaves something that looks like what was asked for.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from heatnet.errors import RunError, UsageError


@contextlib.contextmanager
def reserved(
    out: Path, what: str, replaceable: Callable[[Path], bool] | None = None, *, force: bool = False
) -> Iterator[Path]:
    """A hidden folder that becomes `out` when the block ends well, and vanishes when it does not.

    The block may remove it, if nothing is to be written after all. With `force` a folder that is there goes if it is
    `replaceable`: a `what` and nothing else. Raises UsageError where something is there that does not go, RunError
    where the place cannot be written.
    """
    told, out = out, Path(os.path.abspath(out))  # noqa: PTH100 - resolve() would follow a link that is to be replaced
    made: list[Path] = []
    try:
        if out.exists() or out.is_symlink():
            if not force:
                hint = ", or add --force to replace it" if replaceable else ""
                raise UsageError(f"{told}: is there already; choose another --out{hint}.")
            if replaceable is None or not replaceable(out):
                raise UsageError(f"{told}: is not just {what}, so --force does not replace it.")
            if out in (Path.cwd(), *Path.cwd().parents):
                raise UsageError(f"{told}: cannot be replaced from within; go to another folder first.")
        made = [parent for parent in out.parents if not parent.exists()]
        out.parent.mkdir(parents=True, exist_ok=True)
        hidden = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        _remove_empty(made)
        raise unwritable(told, error) from None
    try:
        yield hidden
        try:
            if hidden.exists():
                hidden.chmod(0o755)  # mkdtemp gives 0o700; what is written is for colleagues too
                _move(hidden, out)
        except OSError as error:
            raise unwritable(told, error) from None
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
        _remove_empty(made)


def unwritable(out: object, error: OSError) -> RunError:
    """The sentence for a place that cannot be written."""
    return RunError(f"{out}: cannot be written ({error.strerror or error}); nothing was left there.")


def _remove_empty(folders: list[Path]) -> None:
    """Remove folders, the innermost first, up to one that holds something."""
    with contextlib.suppress(OSError):
        for folder in folders:
            folder.rmdir()


def _move(hidden: Path, out: Path) -> None:
    if not (out.exists() or out.is_symlink()):
        hidden.rename(out)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        out.rename(old / "old")
        try:
            hidden.rename(out)
        except BaseException:
            (old / "old").rename(out)
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
