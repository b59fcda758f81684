"""Periods in which a scenario assigns what the base assigned: their slabs are the base's."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from lcr_hpc.config import Config
from lcr_hpc.store.slabs import write_slab
from lcr_hpc.store.variables import REGISTRY
from lcr_hpc.traffic.stage_skims import skimmed_periods


def copy_period(base: xr.Dataset, path: Path, config: Config, period: int) -> None:
    """Copy all slabs of a period from the base's store, byte for byte.

    Parameters
    ----------
    base : xarray.Dataset
        Store traffic of the base, lazy.
    path : Path
        Store traffic of the scenario.
    config : Config
        Periods and skim hours, the same as the base's.
    period : int
        Index of the period.
    """
    labels, label = skimmed_periods(config), config.traffic.periods[period].label
    rows = {"period": period} | ({"skim_period": labels.index(label)} if label in labels else {})
    for dim, row in rows.items():
        whole = slice(row, row + 1)
        values = {
            name: base[name].isel({dim: whole}).to_numpy()
            for name, v in REGISTRY["traffic"].items()
            if v.shard.get(dim) == 1 and dim in v.dims and name in base
        }
        write_slab(path, "traffic", {dim: whole}, values)
