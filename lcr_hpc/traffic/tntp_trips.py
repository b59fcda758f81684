"""The trips file of a TNTP network: `Origin n` lines, then `destination : trips;` as often as wanted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lcr_hpc.traffic.network import Demand, Floats, demand_from_pairs

MOST_ZONES = 1_000_000
TOTAL_TOLERANCE = 1e-4
"""Published totals are rounded: the header may differ from the sum of the body by this share."""


class _Pairs(NamedTuple):
    """Numbers as the file has them: zones count from 1, float64[pair] each; `line` is 0 where it was not kept."""

    origin: Floats
    destination: Floats
    trips: Floats
    line: Floats


def read_trips(path: Path, net_zones: int | None, net_name: str, problems: list[str]) -> Demand | None:
    """Read a TNTP trips file; what is wrong is appended to `problems`.

    Parameters
    ----------
    path : Path
        `*_trips.tntp`.
    net_zones : int or None
        Zones of the network, if its header could be read.
    net_name : str
        Name of the network's file, for messages.
    problems : list of str
        Extended.
    """
    from lcr_hpc.traffic.tntp import read_header, read_lines

    lines = read_lines(path, problems)
    header, body = read_header(path, lines, {"NUMBER OF ZONES": True, "TOTAL OD FLOW": False}, problems)
    zones = net_zones
    said = header.get("NUMBER OF ZONES")
    if said is not None and not np.isnan(said):
        if net_zones is not None and said != net_zones:
            problems.append(f"{path.name}: <NUMBER OF ZONES> is {said:g}, but {net_zones} in {net_name}")
        if not (said == np.floor(said) and 0 < said <= MOST_ZONES):
            problems.append(
                f"{path.name}: <NUMBER OF ZONES> is {said:g}, wanted a whole number from 1 to {MOST_ZONES:,}"
            )
            return None
        # Numbers of zones are judged by the file's own header, so that one wrong header is one message.
        zones = int(said)
    if not lines or zones is None:
        return None
    pairs = _read_fast(lines[body:])
    if pairs is None or next(_defects(path, pairs, zones), None) is not None:
        before = len(problems)
        pairs = _read_slowly(path, lines, body, problems)
        problems.extend(_defects(path, pairs, zones))
        if len(problems) > before:
            return None
    total = float(pairs.trips.sum())
    wanted = header.get("TOTAL OD FLOW")
    if wanted is not None and abs(total - wanted) > TOTAL_TOLERANCE * max(abs(wanted), 1.0):
        problems.append(f"{path.name}: <TOTAL OD FLOW> is {wanted:.10g}, but the trips sum to {total:.10g}")
    origin, destination = (pairs.origin - 1).astype(np.int32), (pairs.destination - 1).astype(np.int32)
    return demand_from_pairs(origin, destination, pairs.trips, zones, path.name)


def _read_fast(lines: list[str]) -> _Pairs | None:
    """Whole origins at a time, without line numbers; None when the counts of `:` and `;` do not add up."""
    starts = [at for at, line in enumerate(lines) if line.lstrip()[:6].lower() == "origin"]
    if "".join(lines[: starts[0]] if starts else lines).strip():
        return None
    origins, values = [], []
    for start, end in zip(starts, [*starts[1:], len(lines)][: len(starts)], strict=True):
        text = "\n".join(lines[start + 1 : end])
        numbers = text.replace(":", " ").replace(";", " ").split()
        count = text.count(":")
        if len(numbers) != 2 * count or text.count(";") not in (count, count - 1) or "~" in text:
            return None
        try:
            values.append(np.array(numbers, np.float64))
            origins.append(np.full(count, float(lines[start].split()[1])))
        except (ValueError, IndexError):
            return None
    flat = np.concatenate(values) if values else np.empty(0)
    origin = np.concatenate(origins) if origins else np.empty(0)
    return _Pairs(origin, flat[0::2], flat[1::2], np.zeros(origin.size))


def _read_slowly(path: Path, lines: list[str], body: int, problems: list[str]) -> _Pairs:
    """Line by line, to say where something is wrong."""
    rows: list[tuple[float, float, float, float]] = []
    origin = float("nan")
    for at, line in enumerate(lines[body:], body + 1):
        text = line.split("~")[0].strip()
        if not text:
            continue
        if text[:6].lower() == "origin":
            try:
                origin = float(text[6:].strip(" \t:;"))
            except ValueError:
                problems.append(f"{path.name}:{at}: `{text}`, wanted `Origin` and the number of a zone")
                origin = float("nan")
            continue
        entries = text.split(";")
        for entry in entries if entries[-1].strip() else entries[:-1]:
            destination, colon, trips = entry.partition(":")
            try:
                rows.append((origin, float(destination), float(trips), float(at)))
            except ValueError:
                blank = not (colon and destination.strip() and trips.strip())
                kind = "a blank field" if blank else "no number"
                problems.append(f"{path.name}:{at}: {kind} in `{entry.strip()};`, wanted `destination : trips;`")
    table = np.array(rows, np.float64).reshape(-1, 4)
    return _Pairs(table[:, 0], table[:, 1], table[:, 2], table[:, 3])


def _defects(path: Path, pairs: _Pairs, zones: int) -> Iterator[str]:
    """Values that no assignment can use, at most twenty of a kind."""
    for name, zone in (("origin", pairs.origin), ("destination", pairs.destination)):
        for i in _first(~((zone == np.floor(zone)) & (zone >= 1) & (zone <= zones))):
            yield f"{path.name}:{pairs.line[i]:.0f}: {name} is {zone[i]:g}, wanted one of the zones 1 to {zones}"
    for i in _first(~(np.isfinite(pairs.trips) & (pairs.trips >= 0.0))):
        where = f"{path.name}:{pairs.line[i]:.0f}"
        yield f"{where}: {_pair(pairs, i)} has {pairs.trips[i]:g} trips, wanted a number from 0 up"
    order = np.lexsort((pairs.line, pairs.destination, pairs.origin))
    same = np.zeros(order.size, np.bool_)
    same[1:] = (np.diff(pairs.origin[order]) == 0) & (np.diff(pairs.destination[order]) == 0)
    for i in _first(same):
        first, again = order[i - 1], order[i]
        yield (
            f"{path.name}:{pairs.line[again]:.0f}: {_pair(pairs, again)} appears twice, first on line "
            f"{pairs.line[first]:.0f}; add the trips up"
        )


def _first(bad: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[int]:
    return [int(i) for i in np.flatnonzero(bad)[:20]]


def _pair(pairs: _Pairs, i: int) -> str:
    return f"origin {pairs.origin[i]:g} to destination {pairs.destination[i]:g}"
