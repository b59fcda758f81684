"""The profiles as Snakemake reads them: a small workflow with ranks here and, where Slurm is, on two nodes of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from .conftest import DevCluster, slurm_is_missing, without_slurm

WORKFLOW = Path(__file__).parent / "workflow"
RANK_PROGRAM = Path(__file__).parents[1] / "lcr_hpc" / "compute" / "rank_program.py"
needs_slurm = pytest.mark.skipif(slurm_is_missing() is not None, reason=str(slurm_is_missing()))


def snakemake(profile: Path, directory: Path, *arguments: str) -> list[str]:
    command = [sys.executable, "-m", "lcr_hpc.compute.slurm", "--snakefile", str(WORKFLOW / "Snakefile")]
    command += ["--directory", str(directory), "--profile", str(profile), "--workflow-profile", "none"]
    return [*command, *arguments]


def results(directory: Path) -> tuple[dict, dict]:
    assert (directory / "compared").exists()
    alone, traffic = (json.loads((directory / name).read_text()) for name in ("alone.json", "traffic.json"))
    assert alone["digest"] == traffic["digest"]
    return alone, traffic


def run_here(command: list[str]) -> subprocess.CompletedProcess[str]:
    environment = without_slurm(dict(os.environ))
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_local_profile_runs_without_a_launcher(repo, tmp_path):
    done = run_here(snakemake(repo / "slurm/profiles/local", tmp_path, "--cores", "1"))
    assert done.returncode == 0, done.stderr
    assert [result["ranks"] for result in results(tmp_path)] == [1, 1]


@pytest.mark.mpi
def test_the_local_profile_starts_as_many_ranks_as_it_is_told(repo, tmp_path):
    mpiexec = Path(sys.executable).with_name("mpiexec")
    extra = ["--cores", "2", "--set-resources", f"traffic:mpi={mpiexec}", "traffic:tasks=3"]
    done = run_here(snakemake(repo / "slurm/profiles/local", tmp_path, *extra))
    assert done.returncode == 0, done.stderr
    assert [result["ranks"] for result in results(tmp_path)] == [1, 3]


@pytest.mark.slurm
@needs_slurm
def test_on_slurm_a_rule_of_two_ranks_runs_on_two_nodes_to_the_same_bytes(repo, tmp_path, cluster: DevCluster):
    command = snakemake(repo / "slurm/profiles/slurm", tmp_path)
    done = cluster.run("timeout", "-s", "KILL", "240", *command, timeout=250)
    assert done.returncode == 0, done.stderr + cluster.ask("squeue", "-t", "all")
    alone, traffic = results(tmp_path)
    assert (alone["ranks"], traffic["ranks"]) == (1, 2)
    assert set(alone["nodes"]) < {1, 2, 3, 4}
    assert len(set(traffic["nodes"])) == 2, "both ranks ran on one node"


@pytest.mark.slurm
@pytest.mark.mpi
@needs_slurm
def test_ranks_that_would_run_alone_are_refused(cluster: DevCluster):
    # MPICH started by a srun that offers no process manager: each of the two would be a world of its own.
    done = cluster.run("srun", "--mpi=none", "-N2", "-n2", sys.executable, str(RANK_PROGRAM), "gather")
    assert done.returncode != 0  # 2 where the first rank's end does not kill the second
    assert done.stdout == ""
    assert "refused: MPI: the launcher started 2 ranks (SLURM_STEP_NUM_TASKS=2)" in done.stderr
    assert "sees 1" in done.stderr
    assert "`srun --mpi=pmi2`" in done.stderr


@pytest.mark.slurm
@pytest.mark.mpi
@needs_slurm
@pytest.mark.parametrize("launcher", ["srun --mpi=pmi2 -n 2", "{bin}/mpiexec -n 2"])
def test_launchers_that_do_belong_together(cluster: DevCluster, tmp_path, launcher):
    start = launcher.format(bin=Path(sys.executable).parent)
    script = f"{start} {sys.executable} {RANK_PROGRAM} gather"
    done = cluster.run("sbatch", "-W", "-N2", "-n2", "-o", str(tmp_path / "out"), "--wrap", script)
    told = (tmp_path / "out").read_text()
    assert done.returncode == 0, told
    ranks = int(start.split()[-1])
    lines = [line.split() for line in told.splitlines() if "/" in line]
    assert sorted(line[0] for line in lines) == [f"{rank}/{ranks}" for rank in range(ranks)]
    assert len({line[1] for line in lines}) == 1


@pytest.mark.slurm
@pytest.mark.mpi
@needs_slurm
def test_a_rank_that_fails_ends_the_step_with_its_message(cluster: DevCluster):
    done = cluster.run("srun", "--mpi=pmi2", "-N2", "-n2", sys.executable, str(RANK_PROGRAM), "one fails")
    assert done.returncode != 0  # 137: srun answers an abort by killing the ranks, and tells of that
    assert done.stderr.count("links.csv: no column 'capacity'") == 1
    assert "rank 1 of 2" in done.stderr


@pytest.mark.parametrize("name", ["local", "slurm", "hartree"])
def test_every_profile_says_how_jobs_run_and_nothing_twice(repo, name):
    text = (repo / "slurm" / "profiles" / name / "config.yaml").read_text()
    profile = yaml.safe_load(text)
    assert profile["executor"] == ("local" if name == "local" else "slurm")
    keys = [line.split(":")[0] for line in text.splitlines() if line[:1].isalpha()]
    assert len(keys) == len(set(keys))
    if name != "local":
        ranks = profile["set-resources"]["traffic"]
        assert ranks["tasks"] > 1, "the Slurm plugin refuses an MPI job of one task"
        assert ranks["mpi"].startswith("srun")


def test_the_template_keeps_its_site_facts_in_one_block(repo):
    text = (repo / "slurm" / "profiles" / "hartree" / "config.yaml").read_text()
    before, block, after = text.split("\n# ----")
    assert not [line for line in before.splitlines() if line and not line.startswith("#")]
    facts = set(yaml.safe_load(block.partition("\n")[2]))
    assert {"default-resources", "set-resources", "jobs", "slurm-status-command", "latency-wait"} <= facts
    assert not facts & set(yaml.safe_load(after.partition("\n")[2]))
