"""What `lcr assign` reads beside network and trips, and what it writes beside flows."""

from __future__ import annotations

import csv
import dataclasses
import io
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lcr_hpc.compute.communicator import Communicator
from lcr_hpc.errors import InputError, LcrError, raise_all
from lcr_hpc.store.slabs import create_store, shard_of, slabs, write_slab
from lcr_hpc.traffic.classes import VehicleClass
from lcr_hpc.traffic.equilibrium import Assignment
from lcr_hpc.traffic.flows import write_whole
from lcr_hpc.traffic.gmns import is_gmns, read_allowed_uses, read_gmns, read_gmns_demand, read_gmns_turns
from lcr_hpc.traffic.network import DELAY_FUNCTIONS, Demand, Floats, Network
from lcr_hpc.traffic.select import select_links
from lcr_hpc.traffic.skims import skim_shortest
from lcr_hpc.traffic.tables import links_between, read_classes, read_preload, read_turns
from lcr_hpc.traffic.tntp import read_tntp, read_tntp_nodes
from lcr_hpc.traffic.tntp_trips import read_trips
from lcr_hpc.traffic.turns import Turns

SKIMS = {"skim_time_min": "time", "skim_cost_min": "cost", "skim_toll": "toll", "skim_length": "distance"}


@dataclass(frozen=True)
class AssignFiles:
    """Files that `lcr assign` may be given; None: not.

    classes, preload, turns   CSV, see `lcr_hpc.traffic.tables`
    delay_function            name in `DELAY_FUNCTIONS`, for every link whose time rises with flow
    block_centroids           paths end at zones and never pass them
    skims                     Zarr store to write, between all zones and for every class
    select_link               pairs of source ids of nodes: trips that use any of these links
    select_out                CSV to write them to
    checkpoint                folder
    """

    classes: Path | None = None
    preload: Path | None = None
    turns: Path | None = None
    delay_function: str | None = None
    block_centroids: bool = False
    skims: Path | None = None
    select_link: tuple[tuple[int, int], ...] = ()
    select_out: Path | None = None
    checkpoint: Path | None = None

    def raise_unwritable(self, out: Path | None, network: Network) -> None:
        """Raise what would go wrong only when the work is done."""
        found = []
        for path in (out, self.skims, self.select_out):
            if path is not None and not path.absolute().parent.is_dir():
                found.append(f"{path}: cannot be written (no such folder); name a folder that exists")
        if out is not None and out.suffix.lower() == ".parquet" and network.node_x is None:
            found.append(
                f"{out.name}: {network.source} has no node coordinates, which GeoParquet needs; give x_coord and "
                "y_coord in node.csv, a *_node.tntp beside the *_net.tntp, or a name that ends in .csv"
            )
        if bool(self.select_link) != (self.select_out is not None):
            found.append("--select-link and --select-out go together: which links, and where their trips are written")
        raise_all(found, InputError)


class Given(NamedTuple):
    """What was read: `classes` is empty where the demand is one class, `selected` are links."""

    network: Network
    demand: Demand
    classes: list[VehicleClass]
    preload: Floats | None
    turns: Turns | None
    selected: list[int]


def parse_links(words: list[str]) -> tuple[tuple[int, int], ...]:
    """Read links that were named INIT,TERM."""
    found = []
    for word in words:
        start, _, end = word.partition(",")
        if not (start.strip().isdecimal() and end.strip().isdecimal()):
            raise InputError(f"--select-link {word}: wanted INIT,TERM, the link's two nodes")
        found.append((int(start), int(end)))
    return tuple(found)


def read_on_rank_0(net: Path, trips: Path, files: AssignFiles, communicator: Communicator) -> Given:
    """Read once and tell the others; an error of the input is raised on every rank alike."""
    found: Given | LcrError | None = None
    if communicator.rank == 0:
        try:
            found = _read(net, trips, files)
        except LcrError as error:
            found = error
    found = communicator.broadcast(found)
    if isinstance(found, LcrError):
        raise found
    if found is None:
        raise InputError(f"{net}: rank 0 sent nothing")
    return found


