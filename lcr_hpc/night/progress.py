"""What a person sees while a night runs: the stage, how many are done, time elapsed, time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TextIO

from rich.console import Console
from rich.live import Live

from lcr_hpc.night.calls import Event, steps_of

State = Literal["waiting", "running", "done", "up to date", "failed"]
HEARTBEAT_S = 60.0


@dataclass
class StageProgress:
    """Where one stage stands in this run."""

    name: str
    earlier_s: float | None
    """Seconds it will take by earlier runs; None = never ran here."""
    state: State = "waiting"
    began: float = 0.0
    seconds: float = 0.0


@dataclass
class Progress:
    """Follows Snakemake's events; a live line on a terminal, plain lines elsewhere.

    Parameters
    ----------
    stages : iterable of str
        Stages of this run, in order.
    earlier_s : mapping of str to float or None
        Seconds that each will take by earlier runs.
    stream : TextIO
        Where to write.
    """

    stages: Iterable[str]
    earlier_s: Mapping[str, float | None]
    stream: TextIO = field(default_factory=lambda: sys.stdout)

    def __post_init__(self) -> None:
        """Start the clock."""
        self.rows = {name: StageProgress(name, self.earlier_s.get(name)) for name in self.stages}
        self.began = time.monotonic()
        self._last_line = self.began
        self._jobs: dict[int, str | None] = {}
        self._console = Console(file=self.stream, highlight=False, soft_wrap=True)
        self._live = (
            Live(console=self._console, refresh_per_second=4, transient=True) if self._console.is_terminal else None
        )
        if self._live:
            self._live.start()

    def take(self, event: Event) -> None:
        """Take one event of Snakemake in."""
        for what, stage, _ in steps_of([event], self._jobs):
            if stage in self.rows:
                self._change(self.rows[stage], what)

    def finish_call(self, stages: Iterable[str]) -> None:
        """After a call that went well, what it had no need to run is up to date."""
        for name in stages:
            if self.rows[name].state == "waiting":
                self.rows[name].state = "up to date"

    def tick(self) -> None:
        """Refresh the live line; without a terminal, say once a minute that it goes on."""
        if self._live:
            self._live.update(self._running_line())
        elif time.monotonic() - self._last_line > HEARTBEAT_S and (line := self._running_line()):
            self.say(line)

    def say(self, line: str) -> None:
        """Print a line that stays."""
        self._last_line = time.monotonic()
        self._console.print(line, markup=False)

    def close(self) -> None:
        """Take the live line away."""
        if self._live:
            self._live.stop()
            self._live = None

    @property
    def failed(self) -> str | None:
        """First stage that failed, if one did."""
        return next((row.name for row in self.rows.values() if row.state == "failed"), None)

    @property
    def ran(self) -> list[str]:
        """Stages that ran to their end."""
        return [row.name for row in self.rows.values() if row.state == "done"]

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.began

    def time_left_s(self) -> float | None:
        """Seconds left, told from earlier runs; None when a stage to come has never run here."""
        left = 0.0
        for row in self.rows.values():
            if row.state in ("waiting", "running"):
                if row.earlier_s is None:
                    return None
                spent = time.monotonic() - row.began if row.state == "running" else 0.0
                left += max(row.earlier_s - spent, 0.0)
        return left

    def _change(self, row: StageProgress, what: str) -> None:
        if what == "began":
            for earlier in self.rows.values():
                if earlier is row:
                    break
                if earlier.state == "waiting":
                    earlier.state = "up to date"
            row.state, row.began = "running", time.monotonic()
            if not self._live:
                self.say(self._running_line())
            return
        row.state, row.seconds = ("done" if what == "done" else "failed"), time.monotonic() - row.began
        outcome = "done in" if what == "done" else "FAILED after"
        self.say(f"{self._count(row)} {row.name} {outcome} {duration(row.seconds)}")

    def _running_line(self) -> str:
        row = next((r for r in self.rows.values() if r.state == "running"), None)
        if row is None:
            doing = "looking for what to run" if any(r.state == "waiting" for r in self.rows.values()) else "finishing"
            return f"{doing}, {duration(self.elapsed_s)}" if self._live else ""
        left = self.time_left_s()
        told = "time left unknown" if left is None else f"about {duration(left)} left"
        return f"{self._count(row)} {row.name} running, {duration(self.elapsed_s)} elapsed, {told}"

    def _count(self, row: StageProgress) -> str:
        return f"[{list(self.rows).index(row.name) + 1}/{len(self.rows)}]"


def duration(seconds: float) -> str:
    """Seconds as a person says them: `4 s`, `3 min 05 s`, `2 h 07 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
