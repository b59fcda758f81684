"""The faults, each a function of a scene that returns how it ended."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import yaml

from lcr_hpc.night.stages import STAGES, log_path, stage_outputs
from tests.faults.stand import Scene

POWER_CUTS = 10
LONGEST_S = 5.0
"""About as long as a stage of the tiny night lasts: later cuts come in the next one."""
SEED = 2040


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong."""

    name: str
    what: str
    first: str
    """Stage from which on the night is to be done."""
    do: Callable[[Scene], str]


FAULTS: dict[str, Fault] = {}


def fault(what: str, first: str) -> Callable[[Callable[[Scene], str]], Callable[[Scene], str]]:
    """Enter a function in the table of faults."""

    def enter(function: Callable[[Scene], str]) -> Callable[[Scene], str]:
        name = function.__name__.replace("_", "-")
        FAULTS[name] = Fault(name, what, first, function)
        return function

    return enter


@fault("wrong MPI pairing (`srun --mpi=none`)", "traffic")
def wrong_pairing(scene: Scene) -> str:
    """Each rank would be a world of its own: refused, and no store."""
    profile = scene.profile(retries=0, resources={"traffic": {"mpi": "srun --mpi=none"}})
    code = scene.run("run", "traffic", "--profile", profile)
    assert "the launcher started 2 ranks" in scene.said()
    assert not stage_outputs(scene.layout, "traffic")[0].exists()
    return "refused; " + scene.outcome(code)


@fault("one rank SIGKILLed", "traffic")
def killed_rank(scene: Scene) -> str:
    """The job fails with it and is sent again."""
    run = scene.start("run", "traffic", "--profile", "slurm")
    job = scene.job("traffic", run)
    scene.until(lambda: len(scene.ranks(job, "traffic")) == 2, run)
    time.sleep(2.0)
    os.kill(scene.ranks(job, "traffic")[1], signal.SIGKILL)
    return _again(scene, run, "traffic")


@fault("slurmd killed in the MPI stage", "traffic")
def lost_node_mpi(scene: Scene) -> str:
    """A node of the ranks goes, with all that runs there."""
    return _lose_node(scene, "traffic")


@fault("slurmd killed in the Dask stage", "carbon")
def lost_node_dask(scene: Scene) -> str:
    """A node of the workers goes, with all that runs there."""
    return _lose_node(scene, "carbon")


@fault("scancel of a Dask worker", "carbon")
def cancelled_worker(scene: Scene) -> str:
    """Workers are jobs that a login node submits; one that is lost is replaced."""
    values = yaml.safe_load(scene.night.config.read_text())
    values["compute"] = {"backend": "dask-slurm", "workers": 2, "slurm_workers": {"memory_mb": 2000}}
    scene.night.config = scene.night.root / "workers.yaml"
    scene.night.config.write_text(yaml.safe_dump(values))
    run = scene.start("run", "carbon")
    workers = lambda: scene.cluster.ask("squeue", "-h", "--name=lcr-worker", "-t", "R", "-o", "%A").split()  # noqa: E731
    scene.until(lambda: len(workers()) == 2, run)
    scene.cluster.ask("scancel", workers()[0])
    return scene.outcome(run.wait(), "carbon")


@fault("walltime hit (a rank that hangs)", "traffic")
def walltime(scene: Scene) -> str:
    """Slurm ends the job after three minutes, enough for it to start; the next attempt has longer."""
    longer = {"traffic": {"runtime": "3 if attempt == 1 else 60"}}
    run = scene.start("run", "traffic", "--profile", scene.profile(resources=longer))
    job = scene.job("traffic", run)
    scene.until(lambda: len(scene.ranks(job, "traffic")) == 2, run)
    os.kill(scene.ranks(job, "traffic")[1], signal.SIGSTOP)
    return _again(scene, run, "traffic")


@fault("out of memory", "traffic")
def out_of_memory(scene: Scene) -> str:
    """Slurm kills the job; the next attempt has more."""
    more = {"traffic": {"mem_mb_per_cpu": "60 if attempt == 1 else 3500"}}
    return _again(scene, scene.start("run", "traffic", "--profile", scene.profile(resources=more)), "traffic")


