"""One run a root: an owner file that says who runs, on which host, and since when.

Snakemake's own lock says the same of a live run and of a dead one. This one can be told apart: by process number
and start time on the same host. From another host only its sign of life can be seen, the file's time, which a run
renews every half minute: after half an hour of silence it counts as dead; before, a person must decide
(`lcr resume --force`).
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from lcr_hpc.errors import RunError
from lcr_hpc.night.processes import Process, identify, stop_processes
from lcr_hpc.store.manifest import write_text

OWNER_FILE = "owner.json"
SIGN_OF_LIFE_S = 30.0
EXPIRY_S = 1800.0
"""Sixty signs of life missed, and far more than clocks of a cluster differ."""


@dataclass(frozen=True)
class Owner:
    """Who runs in a root."""

    pid: int
    started: str
    """Boot and start tick of the process, from /proc."""
    host: str
    token: str
    """What every process of the run carries in its environment."""
    since: str
    """Local time, for people."""
    silent_s: float = field(default=0.0, compare=False)
    """Seconds since its last sign of life, when it was read."""

    @property
    def fate(self) -> Literal["alive", "dead", "elsewhere"]:
        """Whether the owner still runs, as far as this host can tell."""
        if self.host != socket.gethostname():
            return "dead" if self.silent_s > EXPIRY_S else "elsewhere"
        return "alive" if identify(self.pid) == Process(self.pid, self.started) else "dead"

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since}"


def read_owner(run_dir: Path) -> Owner | None:
    """Return the owner of a root, or None when nothing runs there."""
    path = run_dir / OWNER_FILE
    try:
        silent_s = time.time() - path.stat().st_mtime
        return Owner(**json.loads(path.read_text(encoding="utf-8")) | {"silent_s": silent_s})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        raise RunError(f"{path} is damaged; if no run is going on in this root, remove it and repeat") from None


def take(run_dir: Path) -> Owner:
    """Become the owner of a root.

    Raises
    ------
    RunError
        When a run is going on there, or was killed there.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    mine = _this_process()
    # Linked into place, so that the file is there whole or not at all, and only for the first of two.
    whole = run_dir / f".{OWNER_FILE}.{mine.token}"
    told = {name: value for name, value in asdict(mine).items() if name != "silent_s"}
    write_text(whole, json.dumps(told, indent=1) + "\n")
    try:
        (run_dir / OWNER_FILE).hardlink_to(whole)
    except FileExistsError:
        raise RunError(_refusal(run_dir, read_owner(run_dir))) from None
    finally:
        whole.unlink()
    return mine


def take_over(run_dir: Path, *, force: bool = False) -> Owner:
    """Become the owner of a root whose owner is dead, and end what it left running.

    Raises
    ------
    RunError
        When the owner lives, or is on another host and `force` is not given.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    with _guard(run_dir):
        owner = read_owner(run_dir)
        if owner is not None:
            if owner.fate == "alive" or (owner.fate == "elsewhere" and not force):
                raise RunError(_refusal(run_dir, owner))
            stop_processes(owner.token)
            (run_dir / OWNER_FILE).unlink()
        return take(run_dir)


def sign_of_life(run_dir: Path, last: float) -> float:
    """Renew the owner file's time when it is due; return when it was renewed last (monotonic seconds)."""
    now = time.monotonic()
    if now - last < SIGN_OF_LIFE_S:
        return last
    with suppress(OSError):
        os.utime(run_dir / OWNER_FILE)
    return now


def release(run_dir: Path, owner: Owner) -> None:
    """Give a root up, unless somebody else has taken it since."""
    with suppress(RunError):
        if read_owner(run_dir) == owner:
            (run_dir / OWNER_FILE).unlink(missing_ok=True)


def _this_process() -> Owner:
    process = identify(os.getpid())
    now = dt.datetime.now().astimezone().isoformat(" ", "seconds")
    return Owner(os.getpid(), process.started if process else "", socket.gethostname(), secrets.token_hex(8), now)


def _refusal(run_dir: Path, owner: Owner | None) -> str:
    if owner is None:
        return f"another run in {run_dir.parent} has just ended; repeat the command"
    if owner.fate == "alive":
        return f"a run is going on in {run_dir.parent} ({owner}); wait for it, or use another --root"
    if owner.fate == "dead":
        return f"a run in {run_dir.parent} was killed ({owner}); continue it with `lcr resume`"
    return (
        f"a run in {run_dir.parent} belongs to another host ({owner}); go there, or, once you are sure that it is "
        "dead, use `lcr resume --force`"
    )


@contextmanager
def _guard(run_dir: Path) -> Iterator[None]:
    """Let one process at a time take over; without file locks (some cluster disks) the link alone decides."""
    with (run_dir / f".{OWNER_FILE}.guard").open("w") as file:
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
