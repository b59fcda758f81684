"""The dev cluster with slurmdbd: sacct tells of jobs, accounts count, and nothing is left behind."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from .conftest import SBIN, DevCluster, accounting_is_missing, start_cluster, without_slurm
from .test_devcluster import processes_of, wait_until
from .test_profiles import results, snakemake

pytestmark = [
    pytest.mark.slurm,
    pytest.mark.skipif(accounting_is_missing() is not None, reason=str(accounting_is_missing())),
]


@pytest.fixture(scope="module")
def counted(repo: Path) -> Iterator[DevCluster]:
    """Return a cluster with accounting."""
    with start_cluster(repo, "--accounting") as cluster:
        yield cluster


def test_the_database_tells_how_a_job_ended_and_refuses_a_foreign_account(counted: DevCluster):
    good, bad = (counted.ask("sbatch", "--parsable", "-o", "/dev/null", "--wrap", w) for w in ("true", "exit 3"))

    def said(job: str) -> str:
        return counted.ask("sacct", "-X", "--noheader", "-j", job, "--format=State,ExitCode,Account")

    # It lags: the controller tells the database when it has time.
    wait_until(lambda: said(good).split() == ["COMPLETED", "0:0", "lcr"], 60)
    wait_until(lambda: said(bad).split() == ["FAILED", "3:0", "lcr"], 60)
    refused = counted.run("sbatch", "-A", "somebody-else", "--wrap", "true")
    assert refused.returncode != 0
    assert "Invalid account" in refused.stderr


def test_a_site_whose_profile_asks_sacct_runs_a_workflow_to_its_end(repo: Path, tmp_path: Path, counted: DevCluster):
    # The template as a person fills it in for this cluster, its way of asking for jobs left as it is.
    template = yaml.safe_load((repo / "slurm/profiles/hartree/config.yaml").read_text())
    template["default-resources"] |= {"slurm_partition": "batch", "slurm_account": "lcr", "mem_mb": 500}
    template |= {"slurm-init-seconds-before-status-checks": 1, "seconds-between-status-checks": 1}
    template["set-resources"]["traffic"]["tasks"] = 2
    assert template["slurm-status-command"] == "sacct"
    (tmp_path / "profile").mkdir()
    (tmp_path / "profile" / "config.yaml").write_text(yaml.safe_dump(template))
    command = snakemake(tmp_path / "profile", tmp_path)
    done = counted.run("timeout", "-s", "KILL", "240", *command, timeout=250)
    assert done.returncode == 0, done.stderr + counted.ask("sacct", "-X")
    assert [result["ranks"] for result in results(tmp_path)] == [1, 2]


@pytest.mark.skipif(os.getuid() != 0, reason="wants root, to become an ordinary user")
def test_an_ordinary_user_needs_nothing_but_the_packages(repo: Path, cluster_folder: Path):
    user = pwd.getpwnam("nobody")
    shutil.copytree(repo / "slurm" / "devcluster", cluster_folder / "devcluster")
    home = cluster_folder / "home"
    home.mkdir()
    os.chown(home, user.pw_uid, user.pw_gid)
    environment = without_slurm(dict(os.environ)) | {"LCR_DEVCLUSTER": str(home / "state"), "HOME": str(home)}
    environment["PATH"] = f"/usr/bin:/bin:{SBIN}"
    ask = "srun -N2 id -un && sacctmgr --noheader --parsable2 show user format=user,defaultaccount"
    command = [str(cluster_folder / "devcluster" / "devcluster"), "run", "--accounting", "sh", "-c", ask]
    done = subprocess.run(
        command, env=environment, cwd=home, user=user.pw_uid, group=user.pw_gid, extra_groups=[],
        capture_output=True, text=True, timeout=150, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["nobody", "nobody", "nobody|lcr", "root|root"]
    assert processes_of(home) == []
