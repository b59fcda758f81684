"""The measures of a scenario, resolved on the night's network: which links, which nodes, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.config import (
    AnyMeasure,
    BusPriority,
    ChargingZone,
    Closure,
    Config,
    EmergencyVehicles,
    ModeShift,
    SpeedLimit,
)
from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.traffic.network import Floats, Network
from lcr_hpc.traffic.scenario.select import Bools, Places, nodes_inside, select_links


@dataclass(frozen=True)
class Change:
    """One measure and the links that it is about.

    links   bool[link]; of a charging zone those that enter it, of demand none
    """

    measure: AnyMeasure
    links: Bools

    def holds_in(self, label: str) -> bool:
        """Whether it holds in a period."""
        return self.measure.periods is None or label in self.measure.periods


@dataclass(frozen=True)
class Supply:
    """The network of one period under a scenario's measures.

    network   its free-flow times and capacities changed
    closed    bool[class, link]
    toll      float64[class, link]  £, before the class's weight
    bus_lane  bool[link]            links on which buses have a lane of their own
    """

    network: Network
    closed: Bools
    toll: Floats
    bus_lane: Bools


def resolve(config: Config, network: Network, places: Places) -> list[Change]:
    """Find the links of every measure.

    Raises
    ------
    InputError
        Everything that does not fit the night's network, at once: names and ids that are not there, selections that
        match nothing, charges on a class without a value of time.
    """
    problems: list[str] = []
    changes = []
    for k, measure in enumerate(config.traffic.changes):
        where = f"traffic.changes.{k}"
        if isinstance(measure, Closure | SpeedLimit | BusPriority):
            links = select_links(measure.links, places, f"{where}.links", problems)
            if isinstance(measure, BusPriority) and measure.treatment == "lane" and links.any():
                problems += _no_lane_to_give(links, places, where)
        elif isinstance(measure, ChargingZone):
            inside = nodes_inside(measure.zone, places, f"{where}.zone", problems)
            links = inside[network.to_node] & ~inside[network.from_node]
            if inside.any() and not links.any():
                problems.append(f"`{where}.zone` has no link that leads into it; draw it so that roads cross its edge")
            problems += _no_value_of_time(config, measure, where)
        else:
            links = np.zeros(network.n_links, np.bool_)
        changes.append(Change(measure, links))
    raise_all(problems, InputError, title="the scenario does not fit the night" if len(problems) > 1 else "")
    return changes


def supply(
    changes: list[Change], network: Network, lanes: NDArray[np.integer], class_names: tuple[str, ...], label: str
) -> Supply:
    """Change the network as the measures of a period say.

    Parameters
    ----------
    changes : list of Change
    network : Network
        The base's.
    lanes : int[link]
    class_names : tuple of str
    label : str
        Of the period.

    Notes
    -----
    A limit at or above the free-flow speed, and a charge of 0, leave every number as it is, to the last bit.
    """
    free, capacity = network.free_flow_time, network.capacity_veh_h
    closed = np.zeros((len(class_names), network.n_links), np.bool_)
    toll, bus_lane = np.zeros(closed.shape), np.zeros(network.n_links, np.bool_)
    for change in changes:
        measure, links = change.measure, change.links
        if not change.holds_in(label):
            continue
        if isinstance(measure, Closure):
            closed[[measure.classes is None or n in measure.classes for n in class_names]] |= links
        elif isinstance(measure, SpeedLimit):
            limited = 60.0 * network.length / 1000.0 / measure.max_km_h
            free = np.where(links, np.maximum(free, limited), free)
        elif isinstance(measure, ChargingZone):
            toll[[n not in measure.exempt for n in class_names]] += measure.charge_gbp * links
        elif isinstance(measure, BusPriority) and measure.treatment == "lane":
            laid = links & (lanes >= 2)
            capacity = np.where(laid & ~bus_lane, capacity * (lanes - 1) / np.maximum(lanes, 1), capacity)
            bus_lane |= laid
    changed = free is not network.free_flow_time or capacity is not network.capacity_veh_h
    changed_network = replace(network, free_flow_time=free, capacity_veh_h=capacity) if changed else network
    return Supply(changed_network, closed, toll, bus_lane)


def said_of(change: Change, network: Network, lanes: NDArray[np.integer]) -> str:
    """One sentence for people: what a measure changes."""
    measure = change.measure
    count, km = int(change.links.sum()), float(network.length[change.links].sum()) / 1000.0
    links = f"{count:,} {'link' if count == 1 else 'links'} ({km:,.1f} km)"
    if isinstance(measure, Closure):
        who = "all vehicles" if measure.classes is None else ", ".join(measure.classes)
        text = f"{links} closed to {who}"
    elif isinstance(measure, SpeedLimit):
        with np.errstate(divide="ignore", invalid="ignore"):
            speed = 60.0 * network.length / 1000.0 / network.free_flow_time
        slower = int((change.links & (speed > measure.max_km_h)).sum())
        text = f"at most {measure.max_km_h:g} km/h on {links}, of which {slower:,} were faster"
    elif isinstance(measure, ChargingZone):
        free = f", free for {', '.join(measure.exempt)}" if measure.exempt else ""
        text = f"£{measure.charge_gbp:.2f} on each of {count:,} links that enter the zone{free}"
    elif isinstance(measure, BusPriority) and measure.treatment == "lane":
        laid = int((change.links & (lanes >= 2)).sum())
        text = f"a bus lane on {links}"
        if laid < count:
            text = f"a bus lane on {laid:,} of {links}; the others have one lane, which stays as it is"
    elif isinstance(measure, BusPriority):
        text = f"green time for buses on {links}, which spares them {measure.delay_spared:.0%} of the delay"
    elif isinstance(measure, EmergencyVehicles):
        text = f"emergency vehicles suffer {measure.delay_share:.0%} of other vehicles' delay"
        text += f", at {measure.speed_factor:g} times their speed on an empty road" * (measure.speed_factor != 1.0)
    else:
        assert isinstance(measure, ModeShift)
        text = (
            f"travellers choose anew between car and bus: bus time × {measure.bus_time_factor:g} "
            f"{measure.bus_minutes_change:+g} min, car {measure.car_minutes_change:+g} min; {measure.bus_share:.0%} of "
            f"persons by bus today and {measure.utility_per_min:g} utility a minute are assumed"
        )
    when = f" ({', '.join(measure.periods)} only)" if measure.periods is not None else ""
    return (f"{measure.title}: " if measure.title else "") + text + when


def _no_lane_to_give(links: Bools, places: Places, where: str) -> list[str]:
    most = int(places.roads["lanes"].to_numpy()[links].max())
    if most >= 2:
        return []
    return [
        f"`{where}`: none of the {int(links.sum()):,} links has a second lane, so no lane can be given to buses; "
        "choose wider roads, or `treatment: green_time`"
    ]


def _no_value_of_time(config: Config, measure: ChargingZone, where: str) -> list[str]:
    if measure.charge_gbp == 0.0:
        return []
    if not config.traffic.classes:
        return [
            f"`{where}`: a charge needs what time is worth to those who pay it, in £ an hour, and the project holds no "
            "source for it; give `traffic.classes: [{name: all, share: 1, value_of_time_gbp_h: …}]`"
        ]
    return [
        f"`{where}`: class {c.name} pays the charge and has no `value_of_time_gbp_h`; give it, or exempt the class"
        for c in config.traffic.classes
        if c.name not in measure.exempt and c.toll_weight > 0.0 and c.value_of_time_gbp_h is None
    ]
