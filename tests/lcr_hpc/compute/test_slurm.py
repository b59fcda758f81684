"""What we change in Snakemake's Slurm plugin."""

from __future__ import annotations

from types import SimpleNamespace

from snakemake_executor_plugin_slurm import Executor

from lcr_hpc.compute.slurm import poll_steadily


def test_the_plugin_never_waits_longer_than_it_was_told(monkeypatch):
    name = "next_seconds_between_status_checks"
    monkeypatch.setattr(Executor, name, getattr(Executor, name))
    poll_steadily()
    poll_steadily()  # twice changes nothing
    executor = Executor.__new__(Executor)
    told = SimpleNamespace(seconds_between_status_checks=20)
    executor.workflow = SimpleNamespace(remote_execution_settings=told)
    waits = []
    for wait in (1, 11, 21, 181):  # how the plugin grows it
        executor.next_seconds_between_status_checks = wait
        waits.append(executor.next_seconds_between_status_checks)
    assert waits == [1, 11, 20, 20]
