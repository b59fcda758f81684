"""A rule's shell command in a Slurm job, without Snakemake in the job; the standard library only.

Run as a file by `python -I -S`, with what `pack` made as its argument. Left alone the plugin (2.8.0) starts Snakemake
twice in every job to run one command: 2 × 1.0 s of processor for imports alone, six times a night.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import zlib
from pathlib import Path
from typing import Any

ARRAY = "--slurm-jobstep-array-execs="
"""Said by the plugin to the first task of an array: commands of the others, by task."""

# What a step needs to know of its allocation. The rest are settings of the batch step, which would hold for an srun in
# the command too: the plugin takes the same ones away.
KEPT = {
    "SLURM_JOB_ID",
    "SLURM_JOBID",
    "SLURM_ARRAY_JOB_ID",
    "SLURM_ARRAY_TASK_ID",
    "SLURM_ARRAY_TASK_MIN",
    "SLURM_ARRAY_TASK_MAX",
    "SLURM_ARRAY_TASK_STEP",
    "SLURM_CLUSTER_NAME",
    "SLURM_SUBMIT_DIR",
    "SLURM_SUBMIT_HOST",
}
THREAD_VARIABLES = tuple(f"{n}_NUM_THREADS" for n in ("OMP", "GOTO", "OPENBLAS", "MKL", "NUMEXPR"))


def pack(folder: str, command: list[str], threads: int, fresh: list[str], outputs: list[str]) -> str:
    """Return one word without quotes that tells a job its work.

    Parameters
    ----------
    folder : str
        Working directory.
    command : list of str
        Program and arguments.
    threads : int
        Of the libraries that the command uses.
    fresh : list of str
        Files whose folders are made before the command starts.
    outputs : list of str
        Of these, those that are removed if they are there.
    """
    words = json.dumps([folder, command, threads, fresh, outputs]).encode()
    return base64.urlsafe_b64encode(zlib.compress(words, 9)).decode()


def main(arguments: list[str]) -> None:
    """Become the command, or that of this task of an array."""
    packed, *more = arguments
    others = next((word.removeprefix(ARRAY) for word in more if word.startswith(ARRAY)), None)
    task = os.environ.get("SLURM_ARRAY_TASK_ID")
    if others and task and (own := json.loads(base64.b64decode(others)).get(task)):
        os.execv("/bin/sh", ["sh", "-c", zlib.decompress(bytes.fromhex(own)).decode()])
    folder, command, threads, fresh, outputs = _unpack(packed)
    os.chdir(folder)
    for name in fresh:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
    for name in outputs:
        Path(name).unlink(missing_ok=True)
    os.execvpe(command[0], command, environment(os.environ, threads))


def environment(outside: Any, threads: int) -> dict[str, str]:
    """Variables for the command: what is not of the batch step, and Snakemake's number of threads."""
    unwanted = ("SLURM_", "SRUN_", "SBATCH_")
    kept = {k: v for k, v in outside.items() if k in KEPT or not k.startswith(unwanted)}
    return kept | dict.fromkeys(THREAD_VARIABLES, str(threads))


def _unpack(packed: str) -> Any:
    return json.loads(zlib.decompress(base64.urlsafe_b64decode(packed)))


if __name__ == "__main__":
    main(sys.argv[1:])
