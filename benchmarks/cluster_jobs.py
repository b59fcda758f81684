"""Many small jobs through profile slurm on the dev cluster: is one lost, and what does each cost?

    python benchmarks/cluster_jobs.py [--jobs 1000] [--group 0]

Each job writes one small file. Counted are files, jobs that Snakemake reports done, and jobs that Slurm ended (its own
log of completed jobs). Jobs go as arrays of 25; `--group N` makes one Slurm job of N.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
DEVCLUSTER = REPO / "slurm" / "devcluster" / "devcluster"

SNAKEFILE = """
N = int(config["jobs"])


rule all:
    input:
        expand("done/{n}", n=range(N)),


rule small:
    output:
        "done/{n}",
    resources:
        mem_mb=100,
    shell:
        "echo {wildcards.n} > {output}"
"""

# `snakemake` as `lcr run` starts it.
RUN = """
import sys
from lcr_hpc.compute.slurm import mend_plugin
from snakemake.cli import main
mend_plugin()
main(sys.argv[1:])
"""


def main() -> int:
    """Print counts and seconds; 1 when a job was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--group", type=int, default=0, help="small jobs in one Slurm job; 0 = an array of single ones")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lcr-jobs-", ignore_cleanup_errors=True) as home:
        folder = Path(home, "work")
        (folder / "done").mkdir(parents=True)
        (folder / "Snakefile").write_text(SNAKEFILE)
        command = [sys.executable, "-c", RUN]
        command += ["--snakefile", str(folder / "Snakefile"), "--directory", str(folder), "--workflow-profile", "none"]
        command += ["--profile", str(REPO / "slurm/profiles/slurm"), "--config", f"jobs={given.jobs}"]
        if given.group:
            command += ["--groups", "small=small", "--group-components", f"small={given.group}"]
        environment = {**os.environ, "LCR_DEVCLUSTER": f"{home}/cluster"}
        began = time.monotonic()
        with (folder / "said").open("w") as said:
            words = [str(DEVCLUSTER), "run", *command]
            code = subprocess.run(words, env=environment, stdout=said, stderr=said, check=False).returncode
        wall = time.monotonic() - began
        lost = given.jobs - sum((folder / "done" / str(n)).read_text() == f"{n}\n" for n in _done(folder))
        told = (folder / "said").read_text()
        ended = _states(Path(home, "cluster", "log", "jobcomp.log"))
    cpu = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    print(f"{given.jobs} small jobs: {lost} lost, exit code {code}")
    print(f"Snakemake reports {told.count('Finished jobid: ') - 1} done; Slurm ended {ended}")
    print(
        f"{wall:.0f} s, {wall / given.jobs * 1000:.0f} ms a job; {cpu:.0f} s of CPU here, the cluster's own not counted"
    )
    if lost or code:
        print(told[-4000:], file=sys.stderr)
    return int(bool(lost or code))


def _done(folder: Path) -> list[int]:
    return [int(file.name) for file in (folder / "done").iterdir()]


def _states(log: Path) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in log.read_text().splitlines() if log.exists() else []:
        state = next((word[9:] for word in line.split() if word.startswith("JobState=")), "?")
        found[state] = found.get(state, 0) + 1
    return found


if __name__ == "__main__":
    sys.exit(main())
