"""Real trunk roads in the place of generated ones: by hand, and over the region."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lcr_hpc.config import parse_config
from lcr_hpc.errors import InputError
from lcr_hpc.spine.catalogue import read_entry
from lcr_hpc.spine.readers.srn import MAIN, SLIP, TrunkNetwork
from lcr_hpc.spine.stage import run_twin
from lcr_hpc.spine.twin.local_roads import LocalRoads
from lcr_hpc.spine.twin.real_trunk import real_trunk_roads
from lcr_hpc.spine.twin.road_web import A_ROAD, DETOUR, MINOR, MOTORWAY, Edges
from lcr_hpc.store.layout import layout_of
from lcr_hpc.store.manifest import read_manifest
from lcr_hpc.store.slabs import open_store
from lcr_hpc.traffic.inputs import read_inputs


def _network() -> TrunkNetwork:
    """Eastbound 0 → 1 → 2 and westbound 3 → 4 → 5; a slip 1 → 6; a second lane-gain section beside 1 → 2."""
    x = np.array([0.0, 5000, 10_000, 10_000, 5000, 0, 5400])
    y = np.array([0.0, 0, 0, 30, 30, 30, -300])
    start, end = np.array([0, 1, 1, 3, 4, 1]), np.array([1, 2, 2, 4, 5, 6])
    return TrunkNetwork(
        x=x, y=y, start=start, end=end, metres=np.array([5000.0, 5000, 5050, 5000, 5000, 500]),
        lanes=np.array([3, 3, 1, 3, 3, 2]), road_class=np.full(6, MOTORWAY), road=np.full(6, "M1", object),
        section=np.array(list("abcdef"), object), function=np.array([MAIN] * 5 + [SLIP], object),
        junction=np.arange(7) == 6, loose=np.isin(np.arange(7), [0, 2, 3, 5]), sections=6, section_km=25.55,
    )  # fmt: skip


def test_slip_roads_meet_the_nearest_junction_and_far_ends_are_gates():
    edges = Edges(np.array([0, 1]), np.array([1, 2]), np.array([600.0, 9000.0]))
    points = np.array([[5400.0, -500.0], [6000.0, -500.0], [60.0, 0.0]])
    local = LocalRoads(points, edges, np.array([MINOR, MINOR]), np.array([2]))
    trunk = real_trunk_roads(_network(), local)
    # The local roads' own gate, beside node 0, is no junction: both ends of the motorway are gates.
    assert trunk.gate.tolist() == [7, 8]
    assert trunk.points[7].tolist() == [0.0, 15.0] and trunk.points[8].tolist() == [10_000.0, 15.0]
    links = dict(zip(zip(trunk.start.tolist(), trunk.end.tolist(), strict=True), trunk.lanes.tolist(), strict=True))
    assert links == {(0, 1): 3, (1, 2): 4, (3, 4): 3, (4, 5): 3, (1, 6): 2, (7, 0): 3, (2, 8): 3, (8, 3): 3, (5, 7): 3}
    assert trunk.road_class[(trunk.start == 1) & (trunk.end == 6)] == A_ROAD
    assert (trunk.slip_node.tolist(), trunk.slip_junction.tolist()) == ([6], [0])
    assert trunk.slip_metres == pytest.approx([200 * DETOUR])


def test_scaling_needs_published_traffic(tmp_path):
    config = parse_config(
        {"name": "town", "twin": {"areas": 30, "geography": "generated", "scale_to_road_traffic": True}}
    )
    with pytest.raises(InputError, match=r"needs published traffic; name `spine.feeds.road_traffic`"):
        run_twin(config, layout_of(config, tmp_path))


def test_the_region_drives_on_its_real_motorways(real_region):
    config, layout = real_region
    assert "520 sections, 338.5 km" in read_entry(layout.incoming / "trunk_roads").notes
    manifest = read_manifest(layout.manifest("network"))
    assert {n: s.nature for n, s in manifest.sources.items()} == {"network": "synthetic", "trunk_roads": "real"}
    roads = read_inputs(config, layout).network
    graph = coo_array((np.ones(roads.n_links), (roads.from_node, roads.to_node)), shape=(roads.n_nodes,) * 2)
    _, piece = connected_components(graph, connection="strong")
    assert len(set(piece[: roads.n_zones])) == 1  # every area and every gate reaches every other
    pairs = np.stack([roads.from_node, roads.to_node], axis=1)
    assert len(np.unique(pairs, axis=0)) == len(pairs)
    zones = open_store(layout.store("network"), "network", ["zone"]).load()["zone"].to_numpy()
    assert sum(str(z).startswith("GATE_M") for z in zones) == 6  # M53, M56 twice, M6 twice, M62
    factor = open_store(layout.store("demand"), "demand", []).attrs["demand_factor"]
    assert 0.3 < factor < 3.0
