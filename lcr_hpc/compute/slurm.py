"""What Snakemake's Slurm plugin needs from us.

    python -m lcr_hpc.compute.slurm --profile slurm/profiles/slurm …

is `snakemake` with `mend_plugin`; `lcr run` has it built in.
"""

from __future__ import annotations

import asyncio
import shlex
import sys
import time
from pathlib import Path
from typing import Any

from lcr_hpc.compute import slurm_job
from lcr_hpc.compute.slurm_job import pack

FORGOTTEN_S = 60.0
"""A job that Slurm told of before and has not named for so long, though it answered, has left its memory."""

HELD = "launch failed requeued held"
"""Reason that squeue gives for such a job."""


def mend_plugin() -> None:
    """Mend what keeps a run from its end; call it in the process that runs Snakemake, before it starts."""
    poll_steadily()
    submit_what_is_ready()
    keep_jobs_in_sight()
    fail_held_jobs()
    run_commands_alone()


def poll_steadily() -> None:
    """Make Snakemake's Slurm plugin look at its jobs as often as `--seconds-between-status-checks` says.

    Left alone (2.8.0) the plugin waits ten seconds longer after every look at which no job had ended, up to three
    minutes, whatever that option says; and it ends its run only when the wait is over. A night is a handful of
    jobs one after the other, so each would be noticed late: a workflow of three short jobs, one of them on two
    nodes, took 79 s on a busy machine of two cores, and 33 s with this. After a job has ended the first wait is a
    quarter of that option, and each is longer by a third until it is as long: short jobs are noticed soon (the tiny
    night 3 s earlier), and the controller is asked no more often for long ones.
    Does nothing where the plugin is not installed.
    """
    try:
        from snakemake_executor_plugin_slurm import Executor  # type: ignore[import-untyped]
    except ImportError:
        return

    def seconds(executor: Executor) -> float:
        most: float = executor.workflow.remote_execution_settings.seconds_between_status_checks
        return most * min(1.0, 0.25 * (4 / 3) ** getattr(executor, "looks_in_vain", 0))

    def planned(executor: Executor, wait: float) -> None:
        # The plugin adds ten to the last wait when no job has ended, and else goes back to the first.
        in_vain = wait == min(seconds(executor) + 10, 180)
        executor.looks_in_vain = getattr(executor, "looks_in_vain", 0) + 1 if in_vain else 0

    Executor.next_seconds_between_status_checks = property(seconds, planned)


def submit_what_is_ready() -> None:
    """Make the plugin send as an array whatever jobs of a rule are ready, however few.

    Left alone (2.8.0) it waits until all jobs of the rule that are still to do, or `--slurm-array-limit` of them, are
    ready at once, and forgets those that were: Snakemake does not offer them again. With more jobs of a rule than
    `--jobs` lets through at a time the run hangs for ever (60 jobs, `jobs: 20`: none was submitted).
    Does nothing where the plugin is not installed.
    """
    try:
        import snakemake_executor_plugin_slurm as plugin
    except ImportError:
        return
    plugin.pending_jobs_for_rule = lambda dag, rule: 0


def keep_jobs_in_sight() -> None:
    """Make the plugin ask again when Slurm gave no answer, and let go of a job that Slurm has forgotten.

    Left alone (2.8.0) it drops every job from its list when the question for their state has failed a few times, as
    it does while slurmctld is restarted: the run then waits for ever for jobs that ended long ago (seen). And a job
    that ended while nobody looked, for longer than squeue remembers (MinJobAge), is waited for as one to come. It is
    told as completed here: Snakemake looks for its output, and calls it failed where there is none.
    """
    try:
        import snakemake_executor_plugin_slurm as plugin
    except ImportError:
        return
    ask, seen = plugin.query_job_status, dict[str, float]()

    async def states(command: str, logger: Any) -> tuple[dict[str, str], float]:
        told, seconds = await ask(command, logger)
        if told is None:
            return {}, 0.0
        now = time.monotonic()
        seen.update(dict.fromkeys(told, now))
        # sacct keeps what it knows; a job that it leaves out comes back.
        forgotten = [job for job, last in seen.items() if "squeue" in command and now - last > FORGOTTEN_S]
        return dict.fromkeys(forgotten, "COMPLETED") | told, seconds

    plugin.query_job_status = states


