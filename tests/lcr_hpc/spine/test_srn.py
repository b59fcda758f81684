"""Motorway sections joined at nodes: an interchange worked by hand, and the real network against its junctions."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from lcr_hpc.errors import InputError
from lcr_hpc.spine.readers.srn import junction_paths, read_junctions, read_srn

DUAL, ONE, TWO = "Dual Carriageway (Nominated)", "One Way Single Carriageway", "Two Way Single Carriageway"


def _interchange() -> gpd.GeoDataFrame:
    """Eastbound and westbound carriageways 20 m apart; an exit slip eastbound up to a roundabout; a two-way A road."""
    x0, y0 = 340_000.0, 390_000.0
    rows = [
        ("M", "M1", "E1", 1000, "Main Carriageway", "EB", 3, DUAL, [(0, 0), (1000, 0)]),
        ("M", "M1", "E2", 1000, "Main Carriageway", "EB", 3, DUAL, [(1001, 0), (2000, 0)]),
        ("M", "M1", "W1", 1000, "Main Carriageway", "WB", 3, DUAL, [(2000, 20), (1000, 20)]),
        ("M", "M1", "W2", 1000, "Main Carriageway", "WB", 3, DUAL, [(1000, 20), (0, 20)]),
        # Begins 12 m beside the carriageway and ends 30 m before the roundabout's circle (radius 50).
        ("M", "M1", "X1", 500, "Slip Road", "EB", 1, ONE, [(1010, -12), (1400, -300)]),
        ("A", "A2", "R1", 314, "Roundabout", "CW", 2, ONE, _circle(1480, -300, 50)),
        ("A", "A2", "A1", 800, "Main Carriageway", "NB", 2, TWO, [(1480, -1150), (1480, -360)]),
        ("A", "A2", "L1", 100, "Ox Bow Lay-by", "NB", 0, ONE, [(1500, -900), (1500, -800)]),
    ]
    frame = gpd.GeoDataFrame(
        [r[:-1] for r in rows],
        columns=["class_name", "roa_number", "sect_label", "sec_length", "funct_name", "direc_code", "perm_lanes",
                 "dual_name"],
        geometry=[shapely.LineString([(x0 + x, y0 + y) for x, y in r[-1]]) for r in rows],
        crs=27700,
    )  # fmt: skip
    return frame.astype({"sec_length": float, "perm_lanes": float})


def _circle(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    turn = np.linspace(0, 2 * np.pi, 33)
    return [(x + radius * np.cos(t), y + radius * np.sin(t)) for t in turn]


def _read(tmp_path, frame):
    frame.to_file(tmp_path / "srn.gpkg", layer="srn", driver="GPKG")
    return read_srn(tmp_path / "srn.gpkg")


def test_an_interchange_is_joined_at_its_nodes(tmp_path):
    network = _read(tmp_path, _interchange())
    assert (network.sections, network.section_km) == (8, pytest.approx(5.714))
    # Six links' worth of sections, the two-way A road twice; the roundabout is a node, the lay-by nothing.
    assert len(network.section) == 7 and "L1" not in network.section
    link = {str(s): (int(a), int(b)) for s, a, b in zip(network.section, network.start, network.end, strict=True)}
    assert link["E1"][1] == link["E2"][0] and link["W1"][1] == link["W2"][0]
    assert link["X1"][0] == link["E2"][0]
    assert link["E1"][1] != link["W1"][1]
    ring = link["X1"][1]
    assert network.junction[ring] and (network.x[ring], network.y[ring]) == pytest.approx((341_480.0, 389_700.0))
    both = [i for i, s in enumerate(network.section) if s == "A1"]
    assert {(int(network.start[i]), int(network.end[i])) for i in both} == {
        (int(network.start[both[0]]), ring), (ring, int(network.start[both[0]]))
    }  # fmt: skip
    assert list(network.lanes[both]) == [1, 1]
    # A carriageway begins or ends at four places; none of them is a junction.
    assert network.loose.sum() == 4 and not (network.loose & network.junction).any()


def test_nobody_turns_back_on_a_motorway(tmp_path):
    network = _read(tmp_path, _interchange())
    graph = coo_array((network.metres, (network.start, network.end)), shape=(len(network.x),) * 2).tocsr()
    first = network.start[list(network.section).index("E1")]
    last = network.end[list(network.section).index("W2")]
    assert np.isinf(dijkstra(graph, indices=int(first))[last])


def test_bad_sections_are_told(tmp_path):
    with pytest.raises(InputError, match=r"`perm_lanes` must be above 0; it is not at E1"):
        _read(tmp_path, _interchange().assign(perm_lanes=0.0).head(1))
    with pytest.raises(InputError, match="no column `dual_name`"):
        _read(tmp_path, _interchange().drop(columns="dual_name"))
    with pytest.raises(InputError, match="want EPSG:27700; reproject them"):
        _read(tmp_path, _interchange().to_crs(4326))


def test_the_real_network_leads_from_junction_to_junction(test_data):
    folder = test_data / "roads" / "he_srn"
    network = read_srn(folder / "srn_lcr_hapms_2020.gpkg")
    # The owner's totals: 520 sections, 338.5 km; nine lay-bys and six roundabouts are no links, seven ways are two.
    assert network.sections == 520 and network.section_km == pytest.approx(338.513)
    assert len(network.start) == 512 and {"M53", "M56", "M57", "M58", "M6", "M62", "A5036"} <= set(network.road)
    size = np.bincount(network.components())
    # One piece from the M62 to the M58; the Wirral's; each carriageway of the M56, which no trunk road joins here.
    assert len(size) == 5 and size[:2].sum() > 0.85 * size.sum()
    paths = junction_paths(network, read_junctions(folder / "hatris_lcr.csv"))
    inside = paths[paths["path_m"].notna()]
    assert len(inside) == 74
    # Only the A5036 to the A59 at Switch Island is missing: its signals are not among the sections.
    assert list(inside.loc[np.isinf(inside["path_m"]), "LinkRef"]) == ["AL1370A"]
    found = inside[np.isfinite(inside["path_m"])]
    assert 0.9 < (found["path_m"] / found["straight_m"]).median() < 1.1
    assert network.lanes[network.road == "M62"].max() == 5
