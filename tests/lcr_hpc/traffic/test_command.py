from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lcr_hpc.compute.communicator import SerialCommunicator
from lcr_hpc.errors import ConfigError, InputError
from lcr_hpc.traffic.command import run_assign

SETTINGS = {
    "gap": 1e-8,
    "toll_weight": 0.0,
    "distance_weight": 0.0,
    "algorithm": "bush",
    "blocks": None,
    "threads": 1,
    "out": None,
    "json": False,
    "communicator": SerialCommunicator(),
}
FIELDS = {
    "relative_gap",
    "objective",
    "total_travel_time",
    "iterations",
    "seconds",
    "read_seconds",
    "compile_seconds",
    "unreachable_trips",
    "ranks",
    "threads",
    "blocks",
}


def test_json_is_one_object_and_all_of_stdout(braess, capsys):
    assert run_assign(*braess, **(SETTINGS | {"json": True})) == 0
    figures = json.loads(capsys.readouterr().out)
    assert set(figures) == FIELDS
    assert figures["objective"] == pytest.approx(386.0, rel=1e-6)
    assert (figures["ranks"], figures["threads"], figures["blocks"]) == (1, 1, 1)


def test_flows_are_written_in_the_file_s_link_order(braess, tmp_path, capsys):
    out = tmp_path / "flows.csv"
    assert run_assign(*braess, **(SETTINGS | {"out": out})) == 0
    lines = out.read_text().splitlines()
    assert lines[0] == "init_node,term_node,flow,cost"
    table = np.loadtxt(lines[1:], delimiter=",")
    assert table[:, :2].tolist() == [[1, 3], [1, 4], [3, 2], [3, 4], [4, 2]]
    assert table[:, 2].tolist() == pytest.approx([4, 2, 2, 2, 4], abs=1e-4)
    assert table[:, 3].tolist() == pytest.approx([40, 52, 52, 12, 40], abs=1e-3)
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    assert "Beckmann objective" in capsys.readouterr().out


def test_demand_without_a_path_is_shown_by_name(braess, capsys):
    trips = braess[1]
    trips.write_text(trips.read_text().replace("<TOTAL OD FLOW> 6.0\n", "") + "Origin 2\n 1 : 3.0;\n")
    assert run_assign(*braess, **SETTINGS) == 0
    assert "2 → 1 (3)" in capsys.readouterr().out


def test_a_gap_that_is_not_reached_is_exit_code_1_and_said(braess, capsys, monkeypatch):
    from lcr_hpc.traffic import command

    class Hasty(command.TrafficSettings):
        def __init__(self, **given):
            super().__init__(**given, max_iterations=1)

    monkeypatch.setattr(command, "TrafficSettings", Hasty)
    monkeypatch.setattr(command, "compile_kernels", lambda: None)
    assert run_assign(*braess, **SETTINGS) == 1
    assert "after 1 iterations, wanted 1e-08" in capsys.readouterr().err


def test_an_unknown_algorithm_and_a_folder_that_is_not_there(braess, tmp_path):
    with pytest.raises(ConfigError, match="there is: bush"):
        run_assign(*braess, **(SETTINGS | {"algorithm": "guess"}))
    with pytest.raises(InputError, match="name a folder that exists"):
        run_assign(*braess, **(SETTINGS | {"out": tmp_path / "none" / "flows.csv"}))


GMNS = {
    "node.csv": "node_id,zone_id,x_coord,y_coord\n10,2,0,0\n20,1,1,0\n30,,2,0\n",
    "link.csv": (
        "link_id,from_node_id,to_node_id,directed,length,lanes,capacity,free_speed\n"
        "1,20,30,1,1,2,900,60\n2,30,10,0,2,1,1800,30\n"
    ),
    "demand.csv": "o_zone_id,d_zone_id,volume\n1,2,1800\n",
}


@pytest.fixture
def gmns(tmp_path: Path) -> Path:
    for name, text in GMNS.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_gmns_folder_is_a_network_too(gmns, tmp_path, capsys):
    # One road of 1 mile at 60 mph with two lanes of 900, one of 2 miles at 30 mph: 1.15 and 4.6 minutes at capacity.
    out = tmp_path / "flows.csv"
    assert run_assign(gmns, gmns / "demand.csv", **(SETTINGS | {"out": out, "json": True})) == 0
    assert json.loads(capsys.readouterr().out)["total_travel_time"] == pytest.approx(1800 * 5.75)
    rows = [line.split(",") for line in out.read_text().splitlines()[1:]]
    assert [(row[0], row[1], float(row[2])) for row in rows] == [
        ("20", "30", 1800),
        ("30", "10", 1800),
        ("10", "30", 0),
    ]


