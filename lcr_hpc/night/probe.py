"""What the doctor's checks share: how one is tried, and how a command is asked."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from lcr_hpc.errors import LcrError

TIMEOUT_S = 60


@dataclass(frozen=True)
class Check:
    """Outcome of one check."""

    name: str
    ok: bool
    found: str
    """What is there, or what is wrong and what to do."""


class Sick(Exception):
    """A check's failure: what is wrong, and what to do."""


def attempt(name: str, check: Callable[[], str]) -> Check:
    """Try a check; whatever goes wrong is its outcome."""
    try:
        return Check(name, True, check())
    except (Sick, LcrError) as sick:
        return Check(name, False, str(sick))
    except subprocess.TimeoutExpired:
        return Check(name, False, f"no answer within {TIMEOUT_S} s")
    except OSError as error:
        return Check(name, False, str(error))


def ask(command: list[str], environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    full = os.environ | (environment or {})
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S, env=full)


def answer(command: list[str], otherwise: str) -> str:
    """Return what a command says; its failure is a `Sick` of its last words and what to do otherwise."""
    done = ask(command)
    if done.returncode != 0:
        raise Sick(f"`{' '.join(command)}`: {last_line(done.stderr)}; {otherwise}")
    return done.stdout.strip()


def last_line(text: str) -> str:
    """Return the last line that says something."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "nothing"
