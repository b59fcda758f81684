"""The base's solution as scenarios begin from it: the bushes of every period, beside its store.

A rank writes the blocks that it holds. The index is written last and names the store that the bushes belong to, so that
a solution of another run of the base is never taken for this one's.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numcodecs
import numpy as np
from lcr_kernels.bush import Bushes

from lcr_hpc.compute.communicator import Communicator
from lcr_hpc.errors import StoreError
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import Manifest, write_text
from lcr_hpc.traffic.checkpoint import problem_hash
from lcr_hpc.traffic.equilibrium import Assignment
from lcr_hpc.traffic.network import Ints
from lcr_hpc.traffic.problem import Problem
from lcr_hpc.traffic.settings import TrafficSettings
from lcr_hpc.traffic.warm_start import WarmStart

INDEX = "solution.json"
FLOWS = "slot_flow"


class SolutionWriter:
    """Writes the solution of the base, period by period.

    Parameters
    ----------
    layout : Layout
        Of the base.
    settings : TrafficSettings
    communicator : Communicator
    """

    def __init__(self, layout: Layout, settings: TrafficSettings, communicator: Communicator) -> None:
        self.folder, self.settings, self.communicator = layout.solution, settings, communicator
        if communicator.rank == 0:
            (self.folder / INDEX).unlink(missing_ok=True)
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)

    def write(self, period: int, result: Assignment, solved: list[Any]) -> None:
        """Write a period: the bushes of this rank; rank 0 what is said of all of them, `solved` as JSON."""
        place = self.folder / f"period-{period:03d}"
        place.mkdir(exist_ok=True)
        for number, bushes in result.warm_start.bushes.items():
            np.savez(place / f"block-{number:05d}.npz", **pack_bushes(bushes))
        if self.communicator.rank == 0:
            print_ = problem_hash(result.problem, self.settings, result.blocks)
            said = {"problem": print_, "solved": solved, "classes": result.class_names, "blocks": result.blocks}
            write_text(place / "period.json", json.dumps(said) + "\n")

    def finish(self, manifest: Manifest, store: Path, periods: int) -> None:
        """Name the store that the solution belongs to; open it to whoever may enter the store."""
        write_text(self.folder / INDEX, json.dumps({"traffic": manifest.fingerprint, "periods": periods}) + "\n")
        for stale in self.folder.glob("period-*"):
            if int(stale.name.removeprefix("period-")) >= periods:
                shutil.rmtree(stale)
        self.folder.chmod(store.stat().st_mode & 0o777)


class Solution:
    """The base's solution, read by a scenario.

    Parameters
    ----------
    layout : Layout
        Of the base.
    manifest : Manifest
        Of the base's store traffic.

    Raises
    ------
    StoreError
        When there is none, or it belongs to another run of the base.
    """

    def __init__(self, layout: Layout, manifest: Manifest) -> None:
        self.folder = layout.solution
        said = _read_json(self.folder / INDEX)
        if said.get("traffic") != manifest.fingerprint:
            raise StoreError(
                f"{self.folder} is not the solution of the base's {layout.store('traffic')}; "
                f"take {layout.manifest('traffic')} away and run the base again"
            )

    def said(self, period: int) -> dict[str, Any]:
        """What is said of a period: hash of its problem, what was solved, names of classes, blocks."""
        return _read_json(self.folder / f"period-{period:03d}" / "period.json")

    def warm_start(self, period: int, problem: Problem, communicator: Communicator) -> WarmStart:
        """Bushes of a period for this rank.

        Parameters
        ----------
        period : int
        problem : Problem
            Of the scenario, on the base's links.
        communicator : Communicator
            Block b of a class belongs to rank b modulo their number.
        """
        said = self.said(period)
        blocks, names = int(said["blocks"]), tuple(str(n) for n in said["classes"])
        head, bushes = problem.roads.head, {}
        for number in range(len(names) * blocks):
            if (number % blocks) % communicator.size == communicator.rank:
                path = self.folder / f"period-{period:03d}" / f"block-{number:05d}.npz"
                try:
                    with np.load(path, allow_pickle=False) as arrays:
                        bushes[number] = unpack_bushes(dict(arrays), head)
                except (OSError, KeyError, ValueError, RuntimeError) as error:
                    raise StoreError(f"{path} cannot be read ({error}); run the base again") from None
        links = problem.expanded
        none_closed = np.zeros((len(names), links.n_links), np.bool_)
        return WarmStart(bushes, blocks, links.from_node, links.to_node, none_closed, names)


def pack_bushes(bushes: Bushes) -> dict[str, Any]:
    """Pack bushes into compressed bytes by field, without what the network tells: 1.6 MB a period of 1,003 zones."""
    nodes, merges = int(bushes.node_first[-1]), int(bushes.merge_first[-1])
    slots = int(bushes.slot_first[merges])
    used = {
        "zone": bushes.zone,
        "node_first": bushes.node_first,
        "entry": bushes.entry[:nodes],
        "merge_first": bushes.merge_first,
        "slot_first": bushes.slot_first[: merges + 1],
        "slot_link": bushes.slot_link[:slots],
        FLOWS: bushes.slot_flow[:slots],
    }
    packed = {name: _codec(name).encode(np.ascontiguousarray(a)) if a.size else b"" for name, a in used.items()}
    return {name: np.frombuffer(data, np.uint8) for name, data in packed.items()}


def unpack_bushes(packed: Mapping[str, Any], head: Ints) -> Bushes:
    """Bushes as they were; `head`, int32[arranged link], tells the node that each link enters."""
    types = {"zone": np.int32, "entry": np.int32, "slot_link": np.int32, FLOWS: np.float64}
    part = {
        name: np.frombuffer(_codec(name).decode(data.tobytes()), types.get(name, np.int64)).copy()
        if data.size
        else np.zeros(0, types.get(name, np.int64))
        for name, data in packed.items()
    }
    rows = np.repeat(np.arange(part["zone"].size), np.diff(part["node_first"]))
    entry = part["entry"]
    merge = part["merge_first"][rows] + np.maximum(-2 - entry, 0)
    # A link enters a node, and so do all slots of a merge: nodes need not be kept.
    first_slot = part["slot_first"][np.minimum(merge, max(part["slot_first"].size - 2, 0))]
    into = np.where(entry >= 0, entry, _at(part["slot_link"], first_slot))
    node = np.where(entry == -1, part["zone"][rows], _at(head, into)).astype(np.int32)
    return Bushes(
        part["zone"], part["node_first"], node, entry, part["merge_first"], part["slot_first"], part["slot_link"],
        part[FLOWS],
    )  # fmt: skip


def _at(values: Ints, index: Any) -> Ints:
    return values[np.clip(index, 0, values.size - 1)] if values.size else np.zeros(np.size(index), np.int32)


def _codec(name: str) -> Any:
    shuffle = numcodecs.Blosc.SHUFFLE if name == FLOWS else numcodecs.Blosc.BITSHUFFLE
    return numcodecs.Blosc("zstd", 3, shuffle)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return said
    except (OSError, ValueError):
        raise StoreError(
            f"no solution of the base to begin from: {path} is not there, or damaged; run the base's traffic again"
        ) from None
