"""Where compiled kernels are kept: a folder for each state of their sources, so that none is ever stale.

Numba notices an edited kernel, but not that a kernel which it calls in another file was edited: the old machine
code of the callee stays inlined (seen twice). A folder named by the hash of all kernel sources cannot go stale.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from pathlib import Path

_CHOSEN = "LCR_KERNEL_CACHE"


def use_kernel_cache() -> Path:
    """Point Numba at this state's folder; call it before the first kernel is imported.

    Returns
    -------
    Path
        Below NUMBA_CACHE_DIR where that is set (slurm/env.sh sets it to a disk of the node), else below
        XDG_CACHE_HOME/lcr-hpc, else ~/.cache/lcr-hpc. Processes started from this one inherit it.
    """
    if chosen := os.environ.get(_CHOSEN):
        os.environ["NUMBA_CACHE_DIR"] = chosen
        return Path(chosen)
    base = os.environ.get("NUMBA_CACHE_DIR")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = (Path(base) if base else home / "lcr-hpc") / f"kernels-{kernel_state()}"
    os.environ[_CHOSEN] = os.environ["NUMBA_CACHE_DIR"] = str(folder)
    return folder


def kernel_state() -> str:
    """Hash of the names and bytes of all kernel sources, 16 hexadecimal digits."""
    return source_state("lcr_kernels")


def source_state(package: str) -> str:
    """Hash of the names and bytes of a package's sources, at any depth, 16 hexadecimal digits."""
    spec = importlib.util.find_spec(package)
    digest = hashlib.sha256()
    for place in (spec.submodule_search_locations or []) if spec else []:
        for file in sorted(Path(place).rglob("*.py")):
            digest.update(f"{file.relative_to(place)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]
