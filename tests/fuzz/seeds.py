"""Bad files one after the other, each with a time limit: what became of them, and which broke a rule."""

from __future__ import annotations

import argparse
import faulthandler
import signal
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

LONGEST_S = 60
Found = tuple[Counter[tuple[str, str]], list[str]]


class Case(NamedTuple):
    """The bad file of a seed."""

    key: str
    """What it is counted under"""
    told: str
    """What it is, where it breaks a rule"""
    judge: Callable[[], tuple[str, str]]
    """ "refused" or "read", and more; an AssertionError where a rule is broken"""
    mend: Callable[[], object] = lambda: None
    """Called where a rule was broken"""


def try_each(seeds: Iterable[int], case_of: Callable[[int], Case], *, stop: bool) -> Found:
    """Count (key, outcome) of the cases of some seeds, and list what broke a rule; the first is raised if `stop`."""
    counted, broken = Counter[tuple[str, str]](), []
    signal.signal(signal.SIGALRM, _too_long)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for seed in seeds:
            case = case_of(seed)
            try:
                signal.alarm(LONGEST_S)
                outcome, _ = case.judge()
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt) or stop:
                    raise
                outcome = "BROKEN"
                broken.append(f"seed {seed}: {case.told}: {type(error).__name__}: {str(error)[:300]}")
                case.mend()
            finally:
                signal.alarm(0)
            counted[case.key, outcome] += 1
    return counted, broken


def report(description: str | None, run: Callable[[range], Found]) -> int:
    """Do what the command line asks for and print what became of each key's files; 1 when a rule was broken."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    arguments = parser.parse_args()
    faulthandler.enable()
    start = time.perf_counter()
    counted, broken = run(range(arguments.first, arguments.first + arguments.files))
    for key in dict.fromkeys(k for k, _ in counted):
        told = [f"{counted[key, outcome]:6} {outcome}" for outcome in ("refused", "read", "BROKEN")]
        print(f"{key:32}", *told)
    total = Counter({o: sum(n for (_, p), n in counted.items() if p == o) for o in ("refused", "read", "BROKEN")})
    print(*broken[:40], sep="\n")
    print(f"{sum(counted.values()):,} files: {dict(total)} in {time.perf_counter() - start:.0f} s")
    return 1 if broken else 0


def _too_long(*_: object) -> None:
    raise TimeoutError(f"more than {LONGEST_S} s")
