"""Slurm jobs of a run that has ended before them: they write to the same stores, so they go first.

Snakemake names all jobs of a call by one run id, and says it when it starts.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from lcr_hpc.errors import RunError
from lcr_hpc.night.calls import read_events

WAIT_S = 120.0
_RUN_ID = re.compile(r"SLURM run ID: (\S+)")


def cancel_jobs(events: Path, wait_s: float = WAIT_S) -> None:
    """Cancel what the calls of an events file have in Slurm's queue, and wait until it is gone.

    Raises
    ------
    RunError
        When Slurm cannot be asked from here, or jobs do not end: two writers in one store must not be.
    """
    texts = (str(event.get("text", "")) for event in read_events(events)[0])
    names = {match[1] for text in texts if (match := _RUN_ID.search(text))}
    if not names:
        return
    deadline = time.monotonic() + wait_s
    asked = False
    while jobs := _queued(names):
        if not asked:
            _slurm(["scancel", *jobs])
            asked = True
        if time.monotonic() > deadline:
            raise RunError(f"Slurm jobs {', '.join(jobs)} of the last run do not end; `scancel` them and resume again")
        time.sleep(1.0)


def _queued(names: Iterable[str]) -> list[str]:
    return _slurm(["squeue", "--noheader", "--format=%A", f"--name={','.join(sorted(names))}"]).split()


def _slurm(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", None) or str(error)).strip()
        raise RunError(
            f"the last run had jobs in Slurm, and `{command[0]}` cannot be asked here ({said}); resume where it can"
        ) from None
