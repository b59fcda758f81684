"""What Snakemake's Slurm plugin needs from us.

    python -m lcr_hpc.compute.slurm --profile slurm/profiles/slurm …

is `snakemake` with steady polling and arrays that do not wait; `lcr run` has both built in.
"""

from __future__ import annotations

import sys


def poll_steadily() -> None:
    """Make Snakemake's Slurm plugin look at its jobs as often as `--seconds-between-status-checks` says.

    Left alone (2.8.0) the plugin waits ten seconds longer after every look at which no job had ended, up to three
    minutes, whatever that option says; and it ends its run only when the wait is over. A night is a handful of
    jobs one after the other, so each would be noticed late: a workflow of three short jobs, one of them on two
    nodes, took 79 s on a busy machine of two cores, and 33 s with this.
    Call it in the process that runs Snakemake, before it starts. Does nothing where the plugin is not installed.
    """
    try:
        from snakemake_executor_plugin_slurm import Executor  # type: ignore[import-untyped]
        from snakemake_interface_executor_plugins.executors.remote import (  # type: ignore[import-untyped]
            RemoteExecutor,
        )
    except ImportError:
        return
    planned = RemoteExecutor.next_seconds_between_status_checks

    def seconds(executor: Executor) -> float:
        most: float = executor.workflow.remote_execution_settings.seconds_between_status_checks
        wait: float = planned.fget(executor)
        return min(wait, most)

    Executor.next_seconds_between_status_checks = property(seconds, planned.fset)


def submit_what_is_ready() -> None:
    """Make the plugin send as an array whatever jobs of a rule are ready, however few.

    Left alone (2.8.0) it waits until all jobs of the rule that are still to do, or `--slurm-array-limit` of them, are
    ready at once, and forgets those that were: Snakemake does not offer them again. With more jobs of a rule than
    `--jobs` lets through at a time the run hangs for ever (60 jobs, `jobs: 20`: none was submitted).
    Call it in the process that runs Snakemake, before it starts. Does nothing where the plugin is not installed.
    """
    try:
        import snakemake_executor_plugin_slurm as plugin
    except ImportError:
        return
    plugin.pending_jobs_for_rule = lambda dag, rule: 0


if __name__ == "__main__":
    from snakemake.cli import main  # type: ignore[import-untyped]

    poll_steadily()
    submit_what_is_ready()
    main(sys.argv[1:])
