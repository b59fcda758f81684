"""Whether this machine can run a night: each check tries the thing itself, each failure says what to do."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from lcr_hpc.config import Config
from lcr_hpc.errors import LcrError
from lcr_hpc.night.calls import find_profile
from lcr_hpc.night.doctor_slurm import slurm_checks
from lcr_hpc.night.probe import Check, Sick, answer, ask, attempt, last_line
from lcr_hpc.night.tables import print_table
from lcr_hpc.store.layout import resolve_root

PYTHONS = ((3, 11), (3, 14))
FREE_GB = 5.0
RANKS = 2


def run_doctor(*, root: Path | None = None, profile: str = "local") -> int:
    """Print every check; 0 when all are well, else 1."""
    checks = examine(root=root, profile=profile)
    print_table(("", "check", "found"), [("ok" if c.ok else "FAIL", c.name, c.found) for c in checks])
    return 0 if all(c.ok for c in checks) else 1


def examine(*, root: Path | None = None, profile: str = "local") -> tuple[Check, ...]:
    """Try everything that a night needs here; never raises.

    Parameters
    ----------
    root : Path, optional
        Run folder whose disk is looked at.
    profile : str
        `slurm`, or a profile whose config names that executor, adds the checks of Slurm and of its site facts.
    """
    home = resolve_root(Config(), root)
    checks: list[tuple[str, Callable[[], str]]] = [
        ("Python", _python),
        ("packages", _packages),
        ("profile", lambda: str(find_profile(profile))),
        ("Snakemake", lambda: answer([sys.executable, "-m", "snakemake", "--version"], "set up again")),
        ("MPI ranks", _mpi_ranks),
        ("Numba threads", _numba_threads),
        ("run folder", lambda: _writable(home)),
        ("free space", lambda: _free_space(home)),
    ]
    if _uses_slurm(profile):
        checks += slurm_checks(profile)
    return tuple(attempt(name, check) for name, check in checks)


def _python() -> str:
    low, high = PYTHONS
    here = sys.version_info[:2]
    if not low <= here <= high:
        raise Sick(f"Python {here[0]}.{here[1]}; install one of 3.{low[1]} to 3.{high[1]} and set up again")
    return f"{platform.python_version()} at {sys.executable}"


def _packages() -> str:
    """Versions installed against those that the distribution asks for."""
    from packaging.requirements import Requirement

    wrong, right = [], 0
    for text in metadata.requires("lcr-hpc") or []:
        wanted = Requirement(text)
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            found = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{wanted.name} is missing")
            continue
        if not wanted.specifier.contains(found, prereleases=True):
            wrong.append(f"{wanted.name} {found}, wanted {wanted.specifier}")
        right += 1
    if wrong:
        raise Sick("; ".join(wrong) + "; run `pip install --require-hashes -r requirements.lock`")
    return f"{right} as asked for"


def _mpi_ranks() -> str:
    """Start two ranks and let them count each other: a wrong pairing runs them alone, with exit code 0."""
    beside = Path(sys.executable).with_name("mpiexec")
    launcher = str(beside) if beside.exists() else shutil.which("mpiexec")
    if launcher is None:
        raise Sick("no mpiexec; install the mpich wheel, or load your site's MPI module")
    # One write a rank: print() makes several, which two ranks interleave.
    count = "import os; from mpi4py import MPI; os.write(1, b'<%d>' % MPI.COMM_WORLD.Get_size())"
    done = ask([launcher, "-n", str(RANKS), sys.executable, "-c", count])
    sizes = [int(n) for n in re.findall(r"<(\d+)>", done.stdout)]
    if done.returncode != 0 or sizes != [RANKS] * RANKS:
        what = (
            last_line(done.stderr) if done.returncode else f"{len(sizes)} processes that see {sorted(set(sizes))} ranks"
        )
        raise Sick(
            f"{launcher} -n {RANKS} gave {what}: launcher and mpi4py do not belong together; "
            "use the mpiexec of the MPI that mpi4py was built with, or rebuild mpi4py against this one"
        )
    return f"{launcher} counts {RANKS}"


def _numba_threads() -> str:
    """Compile a parallel loop and run it with the layer that stages use."""
    program = (
        "import numba, numpy\n"
        "@numba.njit(parallel=True)\n"
        "def total(x):\n    s = 0.0\n    for i in numba.prange(x.size):\n        s += x[i]\n    return s\n"
        "assert total(numpy.ones(1000)) == 1000\n"
        "print(numba.threading_layer(), numba.get_num_threads())\n"
    )
    environment = {"NUMBA_THREADING_LAYER": os.environ.get("NUMBA_THREADING_LAYER", "omp")}
    done = ask([sys.executable, "-c", program], environment)
    if done.returncode != 0:
        raise Sick(f"{last_line(done.stderr)}; install libgomp (Debian: apt install libgomp1)")
    layer, threads = done.stdout.split()
    return f"layer {layer}, {threads} threads"


def _writable(root: Path) -> str:
    """Hard links and renames, which stores and snapshots rest on."""
    folder = _nearest(root)
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".lcr-doctor-") as scratch:
            first, second = Path(scratch, "first"), Path(scratch, "second")
            first.write_bytes(b"x")
            second.hardlink_to(first)
            second.rename(Path(scratch, "third"))
    except OSError as error:
        raise Sick(f"{folder}: {error.strerror}; choose a folder of yours with --root or LCR_ROOT") from None
    return f"{root} (hard links work)"


def _free_space(root: Path) -> str:
    free = shutil.disk_usage(_nearest(root)).free / 1e9
    if free < FREE_GB:
        raise Sick(f"{free:.1f} GB free at {root}, wanted {FREE_GB:.0f}; make room, or choose another --root")
    return f"{free:.0f} GB"


def _nearest(folder: Path) -> Path:
    return next(p for p in (folder, *folder.parents) if p.is_dir())


def _uses_slurm(profile: str) -> bool:
    try:
        texts: Iterator[str] = (p.read_text(encoding="utf-8") for p in find_profile(profile).glob("config*.yaml"))
        return any(re.search(r"^executor:\s*[\"']?slurm", text, re.MULTILINE) for text in texts)
    except LcrError:
        return False