def write_zone_skims(path: Path, result: Assignment, communicator: Communicator) -> None:
    """Write skims between all zones as Zarr, [skim_period, vehicle_class, origin, destination]; all ranks call.

    The store has one period, `all`; time and generalised cost in minutes, toll and length in the file's units, along
    the path of least cost. Shards are blocks of origins, written by the ranks in turn.
    """
    zones, names = result.problem.network.n_zones, list(result.class_names)
    if communicator.rank == 0:
        sizes = {"skim_period": 1, "vehicle_class": len(names), "origin": zones, "destination": zones}
        create_store(path, "skims", sizes)
        write_slab(path, "skims", {}, {"skim_period": ["all"], "vehicle_class": names})
    communicator.barrier()
    blocks = slabs(zones, shard_of("skims", "skim_time_min", "origin"))
    for k in range(len(names)):
        for block in blocks[communicator.rank :: communicator.size]:
            found = skim_shortest(
                result, list(SKIMS.values()), origins=np.arange(block.start, block.stop), vehicle_class=k
            )
            region = {"skim_period": slice(0, 1), "vehicle_class": slice(k, k + 1), "origin": block}
            write_slab(path, "skims", region, {name: found[field][None, None] for name, field in SKIMS.items()})
    communicator.barrier()


def write_selected(path: Path, given: Given, result: Assignment, communicator: Communicator) -> None:
    """Write the trips that use a selected link: CSV of class, origin, destination, share and trips; all ranks call."""
    found = select_links(result, given.selected, communicator=communicator)
    if communicator.rank > 0:
        return
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["class", "origin", "destination", "share", "trips"])
    name_of = result.problem.network.node_id
    for c, share, trips in zip(result.problem.classes, found.share, found.trips, strict=True):
        at = np.flatnonzero(trips > 0.0)
        ends = name_of[c.demand.origin[at]].tolist(), name_of[c.demand.destination[at]].tolist()
        rows.writerows(zip([c.name] * at.size, *ends, share[at].tolist(), trips[at].tolist(), strict=True))
    write_whole(path, text.getvalue().encode())


def _read(net: Path, trips: Path, files: AssignFiles) -> Given:
    gmns = is_gmns(net)
    network, demand = read_gmns(net, trips) if gmns else read_tntp(net, trips)
    network = network if gmns else read_tntp_nodes(net, network)
    if files.delay_function is not None:
        if files.delay_function not in DELAY_FUNCTIONS:
            raise InputError(f"no delay function `{files.delay_function}`; there is {', '.join(DELAY_FUNCTIONS)}")
        number = np.where(network.b * network.power > 0.0, DELAY_FUNCTIONS[files.delay_function], 0).astype(np.int8)
        network = dataclasses.replace(network, delay_function=number)
    if files.block_centroids:
        network = dataclasses.replace(network, first_through_node=network.n_zones)
    raise_all(network.problems(), InputError)

    def other_demand(path: Path) -> Demand:
        if gmns:
            return read_gmns_demand(path, network, net)
        problems: list[str] = []
        found = read_trips(path, network.n_zones, net.name, problems)
        raise_all(problems, InputError)
        if found is None:
            raise InputError(f"{path}: nothing that could be read")
        return found

    classes: list[VehicleClass] = []
    if files.classes is not None:
        allowed = read_allowed_uses(net, network) if gmns else None
        classes = read_classes(files.classes, network, demand, other_demand, allowed)
    turns = read_gmns_turns(net, network) if gmns else None
    if files.turns is not None:
        turns = read_turns(files.turns, network)
    links = links_between(network)
    missing = [f"{a},{b}" for a, b in files.select_link if (a, b) not in links]
    if missing:
        raise InputError(f"--select-link {' '.join(missing)}: no such link in {network.source}; give INIT,TERM")
    preload = read_preload(files.preload, network) if files.preload is not None else None
    return Given(network, demand, classes, preload, turns, [k for pair in files.select_link for k in links[pair]])
