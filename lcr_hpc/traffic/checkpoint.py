"""Checkpoints of an assignment: a run that is killed goes on from its last whole iteration, with the same bytes.

Every rank writes the bushes of its own blocks, each file under another name first. When all have, rank 0 names the
step in `latest.json`, and only then is the step before it removed: whenever the power fails, one whole step is there.
Files are by block, not by rank, so another number of ranks may go on.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from lcr_kernels.bush import Bushes

from lcr_hpc.compute.communicator import Communicator, SerialCommunicator
from lcr_hpc.compute.kernel_cache import kernel_state
from lcr_hpc.errors import InputError, ModelError
from lcr_hpc.traffic.network import Floats
from lcr_hpc.traffic.problem import Problem
from lcr_hpc.traffic.settings import TrafficSettings

LATEST = "latest.json"


class Saved(NamedTuple):
    """An iteration as it ended: this rank's bushes by number, flow by arranged link, and gaps so far."""

    bushes: dict[int, Bushes]
    flow: Floats
    history: list[float]


class Checkpoints:
    """A folder with the last whole iteration of one assignment, or of one after another.

    Parameters
    ----------
    folder : Path
        Made when it is not there. On a disk that all ranks see.
    seconds : float
        Least time between two checkpoints; 0: every iteration.
    communicator : Communicator, optional
        That of the assignment.
    note : mapping, optional
        Plain JSON values kept with each step, for the caller.
    refuse_others : bool
        Refuse a step of another problem; otherwise begin anew over it.
    """

    def __init__(
        self,
        folder: Path,
        seconds: float = 60.0,
        communicator: Communicator | None = None,
        *,
        note: Mapping[str, Any] | None = None,
        refuse_others: bool = True,
    ) -> None:
        self.folder, self.seconds = folder, seconds
        self.communicator = communicator or SerialCommunicator()
        self.note = dict(note or {})
        self.refuse_others = refuse_others
        self._problem = ""
        self._blocks = 0
        self._step = 0
        self._last = time.monotonic()

    def latest(self) -> dict[str, Any] | None:
        """What `latest.json` says (step, problem, note …), the same on every rank; None where there is none."""
        found = None
        if self.communicator.rank == 0 and (self.folder / LATEST).is_file():
            try:
                found = json.loads((self.folder / LATEST).read_text(encoding="utf-8"))
            except (OSError, ValueError):
                found = {}
        return self.communicator.broadcast(found)

    def begin(self, problem: Problem, settings: TrafficSettings, n_blocks: int) -> Saved | None:
        """Prepare for an assignment; what was saved of the same one, or None.

        Raises
        ------
        ModelError
            When the folder holds a step of another problem, and others are refused.
        """
        self._problem, self._blocks = problem_hash(problem, settings, n_blocks), len(problem.classes) * n_blocks
        latest = self.latest()
        if latest is None:
            return None
        self._step = int(latest.get("step", 0))
        if latest.get("problem") != self._problem:
            if self.refuse_others:
                found, wanted = str(latest.get("problem"))[:12], self._problem[:12]
                raise ModelError(
                    f"{self.folder} holds a checkpoint of another problem (other network, demand, settings or "
                    f"program: {found}, wanted {wanted}); name another folder, or remove it"
                )
            return None
        return self._read(n_blocks)

    def offer(self, bushes: Mapping[int, Bushes], flow: Floats, history: list[float]) -> None:
        """Save the iteration that has just ended, if it is time; all ranks call, rank 0's clock decides."""
        if not self.communicator.broadcast(time.monotonic() - self._last >= self.seconds):
            return
        rank, name = self.communicator.rank, f"step-{self._step + 1:06d}"
        before, step = self.folder / f"step-{self._step:06d}", self.folder / name
        if rank == 0:
            self._tidy(keep=before.name)
            try:
                step.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise InputError(f"{self.folder}: no checkpoint can be written ({error.strerror})") from None
        self.communicator.barrier()
        for number, b in bushes.items():
            _write(step / f"block-{number:05d}.npz", _npz(b._asdict()))
        if rank == 0:
            _write(step / "shared.npz", _npz({"flow": flow, "history": np.array(history)}))
        self.communicator.barrier()
        self._step += 1
        if rank == 0:
            said = {"step": self._step, "problem": self._problem, "iterations": len(history), "note": self.note}
            _write(self.folder / LATEST, json.dumps(said, indent=1).encode())
            shutil.rmtree(before, ignore_errors=True)
        self._last = time.monotonic()

    def remove(self) -> None:
        """Take the steps away, when what they were for is done; rank 0 does, and the folder goes if it is empty."""
        if self.communicator.rank == 0 and self.folder.is_dir():
            (self.folder / LATEST).unlink(missing_ok=True)
            self._tidy(keep="")
            if not any(self.folder.iterdir()):
                self.folder.rmdir()
        self.communicator.barrier()

    def _tidy(self, keep: str) -> None:
        for old in self.folder.glob("step-*"):
            if old.name != keep:
                shutil.rmtree(old, ignore_errors=True)

    def _read(self, n_blocks: int) -> Saved:
        step, ranks = self.folder / f"step-{self._step:06d}", self.communicator
        mine = [n for n in range(self._blocks) if (n % n_blocks) % ranks.size == ranks.rank]
        try:
            bushes = {}
            for number in mine:
                with np.load(step / f"block-{number:05d}.npz", allow_pickle=False) as arrays:
                    bushes[number] = Bushes(*(arrays[name] for name in Bushes._fields))
            with np.load(step / "shared.npz", allow_pickle=False) as arrays:
                return Saved(bushes, arrays["flow"], arrays["history"].tolist())
        except (OSError, KeyError, ValueError) as error:
            raise ModelError(f"{step} cannot be read ({error}); remove {self.folder} and start cold") from None


def problem_hash(problem: Problem, settings: TrafficSettings, n_blocks: int) -> str:
    """SHA-256 of everything that decides the bytes of an assignment: arrays, settings, blocks, kernels."""
    digest = hashlib.sha256(json.dumps([asdict(settings), n_blocks, kernel_state()]).encode())
    digest.update(json.dumps([c.name for c in problem.classes]).encode())
    arrays = [*problem.roads, problem.extra, problem.preload, *(column for table in problem.trips for column in table)]
    for array in arrays:
        # Shape and type too, so that no two lists of arrays are the same bytes.
        held = np.ascontiguousarray(array) if array is not None else np.zeros(0)
        digest.update(f"{array is None} {held.dtype.str} {held.shape}".encode())
        digest.update(held.tobytes())
    return digest.hexdigest()


def _npz(arrays: Mapping[str, Any]) -> bytes:
    held = io.BytesIO()
    np.savez(held, **arrays)
    return held.getvalue()


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, down to the disk."""
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
