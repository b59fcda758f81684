"""The command line: each command reads its options, calls one function, and says problems in one message."""

from __future__ import annotations

import sys

# isort: off
from lcr_hpc.cli.app import app
from lcr_hpc.cli import nights, stages, spine, assign, results  # in the order of --help

# isort: on
from lcr_hpc.compute.collector import collect_less
from lcr_hpc.compute.kernel_cache import use_kernel_cache
from lcr_hpc.errors import LcrError

__all__ = ["app", "assign", "main", "nights", "results", "spine", "stages"]


def main() -> None:
    """Entry point of `lcr`: an `LcrError` is one message on stderr and its exit code, never a traceback."""
    collect_less()
    use_kernel_cache()
    try:
        app()
    except LcrError as error:
        print(f"lcr: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except OSError as error:
        # A full disk, a folder that may not be written: a person can mend these, so no traceback.
        print(f"lcr: {_describe(error)}", file=sys.stderr)
        sys.exit(2)


def _describe(error: OSError) -> str:
    where = f" {error.filename}" if error.filename else ""
    advice = {
        28: "the disk is full; free some space and continue with `lcr resume`",
        30: "the file system is read-only; choose another folder with --root",
        13: "permission denied; choose a folder that you may write with --root",
        122: "the disk quota is used up; free some space and continue with `lcr resume`",
    }.get(error.errno or 0, f"{error.strerror or error}")
    return f"{where.strip()}: {advice}" if where else advice
