"""Dask inside an allocation, and from a login node: the same results, also when a worker is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import DevCluster
from .test_devcluster import wait_until

pytestmark = pytest.mark.slurm
PROGRAM = Path(__file__).with_name("dask_program.py")


def _command(kind: str, workers: int, folder: Path, count: int, seconds: float = 0.01) -> list[str]:
    words = (sys.executable, PROGRAM, kind, workers, folder, folder / "out.json", count, seconds)
    return [str(word) for word in words]


def _results(folder: Path) -> tuple[list[int], set[str]]:
    found = json.loads((folder / "out.json").read_text())
    return [value for value, _ in found], {where for _, where in found}


def test_the_tasks_of_srun_become_workers_whatever_the_kind(cluster: DevCluster, tmp_path):
    done = cluster.run("srun", "-N2", "-n4", *_command("serial", 1, tmp_path, 20), timeout=120)
    assert done.returncode == 0, done.stderr
    values, places = _results(tmp_path)
    assert values == [n * n for n in range(20)]
    assert len({place.split("@")[0] for place in places}) == 1
    assert not list(tmp_path.glob("scheduler-*.json"))


def test_too_few_tasks_are_refused_with_the_number_wanted(cluster: DevCluster, tmp_path):
    done = cluster.run("srun", "-n2", *_command("dask", 1, tmp_path, 3))
    assert done.returncode != 0
    assert "2 tasks, wanted 3 or more" in done.stderr
    assert not (tmp_path / "out.json").exists()


def test_copies_that_mpiexec_starts_are_refused(tmp_path):
    mpiexec = Path(sys.executable).with_name("mpiexec")
    command = [str(mpiexec), "-n", "2", *_command("dask", 1, tmp_path, 3)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "they would write to the same slabs" in done.stderr


def test_workers_submitted_from_a_login_node_are_replaced_when_they_are_lost(cluster: DevCluster, tmp_path):
    with subprocess.Popen(
        _command("dask-slurm", 2, tmp_path, 20, 1.0),
        env=cluster.environment | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as program:
        try:
            wait_until(lambda: len(list(tmp_path.glob("began-*"))) >= 3 or program.poll() is not None, 120)
            job = cluster.ask("squeue", "-h", "--name=lcr-worker", "-t", "R", "-o", "%A").split()[0]
            cluster.ask("scancel", job)
            said, _ = program.communicate(timeout=180)
        finally:
            program.kill()
    assert program.returncode == 0, said
    assert _results(tmp_path)[0] == [n * n for n in range(20)]
    submitted = cluster.ask("squeue", "-h", "--name=lcr-worker", "-t", "all", "-o", "%A").split()
    assert len(set(submitted)) >= 3, "the worker that was lost was not replaced"
    wait_until(lambda: cluster.ask("squeue", "-h", "--name=lcr-worker", "-t", "R,PD", "-o", "%A") == "", 60)


def test_without_slurm_the_login_kind_says_so(tmp_path):
    environment = {**os.environ, "PATH": str(Path(sys.executable).parent), "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        _command("dask-slurm", 1, tmp_path, 2), env=environment, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 2
    assert "wants a login node" in done.stderr
