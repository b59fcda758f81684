"""Tables that go with a network file: classes of vehicles, preload, turns. A CSV each, told with its line numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.traffic.classes import MONEY_AN_HOUR, VehicleClass
from lcr_hpc.traffic.network import Demand, Floats, Network
from lcr_hpc.traffic.turns import Turns

CLASS_COLUMNS = ("name", "trips", "share", "value_of_time", "pcu", "toll_weight", "distance_weight", "use")


def read_classes(
    path: Path,
    network: Network,
    demand: Demand,
    read_demand: Callable[[Path], Demand],
    allowed: list[set[str]] | None = None,
) -> list[VehicleClass]:
    """Read the classes of vehicles, a row each.

    Parameters
    ----------
    path : Path
        CSV with a column `name`, and any of: trips, a file of its own in the format of the network's, beside this one
        (blank: the demand that was given); share of those trips, 1; value_of_time, money an hour, 60; pcu, 1;
        toll_weight, distance_weight (blank: those of the settings); use, a word of `allowed_uses` in GMNS.
    network, demand : Network, Demand
    read_demand : callable
        Reads a file of trips.
    allowed : list of set of str, optional
        Uses of each link; an empty set allows all.
    """
    problems: list[str] = []
    table = read_table(path, ("name",), problems)
    unknown = [c for c in table.columns if c not in CLASS_COLUMNS]
    problems += [f"{path.name}: no column `{c}` is known; there is {', '.join(CLASS_COLUMNS)}" for c in unknown]
    numbers = {
        name: read_numbers(table, name, missing, path, problems)
        for name, missing in (("share", 1.0), ("value_of_time", MONEY_AN_HOUR), ("pcu", 1.0))
    }
    weights = {name: _optional(table, name, path, problems) for name in ("toll_weight", "distance_weight")}
    raise_all(problems, InputError)
    classes = []
    for i in range(len(table)):
        own = demand
        if "trips" in table.columns and pd.notna(table["trips"].iloc[i]):
            own = read_demand(path.parent / str(table["trips"].iloc[i]).strip())
        share = float(numbers["share"][i])
        use = str(table["use"].iloc[i]).strip() if "use" in table.columns and pd.notna(table["use"].iloc[i]) else ""
        if use and allowed is None:
            problems.append(f"{path.name}:{i + 2}: use is {use}, but only the links of GMNS have allowed_uses")
        closed = np.array([bool(s) and not s & {use, "all"} for s in allowed]) if use and allowed else None
        classes.append(
            VehicleClass(
                name=str(table["name"].iloc[i]).strip(),
                demand=own if share == 1.0 else Demand(own.indptr, own.destination, share * own.trips, own.source),
                value_of_time=float(numbers["value_of_time"][i]),
                pcu=float(numbers["pcu"][i]),
                toll_weight=weights["toll_weight"][i],
                distance_weight=weights["distance_weight"][i],
                closed=closed,
            )
        )
    raise_all(problems, InputError)
    return classes


def read_preload(path: Path, network: Network) -> Floats:
    """Read the PCU/h that are on links whatever happens: CSV of init_node, term_node, flow."""
    problems: list[str] = []
    table = read_table(path, ("init_node", "term_node", "flow"), problems)
    flow = read_numbers(table, "flow", np.nan, path, problems)
    links = links_between(network)
    preload = np.zeros(network.n_links)
    ends = zip(table.get("init_node", ()), table.get("term_node", ()), strict=False)
    for i, (a, b) in enumerate(ends):
        at = links.get((_id(a), _id(b)), [])
        if len(at) != 1:
            what = "no link" if not at else f"{len(at)} links, and which one is not said,"
            problems.append(f"{path.name}:{i + 2}: {what} from node {a} to {b} in {network.source}")
        elif not (np.isfinite(flow[i]) and flow[i] >= 0.0):
            problems.append(f"{path.name}:{i + 2}: flow is {flow[i]:g}, wanted a number from 0 up")
        else:
            preload[at[0]] += flow[i]
    raise_all(problems, InputError)
    return preload


def read_turns(path: Path, network: Network) -> Turns:
    """Read turns: CSV of from_node, via_node, to_node and penalty in minutes; a blank penalty is a ban."""
    problems: list[str] = []
    columns = ("from_node", "via_node", "to_node", "penalty")
    table = read_table(path, columns, problems)
    raise_all(problems, InputError)
    minutes = read_numbers(table, "penalty", np.inf, path, problems)
    links = links_between(network)
    rows: list[tuple[int, int, float]] = []
    for i, (a, via, b) in enumerate(zip(*(table[c] for c in columns[:3]), strict=True)):
        into, out = links.get((_id(a), _id(via)), []), links.get((_id(via), _id(b)), [])
        for found, x, y in ((into, a, via), (out, via, b)):
            if not found:
                problems.append(f"{path.name}:{i + 2}: no link from node {x} to {y} in {network.source}")
        if not minutes[i] >= 0.0:
            problems.append(
                f"{path.name}:{i + 2}: penalty is {minutes[i]:g}, wanted minutes from 0 up, or blank: a ban"
            )
        rows += [(x, y, float(minutes[i])) for x in into for y in out]
    raise_all(problems, InputError)
    return turns_of(rows)


def turns_of(rows: list[tuple[int, int, float]]) -> Turns:
    """Turns from (link, link, minutes)."""
    a, b, p = zip(*rows, strict=True) if rows else ((), (), ())
    return Turns(np.array(a, np.int64), np.array(b, np.int64), np.array(p, np.float64))


def links_between(network: Network) -> dict[tuple[int, int], list[int]]:
    """Links by the source ids of their ends."""
    found: dict[tuple[int, int], list[int]] = {}
    ends = zip(network.node_id[network.from_node].tolist(), network.node_id[network.to_node].tolist(), strict=True)
    for link, pair in enumerate(ends):
        found.setdefault(pair, []).append(link)
    return found


def read_table(path: Path, columns: tuple[str, ...], problems: list[str]) -> pd.DataFrame:
    """Read a CSV; what it lacks is a problem."""
    try:
        table = pd.read_csv(path, skipinitialspace=True)
    except (OSError, ValueError) as error:
        problems.append(f"{path}: cannot be read ({error})")
        return pd.DataFrame(columns=list(columns))
    problems.extend(f"{path.name}: no column `{c}`" for c in columns if c not in table.columns)
    return table


def read_numbers(table: pd.DataFrame, name: str, missing: float, path: Path, problems: list[str]) -> Floats:
    """Read a column of numbers; `missing` stands for a column that is not there, and for blanks unless it is NaN."""
    if name not in table.columns:
        return np.full(len(table), missing)
    value = pd.to_numeric(table[name], errors="coerce")
    text = table[name].notna() & value.isna()
    blank = table[name].isna() & np.isnan(missing)
    for i in np.flatnonzero(text | blank)[:20]:
        what = "blank" if blank.iloc[i] else f"`{table[name].iloc[i]}`"
        problems.append(f"{path.name}:{i + 2}: {name} is {what}, wanted a number")
    # A value that has been told is replaced, so that it is not told a second time.
    return value.mask(text | blank, 1.0).fillna(missing).to_numpy(np.float64)


def _optional(table: pd.DataFrame, name: str, path: Path, problems: list[str]) -> list[float | None]:
    numbers = read_numbers(table, name, -1.0, path, problems)
    given = table[name].notna() if name in table.columns else pd.Series(False, index=table.index)
    return [float(x) if there else None for x, there in zip(numbers, given, strict=True)]


def _id(value: object) -> int:
    try:
        return int(float(str(value)))
    except ValueError:
        return -1
