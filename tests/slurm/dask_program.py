"""Maps over slabs on whatever workers it finds: a stage in small, for srun and for a login node.

python dask_program.py KIND WORKERS SCRATCH OUT N SECONDS
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from lcr_hpc.compute.backends import open_backend
from lcr_hpc.errors import LcrError


def work(item: tuple[int, float, str]) -> tuple[int, str]:
    """Square a number slowly; tell where, and leave a mark of having begun."""
    number, seconds, folder = item
    Path(folder, f"began-{number}").touch()
    time.sleep(seconds)
    return number * number, os.environ.get("SLURM_JOB_ID", "") + "@" + os.environ.get("SLURMD_NODENAME", "")


def main() -> None:
    kind, workers, scratch, out, count, seconds = sys.argv[1:]
    import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    try:
        with open_backend(kind, workers=int(workers), scratch=Path(scratch)) as backend:
            found = backend.map(work, [(n, float(seconds), scratch) for n in range(int(count))])
            Path(out).write_text(json.dumps(found))
    except LcrError as error:
        print(f"lcr: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
