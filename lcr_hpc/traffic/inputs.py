"""What the traffic stage reads: network, demand of each period, counts of the night."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from lcr_hpc.config import Config
from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.store.calendar import clock_hours, day_type, hours_of_day
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.slabs import open_store
from lcr_hpc.store.variables import QUALITY_FLAGS
from lcr_hpc.traffic.network import Demand, Floats, LongInts, Network
from lcr_hpc.traffic.periods import counted_period, period_demand
from lcr_hpc.traffic.validation import detector_links, period_counts

INPUTS = ("network", "demand", "counts")


@dataclass(frozen=True)
class TrafficInputs:
    """What the stage reads, arranged for `assign`."""

    network: Network
    roads: xr.Dataset
    demand: list[Demand]
    detector: list[str]
    detector_link: LongInts
    counted: Floats


def read_inputs(config: Config, layout: Layout) -> TrafficInputs:
    """Read the three stores and arrange them; what does not fit together is one error."""
    roads = open_store(layout.store("network"), "network").load()
    trips = open_store(layout.store("demand"), "demand").load()
    network = _network(roads)
    periods = config.traffic.periods
    day_types = [str(d) for d in trips["day_type"].to_numpy()]
    problems = [*network.problems()]
    if lacking := sorted({p.day_types[0] for p in periods} - set(day_types)):
        problems.append(f"demand: no day_type {', '.join(lacking)} for traffic.periods; it has {', '.join(day_types)}")
    if trips.sizes["origin_edge"] - 1 != network.n_zones:
        problems.append(f"demand has {trips.sizes['origin_edge'] - 1} zones, network {network.n_zones}")
    raise_all(problems, InputError)
    demand = [
        period_demand(
            trips["origin_offset"].to_numpy(),
            trips["destination"].to_numpy(),
            trips["trips_veh_day"].to_numpy(),
            trips["hourly_share"].to_numpy()[day_types.index(period.day_types[0])],
            period.hours,
            period.label,
        )
        for period in periods
    ]
    # Only the first: trips differ between periods, pairs do not, and `assign` checks each one's trips.
    raise_all(demand[0].problems(), InputError)
    detector, link, counted = _counts(config, layout, roads)
    return TrafficInputs(network, roads, demand, detector, link, counted)


def _network(roads: xr.Dataset) -> Network:
    zones = int(roads.attrs["n_zones"])
    link = roads["link"].to_numpy().astype(np.int64)
    return Network(
        from_node=roads["from_node"].to_numpy(),
        to_node=roads["to_node"].to_numpy(),
        capacity_veh_h=roads["capacity_veh_h"].to_numpy(),
        length=roads["length_m"].to_numpy(),
        free_flow_time=roads["free_flow_time_min"].to_numpy(),
        b=roads["bpr_b"].to_numpy(),
        power=roads["bpr_power"].to_numpy(),
        toll=np.zeros(link.size),
        n_zones=zones,
        n_nodes=int(roads.sizes["node"]),
        first_through_node=zones,
        node_id=roads["node"].to_numpy().astype(np.int64),
        link_row=link,
        source="network",
        row_word="link",
    )


def _counts(config: Config, layout: Layout, roads: xr.Dataset) -> tuple[list[str], LongInts, Floats]:
    """Detectors, the index of their links, and their mean counts by period of the night's type of day, NaN = none."""
    counts = open_store(layout.store("counts"), "counts")
    hours = hours_of_day(config.night)
    periods = config.traffic.periods
    time = counts["time"].to_numpy().astype("datetime64[h]").astype(np.int64)
    there = np.isin(hours, time)
    night = counts[["flow_veh_h", "flow_flag"]].isel(time=np.searchsorted(time, hours[there])).load()
    good = night["flow_flag"].to_numpy() == QUALITY_FLAGS.index("good")
    flow = night["flow_veh_h"].to_numpy().astype(np.float64)
    period = counted_period(periods, day_type(config.night))
    counted = period_counts(flow, good, period[clock_hours(hours)[there]], len(periods))
    link = detector_links(counts["detector_link"].to_numpy(), roads["link"].to_numpy().astype(np.int64))
    return [str(d) for d in counts["detector"].to_numpy()], link, counted
