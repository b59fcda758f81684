"""Run every test in order, stop at nothing, and end with what was skipped and why.

`python tests/check.py [STEP …]` runs the named steps only. This is what `make test` does.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
SNAKEFILES = ["Snakefile", *sorted(str(p.relative_to(REPO)) for p in (REPO / "workflows").glob("*.smk"))]
PYTEST = [BIN / "pytest", "-q", "--no-header"]

STEPS: dict[str, tuple[str, list[list[object]], dict[str, str]]] = {
    "style": (
        "ruff, snakefmt and the import rules",
        [
            [BIN / "ruff", "check", "--quiet", "."],
            [BIN / "ruff", "format", "--check", "--quiet", "."],
            [BIN / "snakefmt", "--check", *SNAKEFILES],
            [BIN / "lint-imports"],
        ],
        {},
    ),
    "types": ("mypy, strict", [[BIN / "mypy"]], {}),
    "units": ("unit tests", [[*PYTEST, "-n", "2", "-m", "not chain and not mpi and not slurm"]], {}),
    "nojit": ("kernels again, as plain Python", [[*PYTEST, "tests/kernels"]], {"NUMBA_DISABLE_JIT": "1"}),
    "mpi": ("MPI ranks by mpiexec", [[*PYTEST, "-m", "mpi and not slurm"]], {}),
    "chain": ("whole tiny nights", [[*PYTEST, "-n", "2", "-m", "chain and not slurm"]], {}),
    "slurm": ("a real Slurm on this machine", [[*PYTEST, "-n", "2", "--dist", "loadfile", "-m", "slurm"]], {}),
}


def main(names: list[str]) -> int:
    """Run the steps; return 0 when all passed."""
    unknown = [n for n in names if n not in STEPS]
    if unknown:
        print(f"no step {', '.join(unknown)}; there are: {', '.join(STEPS)}")
        return 2
    failed, skipped = [], []
    for name in names or STEPS:
        title, commands, environment = STEPS[name]
        print(f"\n=== {name}: {title}", flush=True)
        start = time.perf_counter()
        for command in commands:
            code, output = _show([str(c) for c in command], environment)
            skipped += re.findall(r"^SKIPPED .*$", output, flags=re.MULTILINE)
            if code:
                failed.append(name)
        print(
            f"=== {name}: {'FAILED' if name in failed else 'passed'} in {time.perf_counter() - start:.0f} s", flush=True
        )
    print()
    if failed:
        print(f"FAILED: {', '.join(dict.fromkeys(failed))}")
    if skipped:
        print(f"{len(skipped)} skipped:", *skipped, sep="\n  ")
    else:
        print("nothing was skipped")
    if not failed:
        print("all passed")
    return 1 if failed else 0


def _show(command: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Run a command, pass its output on as it comes, and keep it."""
    process = subprocess.Popen(
        command,
        cwd=REPO,
        # Bytecode is kept whatever the machine's setting: the steps start hundreds of Pythons.
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        print(line, end="", flush=True)
        lines.append(line)
    return process.wait(), "".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