@fault("node drained mid-run", "traffic")
def drained_node(scene: Scene) -> str:
    """What runs there ends there; nothing new comes."""
    run = scene.start("run", "traffic", "--profile", "slurm")
    node = scene.nodes(scene.job("traffic", run))[0]
    assert scene.cluster.devcluster("drain", node).returncode == 0
    try:
        return scene.outcome(run.wait(), "traffic")
    finally:
        scene.cluster.devcluster("resume", node)


@fault("controller killed and restarted mid-run", "traffic")
def restarted_controller(scene: Scene) -> str:
    """Ten seconds without slurmctld: jobs run on, squeue fails."""
    run = scene.start("run", "traffic", "--profile", "slurm")
    scene.job("traffic", run)
    assert scene.cluster.devcluster("kill-controller").returncode == 0
    time.sleep(10.0)
    assert scene.cluster.devcluster("start-controller").returncode == 0
    return scene.outcome(run.wait(), "traffic")


@fault("disk full on scratch", "traffic")
def full_disk(scene: Scene) -> str:
    """The stage says so and the run ends; with room it goes on from there (root only: a small tmpfs)."""
    home = scene.layout.night_dir
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "lcr-fault", home], check=True)
    try:
        code = scene.run("run", "traffic", "--profile", scene.profile(retries=0))
        assert "No space left on device" in scene.said(), scene.said()
        first = scene.outcome(code)
        subprocess.run(["mount", "-o", "remount,size=1g", home], check=True)
        then = scene.outcome(scene.run("run", "traffic", "--profile", "slurm"), "traffic")
    finally:
        subprocess.run(["umount", home], check=True)
    return f"{first}; with room, {then}"


@fault("two nights at once", "traffic")
def two_nights(scene: Scene) -> str:
    """The second steps aside."""
    run = scene.start("run", "traffic", "--profile", "slurm")
    scene.job("traffic", run)
    second = scene.run("nightly", "--profile", "slurm")
    assert second == 75, scene.said()
    return "second: exit code 75; first: " + scene.outcome(run.wait(), "traffic")


@fault(f"power loss at {POWER_CUTS} random moments of one night, each followed by `lcr resume`", "feeds")
def power_loss(scene: Scene) -> str:
    """Everything dies at once: `lcr`, all jobs, all nodes, the controller."""
    chance = random.Random(SEED)
    command = ["run", "--profile", "slurm"]
    # Stages at random, in order, so that the night gets on; and a moment after each has begun.
    stages = sorted(chance.choices(STAGES, k=POWER_CUTS), key=STAGES.index)
    for stage in stages:
        log = log_path(scene.layout, stage)
        for file in (log, *stage_outputs(scene.layout, stage)):
            file.unlink(missing_ok=True)  # the night may have come past this stage: it is to be at work
        run = scene.start(*command)
        scene.until(log.exists, run)
        time.sleep(chance.uniform(0.0, LONGEST_S))
        assert run.poll() is None or stage == STAGES[-1], f"lcr had ended before {stage} did\n{scene.said()}"
        scene.power_off(run)
        print(f"  power lost in {stage}", file=sys.stderr, flush=True)
        scene.power_on()
        command = ["resume"]
    ended = scene.outcome(scene.run(*command), *STAGES)
    return f"{ended} (in {', '.join(stages)})"


def _lose_node(scene: Scene, stage: str) -> str:
    run = scene.start("run", stage, "--profile", "slurm")
    job = scene.job(stage, run)
    time.sleep(2.0)
    node = scene.nodes(job)[-1]
    assert scene.cluster.devcluster("kill-node", node).returncode == 0
    try:
        return _again(scene, run, stage)
    finally:
        scene.cluster.devcluster("start-node", node)
        scene.until(lambda: scene.cluster.ask("sinfo", "-h", "-p", "batch", "-t", "idle,drained", "-o", "%D") == "4")


def _again(scene: Scene, run: subprocess.Popen[str], stage: str) -> str:
    """The run must have needed a second life of its job, or the fault was none."""
    ended = scene.outcome(run.wait(), stage)
    lives = scene.cluster.ask("squeue", "-h", "-t", "all", "-o", "%A").split()
    log = (scene.layout.run_dir / "events.jsonl").read_text()
    tries = log.count("has been submitted with SLURM jobid")
    restarted = any(
        "Restarts=0" not in scene.cluster.run("scontrol", "show", "job", job).stdout for job in lives if job in log
    )
    assert tries > 1 or restarted, f"the job never had to begin again\n{scene.said()}"
    return ended
