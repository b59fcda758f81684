"""The tiny night through Slurm and without it, in turns on one machine; and the same night again, with nothing to do.

    .venv/bin/python benchmarks/cluster_night.py [--turns 3] [--config configs/tiny.yaml]

Both run `lcr run` from an empty folder with compiled kernels, one on this machine alone, one through profile slurm on
the dev cluster: traffic as ranks on two nodes, carbon and health on workers of two. *Queueing* is the time in which a
job waited and none ran, by Slurm's own log of jobs (whole seconds). Products must be the same bytes. Then each command
runs once more: what an unchanged night costs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
DEVCLUSTER = REPO / "slurm" / "devcluster" / "devcluster"
LCR = Path(sys.executable).with_name("lcr")

TWICE = """
import subprocess, time
for _ in "12":
    began = time.time()
    subprocess.run({command!r}, check=True)
    print("took", began, time.time())
"""


def main() -> int:
    """Print medians and their ratio; 1 when the bytes differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--config", type=Path, default=REPO / "configs" / "tiny.yaml")
    given = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f} before", flush=True)
    seconds: dict[str, list[float]] = {}
    prints: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory(prefix="lcr-night-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)
        _night(Path(home, "warm"), given.config, [])  # compiles what is not compiled
        for turn in range(given.turns):
            for name, words in (("local", []), ("slurm", ["--profile", "slurm"])):
                root = Path(home, f"{name}-{turn}")
                took, again, waited = _night(root, given.config, words)
                prints.append(_fingerprints(root))
                for what, value in ((name, took), (f"{name}, unchanged", again), (f"{name}, queueing", waited)):
                    seconds.setdefault(what, []).append(value)
                print(f"turn {turn}, {name}: {took:.1f} s, queueing {waited:.0f} s; again {again:.1f} s", flush=True)
    medians = {what: statistics.median(values) for what, values in seconds.items()}
    print(", ".join(f"{what} {value:.1f} s" for what, value in medians.items()))
    own = medians["slurm"] - medians["slurm, queueing"]
    print(
        f"through Slurm {medians['slurm'] / medians['local']:.2f} times local, "
        f"{own / medians['local']:.2f} without queueing"
    )
    same = all(p == prints[0] and p for p in prints)
    print("the same bytes" if same else "THE BYTES DIFFER")
    return int(not same)


def _night(root: Path, config: Path, words: list[str]) -> tuple[float, float, float]:
    """Seconds of a night, of the same again, and of queueing in the first."""
    command = [str(LCR), "run", *words, "--config", str(config), "--root", str(root)]
    state = root.with_name(f"{root.name}-cluster")
    environment = {**os.environ, "LCR_DEVCLUSTER": str(state)}
    # Both commands in one cluster, whose start and stop are not in the clock.
    script = TWICE.format(command=command)
    inner = [sys.executable, "-c", script]
    done = subprocess.run(
        [str(DEVCLUSTER), "run", *inner] if words else inner,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-4000:])
    (began, ended), (again, last) = (
        map(float, w) for w in re.findall(r"^took (\S+) (\S+)$", done.stdout, re.MULTILINE)
    )
    return ended - began, last - again, _queueing(state / "log" / "jobcomp.log", began, ended)


def _queueing(log: Path, began: float, ended: float) -> float:
    """Seconds between two moments in which a job waited and none ran."""
    jobs = []
    for line in log.read_text().splitlines() if log.exists() else []:
        words = dict(word.split("=", 1) for word in line.split() if "=" in word)
        jobs.append([datetime.fromisoformat(words[w]).timestamp() for w in ("SubmitTime", "StartTime", "EndTime")])
    return float(
        sum(
            any(sent <= second < start for sent, start, _ in jobs)
            and not any(start <= second < end for _, start, end in jobs)
            for second in range(int(began), int(ended))
        )
    )


def _fingerprints(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): json.loads(path.read_text())["fingerprint"]
        for path in sorted((root / "nights").glob("*/base/*.json"))
        if "fingerprint" in path.read_text()
    }


if __name__ == "__main__":
    sys.exit(main())
