"""env.sh and nightly.sbatch, as a person on a cluster uses them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from .conftest import DevCluster, slurm_is_missing, without_slurm

SET_BY_ENV = ("NUMBA_", "OMP_", "MKL_", "OPENBLAS_", "BLIS_", "LCR_")


def sourced(script: Path, shell: str = "bash", **environment: str) -> dict[str, str]:
    base = {k: v for k, v in without_slurm(dict(os.environ)).items() if not k.startswith(SET_BY_ENV)}
    command = [shell, "-euc", f". {script} && env -0"]
    done = subprocess.run(
        command, env=base | environment, cwd=script.parents[1], capture_output=True, text=True, timeout=20, check=True
    )
    assert done.stderr == ""
    return dict(entry.split("=", 1) for entry in done.stdout.split("\0") if entry)


def test_every_library_gets_one_thread_unless_the_job_has_more(repo):
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS", "NUMBA_NUM_THREADS")
    alone = sourced(repo / "slurm" / "env.sh")
    assert {alone[name] for name in names} == {"1"}
    assert alone["NUMBA_THREADING_LAYER"] == "omp"
    assert alone["SLURM_MPI_TYPE"] == "pmi2"
    wide = sourced(repo / "slurm" / "env.sh", SLURM_CPUS_PER_TASK="8", OMP_NUM_THREADS="2")
    assert (wide["NUMBA_NUM_THREADS"], wide["OMP_NUM_THREADS"]) == ("8", "2")  # what is set stays


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_the_kernel_cache_is_apart_for_each_cluster_and_set_of_packages(repo, tmp_path, shell):
    script = tmp_path / "checkout" / "slurm" / "env.sh"
    script.parent.mkdir(parents=True)
    script.write_bytes((repo / "slurm" / "env.sh").read_bytes())
    lock = tmp_path / "checkout" / "requirements.lock"
    found = []
    for packages, cluster in (("numba==1", "a"), ("numba==2", "a"), ("numba==2", "b")):
        lock.write_text(packages)
        environment = sourced(script, shell, SLURM_CLUSTER_NAME=cluster, LCR_NODE_DISK=str(tmp_path / "node"))
        found.append(Path(environment["NUMBA_CACHE_DIR"]))
    assert len(set(found)) == 3
    assert all(path.is_relative_to(tmp_path / "node") for path in found)


@pytest.mark.slurm
@pytest.mark.skipif(slurm_is_missing() is not None, reason=str(slurm_is_missing()))
def test_the_nightly_job_calls_lcr_as_on_a_login_node(repo, cluster: DevCluster, tmp_path):
    checkout, tools = tmp_path / "checkout", tmp_path / "tools"
    tools.mkdir()
    checkout.mkdir()
    (checkout / "slurm").symlink_to(repo / "slurm")
    (checkout / "night.yaml").write_text("name: night\n")
    # In place of lcr: says how it was called and what it sees of Slurm.
    (tools / "lcr").write_text(
        "#!/usr/bin/env python3\nimport json, os, sys\n"
        "seen = {k: v for k, v in os.environ.items() if k.startswith('SLURM_')}\n"
        "json.dump({'arguments': sys.argv[1:], 'slurm': seen}, open('called.json', 'w'))\n"
    )
    (tools / "lcr").chmod(0o755)
    path = f"{tools}:{cluster.environment['PATH']}"
    submit = ["sbatch", "-W", "-D", str(checkout), "-o", str(tmp_path / "log")]
    night = str(repo / "slurm" / "nightly.sbatch")
    done = cluster.run("sh", "-c", 'cd "$0" && exec "$@"', str(checkout), *submit, night, "night.yaml", PATH=path)
    assert done.returncode == 0, (tmp_path / "log").read_text()
    called = json.loads((checkout / "called.json").read_text())
    assert called["arguments"] == ["nightly", "--config", "night.yaml", "--profile", "slurm"]
    assert set(called["slurm"]) <= {"SLURM_CONF", "SLURM_MPI_TYPE", "SLURM_CLUSTER_NAME"}

    assert _queued(cluster) == []

    again = cluster.run(
        "sh", "-c", 'cd "$0" && exec "$@"', str(checkout), *submit, night, "night.yaml", PATH=path, LCR_AGAIN="02:30"
    )
    assert again.returncode == 0, (tmp_path / "log").read_text()
    ((job, begin),) = _queued(cluster)
    assert begin.endswith("T02:30:00")
    assert cluster.run("scancel", job).returncode == 0

    missing = cluster.run("sh", "-c", 'cd "$0" && exec "$@"', str(checkout), *submit, night, "nowhere.yaml", PATH=path)
    assert missing.returncode == 2
    assert "no config nowhere.yaml" in (tmp_path / "log").read_text()


def _queued(cluster: DevCluster) -> list[tuple[str, str]]:
    """Number and earliest start of each job that waits."""
    said = cluster.run("squeue", "--noheader", "--name=lcr-night", "--states=PENDING", "--format=%A %S").stdout
    return [(line.split()[0], line.split()[1]) for line in said.splitlines()]
