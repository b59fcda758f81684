"""Taking a killed traffic stage up: the periods that are whole in the store, and the iteration that came last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lcr_hpc.compute.communicator import Communicator
from lcr_hpc.compute.kernel_cache import kernel_state
from lcr_hpc.config import Config
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import Manifest
from lcr_hpc.store.slabs import open_store
from lcr_hpc.traffic.checkpoint import Checkpoints
from lcr_hpc.traffic.equilibrium import UnreachableDemand


class Solved(NamedTuple):
    """What is kept of a period once its slab is written; its bushes go on to the next period."""

    relative_gap: float
    iterations: int
    converged: bool
    blocks: int
    unreachable: UnreachableDemand


class StageCheckpoint:
    """The checkpoint of a night's stage, beside its store.

    Parameters
    ----------
    config, layout : Config, Layout
        `compute.checkpoint_seconds` says how often.
    inputs : sequence of Manifest
        What the stage reads: a checkpoint of other inputs, settings or kernels is thrown away.
    communicator : Communicator
    base : str
        Fingerprint of the store that a scenario begins from.
    """

    def __init__(
        self, config: Config, layout: Layout, inputs: Sequence[Manifest], communicator: Communicator, base: str = ""
    ) -> None:
        said = [
            {m.name: m.fingerprint for m in inputs},
            config.section("traffic"),
            config.night.isoformat(),
            config.scenario,
            base,
            kernel_state(),
        ]
        self.stage = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
        self.communicator = communicator
        self.checkpoints = Checkpoints(
            layout.night_dir / "traffic.checkpoint",
            config.compute.checkpoint_seconds,
            communicator,
            refuse_others=False,
        )

    def take_up(self, store: Path) -> list[Solved]:
        """Periods that need not be solved again, the same on every rank: their slabs are whole in the store."""
        latest = self.checkpoints.latest()
        if latest is None:
            return []
        note = latest.get("note", {})
        solved: list[Solved] | None = None
        if self.communicator.rank == 0 and note.get("stage") == self.stage:
            solved = [from_json(row) for row in note["solved"]]
            held = open_store(store, "traffic", ["relative_gap"])["relative_gap"].to_numpy()[: len(solved)]
            if not np.array_equal(held, [s.relative_gap for s in solved]):
                solved = None
        solved = self.communicator.broadcast(solved)
        if solved is None:
            self.checkpoints.remove()
            return []
        if self.communicator.rank == 0:
            print(f"taken up after {len(solved)} periods and {latest['iterations']} iterations of the next", flush=True)
        return solved

    def after(self, solved: Sequence[Solved]) -> Checkpoints:
        """Checkpoints of the period that follows those that are solved."""
        self.checkpoints.note = {"stage": self.stage, "solved": [as_json(s) for s in solved]}
        return self.checkpoints

    def remove(self) -> None:
        """Take everything away: the stage is done."""
        self.checkpoints.remove()


def as_json(solved: Solved) -> list[Any]:
    """Write what is kept of a period as plain values."""
    return [*solved[:4], [column.tolist() for column in solved.unreachable]]


def from_json(row: list[Any]) -> Solved:
    """Read it back."""
    gap, iterations, converged, blocks, lost = row
    origin, destination, trips = lost
    unreachable = UnreachableDemand(
        np.array(origin, np.int32), np.array(destination, np.int32), np.array(trips, np.float64)
    )
    return Solved(gap, iterations, converged, blocks, unreachable)
