"""Do every fault, or those named, and print the table.

python -m tests.faults [--folder FOLDER] [NAME …]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path

from lcr_hpc.night.stages import stage_outputs
from tests.faults.faults import FAULTS
from tests.faults.stand import REPO, TONIGHT, Stand
from tests.nights import Night
from tests.slurm.conftest import slurm_is_missing, start_cluster


def main() -> int:
    """Return 0 when every fault ended as it must."""
    options = argparse.ArgumentParser(description="Faults of a cluster, done to the tiny night on slurm/devcluster.")
    options.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(FAULTS)}; by default all")
    options.add_argument("--folder", type=Path, help="keeps the night that all is held against")
    given = options.parse_args()
    if unknown := [name for name in given.names if name not in FAULTS]:
        options.error(f"no fault {', '.join(unknown)}")
    if reason := slurm_is_missing():
        print(reason)
        return 2
    folder = given.folder or Path(tempfile.mkdtemp(prefix="lcr-faults-"))
    known = Night(REPO / "configs" / "tiny.yaml", folder.resolve() / "known", TONIGHT)
    if not stage_outputs(known.layout, "publish")[0].is_file():
        known.lcr("run")
    failed = 0
    print("| fault | ends in | seconds |\n|---|---|---|", flush=True)
    for name in given.names or FAULTS:
        fault = FAULTS[name]
        if name == "full-disk" and os.getuid() != 0:
            print(f"| {fault.what} | not done: wants root, to mount a small disk | – |", flush=True)
            continue
        with start_cluster(REPO) as cluster:
            stand = Stand(folder.resolve(), cluster, known)
            began = time.monotonic()
            with stand.scene(fault.first) as scene:
                try:
                    ended = fault.do(scene)
                except Exception:
                    failed += 1
                    ended = "FAILED"
                    traceback.print_exc()
                    print(scene.said(), file=sys.stderr)
        print(f"| {fault.what} | {ended} | {time.monotonic() - began:.0f} |", flush=True)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
