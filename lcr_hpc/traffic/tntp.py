"""Networks and demand in the TNTP format of the Transportation Networks for Research repository."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from pathlib import Path

import numpy as np

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.traffic.network import Demand, Network
from lcr_hpc.traffic.tntp_trips import read_trips

COLUMNS = ("init node", "term node", "capacity", "length", "free-flow time", "b", "power", "speed", "toll", "type")
NEEDED = 7
LONGEST_LINE = 1 << 20
MOST_NODES = 20_000_000
"""A header that says more is damage: arrays would be laid out for it"""


def read_tntp(net: Path | str, trips: Path | str) -> tuple[Network, Demand]:
    """Read a TNTP network and its trips.

    Parameters
    ----------
    net, trips : path
        `*_net.tntp`, `*_trips.tntp`.

    Returns
    -------
    (Network, Demand)
        Units are those of the files. Node n of the file is index n − 1; link order is the file's.

    Raises
    ------
    InputError
        Everything that is wrong with either file, at once, with file and line: fields that are blank or no
        numbers, links to missing nodes, capacities that are zero or NaN, negative or infinite times, negative
        demand, pairs that appear twice, headers that disagree with the body or with the other file.
    """
    net, trips = Path(net), Path(trips)
    problems: list[str] = []
    network, zones = read_net(net, problems)
    demand = read_trips(trips, zones, net.name, problems)
    raise_all(problems, InputError)
    if network is None or demand is None:
        raise InputError(f"{net}, {trips}: nothing that could be read")
    return network, demand


def read_tntp_nodes(net: Path, network: Network) -> Network:
    """Add the coordinates of the `*_node.tntp` beside a `*_net.tntp`, if there is one with every node."""
    path = net.with_name(net.name.replace("_net", "_node"))
    if path == net or not path.is_file():
        return network
    found: dict[int, tuple[float, float]] = {}
    for line in read_lines(path, []):
        fields = line.replace(";", " ").split()
        if len(fields) >= 3 and all(_is_number(field) for field in fields[:3]):
            found[int(float(fields[0]))] = float(fields[1]), float(fields[2])
    if not all(node in found for node in network.node_id.tolist()):
        return network
    x, y = (np.array([found[node][axis] for node in network.node_id.tolist()]) for axis in (0, 1))
    return dataclasses.replace(network, node_x=x, node_y=y)


def read_lines(path: Path, problems: list[str]) -> list[str]:
    """Lines of a text file; a file that cannot be read is a problem, and has none."""
    try:
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        problems.append(f"{path}: cannot be read ({error.strerror}); check the name")
        return []
    if (longest := max(map(len, lines), default=0)) > LONGEST_LINE:
        at = next(i for i, line in enumerate(lines, 1) if len(line) == longest)
        problems.append(f"{path.name}:{at}: a line of {longest:,} characters; the file is damaged: fetch it again")
        return []
    return lines


def read_header(
    path: Path, lines: list[str], wanted: dict[str, bool], problems: list[str]
) -> tuple[dict[str, float], int]:
    """Numbers of the metadata lines, and the index of the first line after them.

    Parameters
    ----------
    wanted : dict of str to bool
        Names of numbers, and whether they must be there.
    """
    found: dict[str, float] = {}
    body = 0
    for at, line in enumerate(lines):
        text = line.strip()
        if not text.startswith("<"):
            continue
        name, _, value = text[1:].partition(">")
        name = " ".join(name.upper().split())
        body = at + 1
        if name == "END OF METADATA":
            break
        if name in wanted:
            try:
                number = float(value.split("~")[0])
            except ValueError:
                problems.append(f"{path.name}:{at + 1}: <{name}> is `{value.strip()}`, wanted a number")
                found[name] = number = float("nan")
            if not math.isnan(number) and found.setdefault(name, number) != number:
                problems.append(
                    f"{path.name}:{at + 1}: <{name}> is {number:g}, but {found[name]:g} above; leave one of them"
                )
    else:
        if lines:
            problems.append(f"{path.name}: no <END OF METADATA>; is this a TNTP file?")
    for name, needed in wanted.items():
        if needed and lines and name not in found:
            problems.append(f"{path.name}: no <{name}> in the header")
    return found, body


def read_net(path: Path, problems: list[str]) -> tuple[Network | None, int | None]:
    """Read a TNTP network file, and how many zones it has; what is wrong is appended to `problems`."""
    lines = read_lines(path, problems)
    names = ("NUMBER OF ZONES", "NUMBER OF NODES", "FIRST THRU NODE", "NUMBER OF LINKS")
    header, body = read_header(path, lines, dict.fromkeys(names, True), problems)
    zones, nodes, through, links = (_whole(path, header, name, problems) for name in names)
    rows = [(at + 1, line) for at, line in enumerate(lines[body:], body) if _content(line)]
    numbers, where = _table(path, rows, problems)
    if links is not None and links != len(rows):
        problems.append(f"{path.name}: <NUMBER OF LINKS> is {links}, but {len(rows)} links follow")
    if zones is None or nodes is None or through is None:
        return None, zones
    if not 0 < zones <= nodes:
        problems.append(f"{path.name}: <NUMBER OF ZONES> is {zones} of {nodes} nodes; zones are the first nodes")
    if not 1 <= through <= nodes + 1:
        problems.append(f"{path.name}: <FIRST THRU NODE> is {through}, wanted 1 to {nodes + 1}")
    for column in (0, 1):
        value = numbers[:, column]
        for row in np.flatnonzero(~((value == np.floor(value)) & (value >= 1) & (value <= nodes)))[:20]:
            problems.append(
                f"{path.name}:{where[row]}: {COLUMNS[column]} is {value[row]:g}, wanted one of the nodes 1 to {nodes}"
            )
            numbers[row, column] = 1.0
    network = Network(
        from_node=(numbers[:, 0] - 1).astype(np.int32),
        to_node=(numbers[:, 1] - 1).astype(np.int32),
        capacity_veh_h=numbers[:, 2].copy(),
        length=numbers[:, 3].copy(),
        free_flow_time=numbers[:, 4].copy(),
        b=numbers[:, 5].copy(),
        power=numbers[:, 6].copy(),
        toll=numbers[:, 8].copy(),
        n_zones=zones,
        n_nodes=nodes,
        first_through_node=through - 1,
        node_id=np.arange(1, nodes + 1, dtype=np.int64),
        link_row=where,
        source=path.name,
        row_word="line",
    )
    problems.extend(p for p in network.problems() if "zones are the first nodes" not in p)
    return network, zones


def _table(
    path: Path, rows: list[tuple[int, str]], problems: list[str]
) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Numbers of the link lines, [link, column]; lines that are no good are told and left out."""
    split = [(at, line.partition(";")[0], line.partition(";")[0].split()) for at, line in rows]
    width = Counter(len(fields) for _, _, fields in split).most_common(1)[0][0] if split else len(COLUMNS)
    if width < NEEDED:
        problems.append(f"{path.name}: link lines have {width} fields, wanted {', '.join(COLUMNS)}")
        split = []
    good, where = [], []
    for at, text, fields in split:
        if len(fields) != width:
            problems.append(f"{path.name}:{at}: {_what_is_missing(text, width)}")
            continue
        try:
            numbers = [float(field) for field in fields]
        except ValueError:
            wrong = [f"{_column(i)} is `{field}`" for i, field in enumerate(fields) if not _is_number(field)]
            problems.append(f"{path.name}:{at}: {', '.join(wrong)}, wanted a number")
            continue
        good.append((numbers + [0.0] * len(COLUMNS))[: len(COLUMNS)])
        where.append(at)
    return np.array(good, np.float64).reshape(-1, len(COLUMNS)), np.array(where, np.int64)


def _what_is_missing(text: str, width: int) -> str:
    cells = [cell.strip() for cell in text.strip(" ").split("\t")]
    if len(cells) > width and not cells[0]:
        cells = cells[1:]
    while len(cells) > width and not cells[-1]:
        cells.pop()
    blank = [_column(i) for i, cell in enumerate(cells) if not cell]
    if len(cells) == width and blank:
        return f"{', '.join(blank)} is blank, wanted a number"
    return f"{len(text.split())} fields, wanted {width} as on the other lines"


def _column(index: int) -> str:
    return COLUMNS[index] if index < len(COLUMNS) else f"column {index + 1}"


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _content(line: str) -> bool:
    text = line.strip()
    return bool(text) and not text.startswith(("~", "<")) and text != ";"


def _whole(path: Path, header: dict[str, float], name: str, problems: list[str]) -> int | None:
    value = header.get(name)
    if value is None or np.isnan(value):
        return None
    if value != np.floor(value) or abs(value) > MOST_NODES:
        problems.append(f"{path.name}: <{name}> is {value:g}, wanted a whole number of at most {MOST_NODES:,}")
        return None
    return int(value)