GMNS_DEFECTS = {
    "link to a missing node": (
        "link.csv",
        "2,30,10",
        "2,30,99",
        "link.csv:3: to_node_id is 99, which node",
    ),
    "blank capacity": ("link.csv", "1,2,900,60", "1,2,,60", "link.csv:2: capacity is blank, wanted a number"),
    "zero capacity": ("link.csv", "1,2,900,60", "1,2,0,60", "capacity must be finite and above 0; line 2 (0.0)"),
    "no speed": (
        "link.csv",
        "1,1800,30",
        "1,1800,0",
        "link.csv:3: free_speed is 0, wanted a number above 0",
    ),
    "infinite length": ("link.csv", "1,1,2,900", "1,inf,2,900", "length must be finite; line 2 (inf)"),
    "a word": ("link.csv", "1,1800,30", "1,many,30", "link.csv:3: capacity is `many`, wanted a number"),
    "missing zone": ("demand.csv", "1,2,1800", "1,5,1800", "demand.csv:2: d_zone_id is 5, which is no zone_id"),
    "negative demand": ("demand.csv", "1,2,1800", "1,2,-1", "demand.csv:2: volume is -1, wanted a number from 0 up"),
    "infinite demand": ("demand.csv", "1,2,1800", "1,2,inf", "demand.csv:2: volume is inf"),
    "blank demand": ("demand.csv", "1,2,1800", "1,2,", "demand.csv:2: volume is blank, wanted a number"),
    "pair twice": (
        "demand.csv",
        "1,2,1800",
        "1,2,900\n1,2,900",
        "demand.csv:3: origin and destination appear a",
    ),
    "no column": ("demand.csv", "volume", "trips", "demand.csv: no column `volume`"),
}


@pytest.mark.parametrize("defect", GMNS_DEFECTS)
def test_a_defect_of_gmns_is_one_message_that_names_its_line(gmns, defect):
    name, old, new, message = GMNS_DEFECTS[defect]
    assert old in (gmns / name).read_text()
    (gmns / name).write_text((gmns / name).read_text().replace(old, new))
    with pytest.raises(InputError) as error:
        run_assign(gmns, gmns, **SETTINGS)
    assert message in str(error.value)
    if defect != "infinite length":  # which is an infinite time too
        assert "\n" not in str(error.value)


def test_defects_of_gmns_come_at_once(gmns):
    chosen = ("link to a missing node", "blank capacity", "missing zone")
    for defect in chosen:
        name, old, new, _ = GMNS_DEFECTS[defect]
        (gmns / name).write_text((gmns / name).read_text().replace(old, new))
    with pytest.raises(InputError) as error:
        run_assign(gmns, gmns, **SETTINGS)
    for defect in chosen:
        assert GMNS_DEFECTS[defect][3] in str(error.value)


@pytest.mark.mpi
def test_ranks_change_no_byte(tmp_path):
    from tests.lcr_hpc.traffic.sioux_falls import sioux_falls

    network, demand = sioux_falls()
    net, trips = tmp_path / "net.tntp", tmp_path / "trips.tntp"
    links = zip(network.from_node + 1, network.to_node + 1, network.capacity_veh_h, network.free_flow_time, strict=True)
    net.write_text(
        "<NUMBER OF ZONES> 24\n<NUMBER OF NODES> 24\n<FIRST THRU NODE> 1\n<NUMBER OF LINKS> 76\n<END OF METADATA>\n"
        + "".join(f"\t{a}\t{b}\t{c}\t{t}\t{t}\t0.15\t4\t0\t0\t1\t;\n" for a, b, c, t in links)
    )
    entries = zip(demand.origin + 1, demand.destination + 1, demand.trips, strict=True)
    trips.write_text(
        "<NUMBER OF ZONES> 24\n<END OF METADATA>\n" + "".join(f"Origin {o}\n{d} : {t};\n" for o, d, t in entries)
    )
    found = set()
    for ranks in (1, 2, 3):
        out = tmp_path / f"{ranks}.csv"
        options = ["--gap", "1e-10", "--blocks", "5", "--json", "--out", str(out)]
        command = [str(Path(sys.executable).parent / "lcr"), "assign", str(net), str(trips), *options]
        launcher = [str(Path(sys.executable).parent / "mpiexec"), "-n", str(ranks)]
        done = subprocess.run(launcher + command, check=False, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        figures = json.loads(done.stdout)
        assert (figures["ranks"], figures["blocks"]) == (ranks, 5)
        found.add((out.read_bytes(), figures["objective"], figures["relative_gap"], figures["iterations"]))
    assert len(found) == 1