def fail_held_jobs() -> None:
    """Make a job that Slurm could not start and holds until a person looks a failed one, to be sent again.

    Slurm holds what it requeued after a failed launch: a prolog that failed, or a controller that died in the seconds
    after a job's start, before it had saved it, and started it twice ("Duplicate jobid"; seen). Left alone the run
    waits for ever, for the plugin (2.8.0) asks for states and no reasons. A job that a person holds is left waiting.
    Does nothing where the plugin is not installed.
    """
    try:
        import snakemake_executor_plugin_slurm as plugin
    except ImportError:
        return
    ask, held = plugin.query_job_status, set[str]()

    async def states(command: str, logger: Any) -> tuple[dict[str, str] | None, float | None]:
        told, seconds = await ask(command, logger)
        waiting = {job for job, state in (told or {}).items() if state == "PENDING"} - held
        if waiting:
            reasons = await _lines("squeue", "--noheader", "--states=PENDING", "--me", "--format=%i|%r")
            stuck = {job for job, _, why in (line.partition("|") for line in reasons) if why == HELD} & waiting
            for job in sorted(stuck):
                logger.warning(f"Slurm job {job} could not be started and is held: cancelled, and counted as failed.")
                await _lines("scancel", job)
            held.update(stuck)
        return told and told | dict.fromkeys(held & told.keys(), "FAILED"), seconds

    plugin.query_job_status = states


async def _lines(*command: str) -> list[str]:
    """Lines of a command's output; none where it fails."""
    try:
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    except FileNotFoundError:
        return []
    out, _ = await process.communicate()
    return out.decode(errors="replace").splitlines()


def run_commands_alone() -> None:
    """Make a Slurm job run its rule's shell command and nothing else: see `lcr_hpc.compute.slurm_job`.

    Left alone (2.8.0) the plugin starts Snakemake in the job, which starts itself once more there. What it does around
    the command (removing old outputs, making folders, strict bash, numbers of threads) the job does too; all that comes
    after (waiting for outputs, failure, metadata) is done by the Snakemake that submits. A rule that is more than a
    shell command (script, container, shadow, group, benchmark, GPU) runs as ever.
    Does nothing where the plugin is not installed.
    """
    try:
        from snakemake_executor_plugin_slurm import Executor
    except ImportError:
        return
    usual = Executor.format_job_exec

    def command(executor: Executor, job: Any) -> str:
        if not _is_only_a_command(job):
            told: str = usual(executor, job)
            return told
        outputs, logs = list(map(str, job.output)), list(map(str, job.log))
        packed = pack(str(Path.cwd()), _step(job), job.threads, [*outputs, *logs], outputs)
        return f"{shlex.quote(sys.executable)} -I -S {shlex.quote(slurm_job.__file__)} {packed}"

    Executor.format_job_exec = command


def _is_only_a_command(job: Any) -> bool:
    """Whether all that a job needs is its shell command run in its folder."""
    if job.is_group() or not job.is_shell or job.is_shadow or job.benchmark or job.rule.cache.output:
        return False
    if job.conda_env or job.container_img_url or job.env_modules:
        return False
    asked = ("shell_exec", "gpu", "gpus", "nvidia_gpu", "cpus_per_gpu")
    if any(job.resources.get(name) for name in asked):
        return False
    files = [(f, {"ancient"}) for f in job.input] + [(f, {"temp", "touch"}) for f in (*job.output, *job.log)]
    return not any(set(getattr(f, "flags", {})) - harmless for f, harmless in files)


def _step(job: Any) -> list[str]:
    """Program and arguments: a step of one task, or the command that starts its own."""
    from snakemake.shell import shell  # type: ignore[import-untyped]
    from snakemake_executor_plugin_slurm_jobstep import get_cpu_setting, get_node_setting  # type: ignore[import-untyped]

    prefix, suffix = shell._get_process_prefix(), shell._process_suffix
    words = [shell.get_executable() or "/bin/sh", "-c", f"{prefix} {job.shellcmd} {suffix}".strip()]
    if job.resources.get("mpi") is not None:
        return words
    step = ["srun", "-n1", "--cpu-bind=q", get_cpu_setting(job, False), get_node_setting(job)]
    return [word for word in step if word] + words


if __name__ == "__main__":
    from snakemake.cli import main  # type: ignore[import-untyped]

    mend_plugin()
    main(sys.argv[1:])
