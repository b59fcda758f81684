"""Python's search for reference cycles, kept from what it cannot help: imports, and the end of a process."""

from __future__ import annotations

import atexit
import gc

_NEW_OBJECTS = 10_000
"""Containers made between two looks, in place of 700: importing a stage makes half a million that stay."""


def collect_less() -> None:
    """Look for cycles less often, and not once more over all modules when the process ends.

    The last looks at everything that is imported took 0.4 s of processor time of 1.5 s that a stage of a night needs
    for its imports, and 0.45 s of 0.8 s of each call of Snakemake. What is registered with atexit is done as ever. A
    file that nobody closes would lose its last bytes; the tests make an error of each (ResourceWarning).
    """
    gc.set_threshold(_NEW_OBJECTS, 10, 10)
    atexit.register(gc.freeze)
