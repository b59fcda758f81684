"""Roads from maps: a village worked by hand, the county of Rutland, and the centre of Liverpool."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.spine.readers.osm import read_osm
from lcr_hpc.spine.readers.overture import read_overture
from lcr_hpc.spine.readers.roads import KM_PER_MILE
from lcr_hpc.traffic import TrafficSettings, assign
from lcr_hpc.traffic.gmns import read_gmns


def _osm(tmp_path, ways):
    """A crossroads: node 3 in the middle; 1-3-5 west to east, 2-3-4 south to north, 5-6 on from the east."""
    at = {
        1: (-3.002, 53.4),
        2: (-3.0, 53.399),
        3: (-3.0, 53.4),
        4: (-3.0, 53.401),
        5: (-2.998, 53.4),
        6: (-2.996, 53.4),
    }
    text = ["<osm version='0.6'>"]
    text += [f"<node id='{n}' version='1' lat='{lat}' lon='{lon}'/>" for n, (lon, lat) in at.items()]
    for number, (nodes, tags) in enumerate(ways, start=1):
        text.append(f"<way id='{number}' version='1'>" + "".join(f"<nd ref='{n}'/>" for n in nodes))
        text.append("".join(f"<tag k='{k}' v='{v}'/>" for k, v in tags.items()) + "</way>")
    file = tmp_path / "village.osm"
    file.write_text("\n".join([*text, "</osm>"]))
    return file


def test_ways_are_cut_where_they_cross(tmp_path):
    ways = [
        ((1, 3, 5), {"highway": "primary", "maxspeed": "30 mph", "lanes": "4"}),
        ((2, 3, 4), {"highway": "residential", "oneway": "yes"}),
        ((5, 6), {"highway": "service"}),
        ((6, 4), {"highway": "residential", "access": "private"}),
    ]
    network = read_osm(_osm(tmp_path, ways))
    assert len(network.x) == 5  # 6 lies on a service road and a private one alone
    assert Counter(network.highway) == {"primary": 4, "residential": 2}
    primary = network.highway == "primary"
    assert set(network.speed_km_h[primary]) == {30 * KM_PER_MILE} and set(network.lanes[primary]) == {2}
    # A hundredth of a degree of latitude is 1,112.7 m here; 0.001 of them, south to north.
    assert network.metres[~primary] == pytest.approx([111.3, 111.3], abs=0.5)
    assert network.y[network.end[~primary]].max() > network.y[network.start[~primary]].max()
    # One-way streets out of town and in: only the crossing's east and west reach each other both ways.
    assert np.bincount(network.components()).tolist() == [5]
    assert len(network.largest().x) == 3 and len(network.largest().start) == 4


def test_one_way_against_the_drawing_and_round_a_roundabout(tmp_path):
    ways = [
        ((1, 3), {"highway": "tertiary", "oneway": "-1"}),
        ((3, 4, 5, 3), {"highway": "tertiary", "junction": "roundabout", "name": 'The "Ring"'}),
    ]
    network = read_osm(_osm(tmp_path, ways))
    west = int(np.argmin(network.x))
    assert west in network.end and west not in network.start
    # The ring closes on itself where the one road meets it: a loop leads nowhere and is no link.
    assert list(network.source) == ["w1"]


def test_what_is_no_map_is_told(tmp_path):
    with pytest.raises(InputError, match="no file"):
        read_osm(tmp_path / "nowhere.osm.pbf")
    (tmp_path / "torn.osm.pbf").write_bytes(b"\x00\x00\x00\x0dOSMHea")
    with pytest.raises(InputError, match="no readable OpenStreetMap extract"):
        read_osm(tmp_path / "torn.osm.pbf")
    with pytest.raises(InputError, match="no road that may be driven on"):
        read_osm(_osm(tmp_path, [((1, 3), {"highway": "footway"})]))


def test_rutland_is_one_network(test_data, tmp_path):
    network = read_osm(test_data / "roads" / "osm_uk" / "rutland-latest.osm.pbf")
    assert (len(network.x), len(network.start)) == (3269, 7169)
    assert Counter(network.highway)["trunk"] == 454
    # The county is some 29 by 28 km about Oakham (485, 308).
    assert 478_000 < network.x.min() < network.x.max() < 509_000 and network.y.min() > 292_000
    size = np.bincount(network.components("strong"))
    assert size[0] / len(network.x) > 0.96
    _assign(network.largest(), tmp_path)


def _assign(network, folder):
    """Two corners of the county as zones: an equilibrium on the files that were written."""
    network.write_gmns(folder)
    node = pd.read_csv(folder / "node.csv")
    corners = (int((node["x_coord"] + node["y_coord"]).idxmin()), int((node["x_coord"] + node["y_coord"]).idxmax()))
    node.loc[list(corners), "zone_id"] = [1, 2]
    node.to_csv(folder / "node.csv", index=False)
    (folder / "demand.csv").write_text("o_zone_id,d_zone_id,volume\n1,2,100\n2,1,50\n")
    roads, demand = read_gmns(folder, folder)
    result = assign(roads, demand, TrafficSettings(relative_gap=1e-6))
    straight_h = np.hypot(*np.ptp(node.loc[list(corners), ["x_coord", "y_coord"]].to_numpy(), axis=0)) / 1000 / 112.7
    assert result.total_travel_time / 150 / 60 > straight_h and len(result.unreachable.trips) == 0


def test_overture_segments_are_cut_at_connectors(tmp_path):
    denied = [{"access_type": "denied", "when": {"heading": "backward"}, "between": None}]
    limit = [{"max_speed": {"value": 20, "unit": "mph"}, "between": None}]
    rows = [
        ("a", "primary", [0.0, 0.25, 1.0], denied, limit, [[335000, 390000], [335400, 390000]]),
        ("b", "residential", [0.0, 1.0], None, None, [[335100, 390000], [335100, 390200]]),
        ("c", "footway", [0.0, 1.0], None, None, [[335000, 390000], [335000, 390100]]),
    ]
    features = [
        {
            "type": "Feature",
            "properties": {
                "id": i, "class": kind, "connectors": [{"connector_id": f"{i}{c}", "at": c} for c in at],
                "access_restrictions": rules, "speed_limits": speeds,
            },
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for i, kind, at, rules, speeds, line in rows
    ]  # fmt: skip
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    file = tmp_path / "segments.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    network = read_overture(file)
    assert sorted(network.metres) == pytest.approx([100, 200, 200, 300])
    assert len(network.x) == 4 and set(network.speed_km_h[network.source == "a"]) == {20 * KM_PER_MILE}
    assert np.bincount(network.components()).tolist() == [4]


def test_the_centre_of_liverpool_hangs_together(test_data):
    network = read_overture(test_data / "roads" / "overture_liverpool" / "sample_segments.geojson")
    assert (len(network.x), len(network.start)) == (90, 122)
    assert Counter(network.highway)["primary"] == 44
    assert np.bincount(network.components()).tolist() == [87, 3]
    assert 334_000 < network.x.min() < network.x.max() < 335_000
