"""One parallelism at a time: the variables that keep every library of a worker or rank on its own threads."""

from __future__ import annotations

import os
from collections.abc import Mapping

# Dask sets the first three for its workers, but not Numba's: without it each of N workers starts as many threads
# as the node has cores. All are read when the library is first imported, so they must be set before that.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "BLIS_NUM_THREADS",
)


def thread_environment(threads: int = 1, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Environment for a process that may use so many threads.

    Parameters
    ----------
    threads : int
        Threads of the process, 1 for a Dask worker and for most MPI ranks.
    environment : mapping of str to str
        Where a person may have chosen another threading layer; defaults to this process's own.

    Returns
    -------
    dict of str to str
        To add to the process's environment. The threading layer is OpenMP: Numba's own work queue ends the
        process when two threads use it at once, and TBB needs a library path of its own.
    """
    layer = environment.get("NUMBA_THREADING_LAYER", "omp")
    return {name: str(threads) for name in THREAD_VARIABLES} | {"NUMBA_THREADING_LAYER": layer}
