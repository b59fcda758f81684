"""Skims of the nightly stage: each rank writes shards of its own, blocks of origins."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lcr_hpc.compute.communicator import Communicator
from lcr_hpc.config import Config
from lcr_hpc.store.slabs import shard_of, slabs, write_slab
from lcr_hpc.traffic.equilibrium import Assignment
from lcr_hpc.traffic.skims import skim_shortest


def skimmed_periods(config: Config) -> list[str]:
    """Labels of the periods that hold one of `traffic.skim_hours`, in their order."""
    hours = set(config.traffic.skim_hours)
    return [p.label for p in config.traffic.periods if hours & set(p.hours)]


def skim_sizes(config: Config, n_zones: int) -> dict[str, int]:
    """Sizes of the dimensions of skims; none where no period has any."""
    periods = skimmed_periods(config)
    return {"skim_period": len(periods), "origin": n_zones, "destination": n_zones} if periods else {}


def name_skims(path: Path, config: Config) -> None:
    """Write the labels of the periods that have skims, if any has."""
    if labels := skimmed_periods(config):
        write_slab(path, "traffic", {}, {"skim_period": labels})


def write_skims(path: Path, config: Config, period: int, result: Assignment, communicator: Communicator) -> None:
    """Write the skims of a period, if it has any; all ranks call.

    Parameters
    ----------
    path : Path
        Store traffic.
    config : Config
    period : int
        Index of the period.
    result : Assignment
        Of the period, on every rank.
    communicator : Communicator
        Shard b of the origins is written by rank b modulo their number.
    """
    label = config.traffic.periods[period].label
    labels = skimmed_periods(config)
    if label not in labels:
        return
    at = labels.index(label)
    blocks = slabs(result.problem.network.n_zones, shard_of("traffic", "skim_time_min", "origin"))
    for k in range(len(result.class_names)):
        for block in blocks[communicator.rank :: communicator.size]:
            origins = np.arange(block.start, block.stop)
            found = skim_shortest(result, ["time", "distance"], origins=origins, vehicle_class=k)
            region = {"skim_period": slice(at, at + 1), "vehicle_class": slice(k, k + 1), "origin": block}
            values = {"skim_time_min": found["time"][None, None], "skim_distance_m": found["distance"][None, None]}
            write_slab(path, "traffic", region, values)
