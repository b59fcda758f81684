"""`lcr assign` with classes, preload, turns, skims, selected links, checkpoints, GMNS and GeoParquet."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from lcr_hpc.errors import InputError, ModelError
from lcr_hpc.store.slabs import open_store
from lcr_hpc.traffic import read_gmns
from lcr_hpc.traffic.command import run_assign
from lcr_hpc.traffic.command_files import AssignFiles, parse_links
from tests.lcr_hpc.traffic.test_command import SETTINGS

# Two roads from zone 1 to zone 2 through junctions 30 and 40: ten minutes with a toll of £4, twenty without.
NODES = "node_id,zone_id,x_coord,y_coord,node_type\n10,1,0,0,centroid\n20,2,2,0,centroid\n30,,1,1,\n40,,1,-1,\n"
LINKS = (
    "link_id,from_node_id,to_node_id,directed,length,lanes,capacity,free_speed,vdf_alpha,vdf_beta,toll,allowed_uses\n"
    '1,10,30,true,5,1,1000,60,1,1,4,"car,bus"\n'
    "2,30,20,true,5,2,1000,60,0,1,0,\n"
    "3,10,40,true,10,1,1000,60,0.5,1,0,all\n"
    "4,40,20,true,10,1,1000,60,0,1,0,\n"
    "5,30,40,true,1,1,1000,60,0,1,0,\n"
)


@pytest.mark.mpi
def test_ranks_change_no_byte_of_classes_skims_and_selected_trips(town):
    (town / "classes.csv").write_text("name,share,value_of_time,pcu\ncars,0.9,60,1\nlorries,0.1,20,2.5\n")
    found = set()
    for ranks in (1, 2):
        out, skims, trips = (town / f"{ranks}.{kind}" for kind in ("csv", "zarr", "trips"))
        words = ["--toll-weight", "1", "--gap", "1e-10", "--blocks", "2", "--classes", str(town / "classes.csv")]
        words += ["--out", str(out), "--skims", str(skims), "--select-link", "10,30", "--select-out", str(trips)]
        words += ["--checkpoint", str(town / "kept"), "--checkpoint-seconds", "0", "--json"]
        folder = Path(sys.executable).parent
        command = [str(folder / "mpiexec"), "-n", str(ranks), str(folder / "lcr"), "assign", str(town), str(town)]
        done = subprocess.run(command + words, check=False, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["ranks"] == ranks
        assert not (town / "kept").exists()
        time = open_store(skims, "skims")["skim_cost_min"].to_numpy()
        found.add((out.read_bytes(), trips.read_bytes(), time.tobytes()))
    assert len(found) == 1


@pytest.fixture
def town(tmp_path: Path) -> Path:
    (tmp_path / "node.csv").write_text(NODES)
    (tmp_path / "link.csv").write_text(LINKS)
    (tmp_path / "demand.csv").write_text("o_zone_id,d_zone_id,volume\n1,2,1000\n")
    return tmp_path


def run(town, *, json_too=True, **files):
    settings = SETTINGS | {
        "json": json_too,
        "out": files.pop("out", None),
        "toll_weight": files.pop("toll_weight", 0.0),
    }
    return run_assign(town, town / "demand.csv", **settings, files=AssignFiles(**files))


def test_classes_with_uses_shares_and_files_of_their_own(town, capsys):
    (town / "lorries.csv").write_text("o_zone_id,d_zone_id,volume\n1,2,100\n")
    (town / "classes.csv").write_text(
        "name,trips,share,value_of_time,pcu,use\ncars,,0.5,60,,car\npoor,,0.1,6,1,car\nlorries,lorries.csv,,60,2,hgv\n"
    )
    out = town / "flows.csv"
    assert run(town, out=out, classes=town / "classes.csv", toll_weight=1.0) == 0
    figures = json.loads(capsys.readouterr().out)
    assert {name: c["trips"] for name, c in figures["classes"].items()} == {"cars": 500, "poor": 100, "lorries": 100}
    flows = pd.read_csv(out)
    assert list(flows) == ["init_node", "term_node", "flow", "cost", "flow_cars", "flow_poor", "flow_lorries"]
    # With cars alone there 5 + 2.5 + 4 + 5 minutes, against 10 + 1.5 + 10: the poor would pay 40, lorries may not.
    assert flows["flow_cars"].tolist() == pytest.approx([500, 500, 0, 0, 0])
    assert flows["flow_poor"].tolist() == pytest.approx([0, 0, 100, 100, 0])
    assert flows["flow_lorries"].tolist() == pytest.approx([0, 0, 100, 100, 0])
    assert flows["flow"].tolist() == pytest.approx([500, 500, 300, 300, 0])


def test_preload_turns_skims_and_a_selected_link(town, capsys):
    (town / "preload.csv").write_text("init_node,term_node,flow\n10,30,500\n")
    (town / "turns.csv").write_text("from_node,via_node,to_node,penalty\n10,30,20,2.5\n10,30,40,\n")
    skims, trips = town / "skims.zarr", town / "trips.csv"
    files = {"preload": town / "preload.csv", "turns": town / "turns.csv", "skims": skims, "select_out": trips}
    assert run(town, **files, select_link=parse_links(["10,30"])) == 0
    # 5 + (x + 500)/200 + 2.5 + 5 = 10 + (1000 − x)/200 + 10 at x = 1000.
    assert json.loads(capsys.readouterr().out)["total_travel_time"] == pytest.approx(1000 * 20)
    rows = pd.read_csv(trips)
    assert rows.values.tolist() == [["all", 10, 20, pytest.approx(1.0), pytest.approx(1000.0)]]
    held = open_store(skims, "skims").load()
    assert held["skim_time_min"].to_numpy()[0, 0] == pytest.approx(np.array([[0, 20], [np.nan, 0]]), nan_ok=True)
    assert float(held["skim_length"][0, 0, 0, 1]) in (10.0, 20.0)


def test_a_checkpoint_is_gone_when_the_run_is_done_and_of_another_problem_refused(town, capsys):
    from lcr_hpc.traffic import Checkpoints, TrafficSettings, assign
    from tests.lcr_hpc.traffic.sioux_falls import sioux_falls

    folder = town / "kept"
    assert run_assign(town, town, **SETTINGS, files=AssignFiles(checkpoint=folder), checkpoint_seconds=0.0) == 0
    assert not folder.exists()
    assign(*sioux_falls(), TrafficSettings(), checkpoint=Checkpoints(folder, 0.0))
    with pytest.raises(ModelError, match="another problem"):
        run(town, checkpoint=folder)
    assert "trips on the network" in capsys.readouterr().out


def test_flows_as_geoparquet_are_lines_between_the_nodes(town, capsys):
    (town / "config.csv").write_text("dataset_name,long_length,speed,crs\ntown,km,mph,EPSG:27700\n")
    out = town / "flows.parquet"
    assert run(town, out=out) == 0
    flows = gpd.read_parquet(out)
    assert flows.crs == "EPSG:27700"
    assert [line.wkt for line in flows.geometry][:2] == ["LINESTRING (0 0, 1 1)", "LINESTRING (1 1, 2 0)"]
    assert list(flows)[:4] == ["init_node", "term_node", "flow", "cost"]
    # Kilometres at miles an hour.
    network, _ = read_gmns(town, town)
    assert network.free_flow_time[0] == pytest.approx(5 / 1.609344)


def test_coordinates_of_a_tntp_network_stand_beside_it(braess, tmp_path, capsys):
    out = tmp_path / "flows.parquet"
    with pytest.raises(InputError, match=r"no node coordinates, which GeoParquet needs; .* a \*_node.tntp beside"):
        run_assign(*braess, **(SETTINGS | {"out": out}))
    (tmp_path / "Braess_node.tntp").write_text("node\tX\tY\t;\n1\t0\t0\t;\n2\t3\t0\t;\n3\t1\t1\t;\n4\t2\t-1\t;\n")
    assert run_assign(*braess, **(SETTINGS | {"out": out})) == 0
    assert gpd.read_parquet(out).geometry[4].wkt == "LINESTRING (2 -1, 3 0)"


def test_movements_centroids_and_delay_functions_of_gmns(town, capsys):
    (town / "movement.csv").write_text(
        "mvmt_id,node_id,ib_link_id,ob_link_id,type,penalty\n1,30,1,2,thru,600\n2,30,1,5,right,inf\n3,40,3,4,thru,\n"
    )
    assert run(town) == 0
    # Ten minutes at the turn: nobody takes the shorter road, 20 + 5 minutes are less than 10 + 10.
    assert json.loads(capsys.readouterr().out)["total_travel_time"] < 1000 * 25
    network, _ = read_gmns(town, town)
    assert network.first_through_node == 2
    (town / "link.csv").write_text(
        LINKS.replace("allowed_uses\n", "allowed_uses,vdf_type\n").replace("all\n", "all,bpr2\n")
    )
    network, _ = read_gmns(town, town)
    assert network.delay_function is not None and network.delay_function.tolist() == [0, 0, 1, 0, 0]
    (town / "movement.csv").unlink()
    assert run(town, delay_function="bpr2", block_centroids=True) == 0


BAD = {
    "preload": (
        "preload",
        "init_node,term_node,flow\n10,20,1\n10,30,-1\n10,40,\n",
        ["preload.csv:2: no link from node 10 to 20", "preload.csv:3: flow is -1", "preload.csv:4: flow is blank"],
    ),
    "turns": (
        "turns",
        "from_node,via_node,to_node,penalty\n10,30,10,1\n10,30,20,-1\n10,30,40,x\n",
        ["turns.csv:2: no link from node 30 to 10", "turns.csv:3: penalty is -1", "turns.csv:4: penalty is `x`"],
    ),
    "classes": (
        "classes",
        "name,pcu,colour\ncars,big,red\n",
        ["classes.csv: no column `colour` is known", "classes.csv:2: pcu is `big`, wanted a number"],
    ),
    "class trips": ("classes", "name,trips\ncars,none.csv\n", ["none.csv: cannot be read"]),
    "no name": ("classes", "pcu\n1\n", ["classes.csv: no column `name`"]),
}


@pytest.mark.parametrize("case", BAD)
def test_every_defect_is_told_with_its_line(town, case):
    option, text, messages = BAD[case]
    (town / f"{option}.csv").write_text(text)
    with pytest.raises(InputError) as error:
        run(town, **{option: town / f"{option}.csv"})
    for message in messages:
        assert message in str(error.value), str(error.value)


def test_what_cannot_be_done_is_said_before_the_work(town):
    for files, message in (
        ({"skims": town / "no" / "s.zarr"}, "no such folder"),
        ({"select_link": ((10, 30),)}, "go together"),
        ({"select_link": ((10, 20),), "select_out": town / "s.csv"}, "--select-link 10,20: no such link in link.csv"),
        ({"delay_function": "davidson"}, "there is bpr, bpr2, conical, akcelik"),
    ):
        with pytest.raises(InputError, match=message):
            run(town, **files)
    with pytest.raises(InputError, match="wanted INIT,TERM"):
        parse_links(["10-30"])
    (town / "movement.csv").write_text("mvmt_id,node_id,ib_link_id,ob_link_id,penalty\n1,30,3,2,5\n2,30,1,2,-5\n")
    with pytest.raises(InputError) as error:
        run(town)
    assert "movement.csv:2: links 3 and 2 do not meet at node 30" in str(error.value)
    assert "movement.csv:3: penalty is -5" in str(error.value)
    (town / "movement.csv").unlink()
    (town / "config.csv").write_text("long_length,speed\nleagues,mph\n")
    (town / "link.csv").write_text(
        LINKS.replace("allowed_uses\n", "allowed_uses,vdf_type\n").replace("all\n", "all,fast\n")
    )
    with pytest.raises(InputError) as error:
        run(town)
    assert "long_length is `leagues`" in str(error.value) and "link.csv:4: vdf_type is fast" in str(error.value)
