"""Processes of a run: told from strangers by a token in their environment, never by name.

A job's shell, the stage in it, MPI's proxies and Dask's workers all inherit the token of the run that started
them. After kill −9 of `lcr run` they live on; what carries the token is ours, whatever its parent is now.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

TOKEN_VARIABLE = "LCR_RUN_TOKEN"
GRACE_S = 10.0


@dataclass(frozen=True)
class Process:
    """One process of this host; the start time tells it from a later one with the same number."""

    pid: int
    started: str


def identify(pid: int) -> Process | None:
    """Return a live process of this host, or None when it is gone or only waits to be collected."""
    try:
        # The name is in parentheses and may hold anything; state and start time are fields 1 and 20 after it.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
    return None if fields[0] in "ZX" else Process(pid, f"{boot}:{fields[19]}")


def processes_with(token: str) -> list[Process]:
    """Live processes of this user that carry a run's token, this one left out."""
    mark = f"{TOKEN_VARIABLE}={token}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        if pid == os.getpid():
            continue
        try:
            carries = mark in (folder / "environ").read_bytes().split(b"\0")
        except OSError:  # another user's, or just gone
            continue
        if carries and (process := identify(pid)):
            found.append(process)
    return found


def stop_processes(token: str, grace_s: float = GRACE_S) -> int:
    """End all processes of a run: ask, wait, then kill; return how many there were.

    Safe for the stores: slabs are written whole, and a manifest only after the last of them.
    """
    stopped: set[Process] = set()
    deadline = time.monotonic() + grace_s
    # Newcomers, forked while we looked, are found in the next round. One look that finds nothing is not enough:
    # in the midst of exec a process shows an empty environment.
    empty_looks = 0
    while empty_looks < 2:
        living = processes_with(token)
        empty_looks = 0 if living else empty_looks + 1
        late = time.monotonic() > deadline
        for process in living:
            if late or process not in stopped:
                _signal(process, signal.SIGKILL if late else signal.SIGTERM)
        stopped.update(living)
        if time.monotonic() > deadline + grace_s:
            break  # not even SIGKILL ends what waits for a dead disk
        time.sleep(0.05)
    return len(stopped)


def _signal(process: Process, number: signal.Signals) -> None:
    if identify(process.pid) == process:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, number)
