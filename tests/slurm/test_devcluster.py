"""The dev cluster itself: a real Slurm that runs jobs, loses nodes, and leaves no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.nights import wait_until

from .conftest import SBIN, DevCluster, slurm_is_missing, without_slurm

pytestmark = [
    pytest.mark.slurm,
    pytest.mark.skipif(slurm_is_missing() is not None, reason=str(slurm_is_missing())),
]


def processes_of(root: Path) -> list[str]:
    """Living processes whose environment or command line knows the cluster's folder, without this one's."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            known = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if f"{root}".encode() in known and int(folder.name) != os.getpid():
            found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def test_four_nodes_of_two_cpus_run_a_step_on_two_of_them(cluster: DevCluster):
    assert cluster.ask("sinfo", "-h", "-p", "batch", "-o", "%D %c") == "4 2"
    seen = cluster.ask("srun", "-N2", "-n2", "sh", "-c", "echo $SLURMD_NODENAME")
    assert sorted(seen.split()) == ["cn1", "cn2"]


def test_starting_twice_changes_nothing(cluster: DevCluster):
    again = cluster.devcluster("start")
    assert again.returncode == 0
    assert "already running" in again.stderr


def test_a_drained_node_takes_no_job_until_resumed(cluster: DevCluster):
    assert cluster.devcluster("drain", "cn1").returncode == 0
    try:
        wait_until(lambda: cluster.ask("sinfo", "-h", "-n", "cn1", "-p", "batch", "-o", "%T") == "drained")
        assert cluster.ask("srun", "-n1", "sh", "-c", "echo $SLURMD_NODENAME") != "cn1"
    finally:
        assert cluster.devcluster("resume", "cn1").returncode == 0
    wait_until(lambda: cluster.ask("sinfo", "-h", "-n", "cn1", "-p", "batch", "-o", "%T") == "idle")


def test_a_job_of_a_lost_node_runs_again_elsewhere(cluster: DevCluster, tmp_path):
    log = tmp_path / "nodes"
    script = f"echo $SLURMD_NODENAME >> {log}; [ $(wc -l < {log}) -gt 1 ] || sleep 300"
    cluster.ask("sbatch", "-n1", "--requeue", "-o", "/dev/null", "--wrap", script)
    wait_until(lambda: log.exists() and len(log.read_text().split()) == 1)
    lost = log.read_text().strip()
    assert cluster.devcluster("kill-node", lost).returncode == 0
    try:
        wait_until(lambda: not [p for p in processes_of(cluster.root) if "sleep 300" in p], 5)  # it died with its node
        wait_until(lambda: len(log.read_text().split()) == 2, 120)
        assert log.read_text().split()[1] != lost
    finally:
        assert cluster.devcluster("start-node", lost).returncode == 0
    wait_until(lambda: cluster.ask("sinfo", "-h", "-p", "batch", "-t", "idle", "-o", "%D") == "4")


def test_a_job_runs_on_while_the_controller_is_away(cluster: DevCluster):
    job = cluster.ask("sbatch", "--parsable", "-n1", "-o", "/dev/null", "--wrap", "sleep 200")
    wait_until(lambda: cluster.ask("squeue", "-h", "-j", job, "-o", "%T") == "RUNNING")
    # The controller writes down what it knows every few seconds; of a job that it has not, it knows nothing after.
    began = time.time()
    wait_until(lambda: (cluster.root / "state" / "job_state").stat().st_mtime > began)
    assert cluster.devcluster("kill-controller").returncode == 0
    assert cluster.devcluster("status").returncode == 3
    assert [p for p in processes_of(cluster.root) if "sleep 200" in p]
    assert cluster.devcluster("start-controller").returncode == 0
    # It may not have written down yet that the job had begun; then it waits to be begun again.
    assert cluster.ask("squeue", "-h", "-j", job, "-o", "%T") in ("RUNNING", "PENDING")
    cluster.ask("scancel", job)
    wait_until(lambda: cluster.ask("sinfo", "-h", "-p", "batch", "-t", "idle", "-o", "%D") == "4")


@pytest.mark.parametrize("command", [["kill-node"], ["kill-node", "cn9"], ["drain", ""], ["dance"], []])
def test_what_makes_no_sense_is_refused(cluster: DevCluster, command):
    refused = cluster.devcluster(*command)
    assert refused.returncode == 2
    assert cluster.ask("sinfo", "-h", "-p", "batch", "-t", "idle", "-o", "%D") == "4"


def devcluster_environment(folder: Path) -> dict[str, str]:
    environment = without_slurm(dict(os.environ)) | {"LCR_DEVCLUSTER": str(folder)}
    return environment | {"PATH": f"{environment['PATH']}:{SBIN}"}


def test_run_stops_all_of_it_though_the_command_fails_and_leaves_jobs(repo, cluster_folder):
    script = str(repo / "slurm" / "devcluster" / "devcluster")
    mess = "sbatch -n1 -o /dev/null --wrap 'setsid sleep 301 & sleep 302'; sleep 2; squeue -h -o %T; exit 7"
    done = subprocess.run(
        [script, "run", "sh", "-c", mess],
        env=devcluster_environment(cluster_folder), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 7, done.stderr
    assert done.stdout.split()[-1] == "RUNNING", "the job was not running when its cluster was stopped"
    assert processes_of(cluster_folder) == []
    status = subprocess.run([script, "status"], env=devcluster_environment(cluster_folder), timeout=30, check=False)
    assert status.returncode == 3


def test_the_cluster_goes_with_the_process_it_was_started_for(repo, cluster_folder):
    script = str(repo / "slurm" / "devcluster" / "devcluster")
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"]) as owner:
        try:
            start = [script, "start", "--while", str(owner.pid)]
            subprocess.run(start, env=devcluster_environment(cluster_folder), timeout=60, check=True)
            assert len(processes_of(cluster_folder)) >= 6  # munged, slurmctld, four slurmd
            lose = [script, "kill-node", "cn4"]  # what watches the owner is no part of the node started last
            subprocess.run(lose, env=devcluster_environment(cluster_folder), timeout=60, check=True)
        finally:
            owner.send_signal(signal.SIGKILL)
    wait_until(lambda: processes_of(cluster_folder) == [], 30)
