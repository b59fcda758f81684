"""Networks and demand that the traffic model reads, as the spine's readings: for `lcr spine check`."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.spine.archives import extract_archive, require_file
from lcr_hpc.spine.readers.formats import Format, Options, option_problems
from lcr_hpc.spine.readers.result import Reading
from lcr_hpc.spine.readers.text import read_text
from lcr_hpc.traffic.gmns import read_gmns
from lcr_hpc.traffic.network import Demand, Network
from lcr_hpc.traffic.tntp import read_net
from lcr_hpc.traffic.tntp_trips import read_trips


def read_tntp_net(path: Path, options: Options) -> Reading:
    """Links of a TNTP network; whole or refused."""
    read_text(path)
    problems: list[str] = []
    network, _ = read_net(path, problems)
    raise_all(problems, InputError)
    if network is None:
        raise InputError(f"{path}: no network that could be read")
    return _links("tntp_net", path, network)


def read_tntp_trips(path: Path, options: Options) -> Reading:
    """Trips of a TNTP demand; whole or refused."""
    read_text(path)
    problems: list[str] = []
    demand = read_trips(path, None, "", problems)
    raise_all(problems, InputError)
    if demand is None:
        raise InputError(f"{path}: no trips that could be read")
    return _pairs("tntp_trips", path, demand)


def read_gmns_network(path: Path, options: Options) -> Reading:
    """Links of a GMNS network with its demand: a folder, or a zip archive, of node.csv, link.csv and demand.csv."""
    if path.is_dir():
        for name in ("node.csv", "link.csv", "demand.csv"):
            read_text(path / name)
        network, demand = read_gmns(path, path)
    else:
        require_file(path)
        if not zipfile.is_zipfile(path):
            raise InputError(f"{path} is no folder and no zip archive, wanted node.csv, link.csv and demand.csv in one")
        with tempfile.TemporaryDirectory(prefix="lcr-gmns-") as scratch:
            files = extract_archive(path, Path(scratch) / "network")
            folder = next((f.parent for f in files if f.name == "link.csv"), None)
            if folder is None:
                raise InputError(f"{path} holds no link.csv, wanted node.csv, link.csv and demand.csv")
            return read_gmns_network(folder, options)
    reading = _links("gmns", path, network)
    trips = f"{demand.trips.size:,} pairs of zones with {float(demand.trips.sum()):,.0f} trips"
    return Reading("gmns", path, "links", reading.table, reading.rows, notes=(trips,))


def _links(name: str, path: Path, network: Network) -> Reading:
    table = pd.DataFrame(
        {
            "link": np.arange(1, len(network.from_node) + 1),
            "from_node": network.node_id[network.from_node],
            "to_node": network.node_id[network.to_node],
            "capacity": network.capacity_veh_h,
            "length": network.length,
            "free_flow_time": network.free_flow_time,
            "line": network.link_row,
        }
    )
    return Reading(
        name, path, "links", table, len(table), notes=(f"{network.n_zones:,} zones, {network.n_nodes:,} nodes",)
    )


def _pairs(name: str, path: Path, demand: Demand) -> Reading:
    table = pd.DataFrame(
        {
            "origin": demand.origin + 1,
            "destination": demand.destination + 1,
            "variable": "trips",
            "value": demand.trips,
        }
    )
    return Reading(name, path, "pairs", table, len(table))


def _checked(
    found: Format, read: Callable[[Path, Options], Reading]
) -> tuple[Format, Callable[[Path, Options], Reading]]:
    def checked(path: Path, options: Options) -> Reading:
        raise_all(option_problems(found, options), InputError)
        try:
            return read(path, options)
        except (OverflowError, MemoryError, RecursionError) as error:
            raise InputError(f"{path} holds more than can be read ({type(error).__name__}); fetch it again") from None

    return found, checked


READERS = {
    name: _checked(Format(name, title, kind, ""), read)
    for name, title, kind, read in (
        ("tntp_net", "TNTP network", "links", read_tntp_net),
        ("tntp_trips", "TNTP trips", "pairs", read_tntp_trips),
        ("gmns", "GMNS network with demand, folder or zip", "links", read_gmns_network),
    )
}
"""What `lcr spine check` knows beside the spine's own formats"""
