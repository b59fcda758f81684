"""Bus routes: a timetable that is written as GTFS and read back says the same."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.spine.readers.gtfs import read_gtfs
from lcr_hpc.spine.stage import run_ingest
from lcr_hpc.spine.twin.buses import HEADWAYS_MIN, headway_min
from lcr_hpc.store.slabs import open_store
from lcr_hpc.store.variables import DAY_TYPES

HAND_MADE = {
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\na,A,53.40,-2.99\nb,B,53.41,-2.98\nc,C,53.42,-2.97\n",
    "routes.txt": "route_id,route_short_name\nr,86\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "wd,1,1,1,1,1,0,0,20250101,20251231\nfri,0,0,0,0,1,0,0,20250101,20251231\n",
    "trips.txt": "route_id,service_id,trip_id,direction_id\nr,wd,t1,0\nr,wd,t2,0\nr,wd,t3,0\nr,fri,t4,0\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "t1,08:00:00,08:00:00,a,1\nt1,08:10:00,08:10:00,b,2\nt1,08:21:00,08:21:00,c,5\n"
    "t2,08:30:00,08:30:00,a,1\nt2,08:40:00,08:40:00,b,2\n"
    "t3,24:15:00,24:15:00,a,1\nt3,24:25:00,24:25:00,b,2\n"
    "t4,09:00:00,09:00:00,a,1\nt4,09:10:00,09:10:00,b,2\n",
}


def _feed(path: Path, **changes: str) -> Path:
    with zipfile.ZipFile(path, "w") as feed:
        for name, text in HAND_MADE.items():
            if (changed := changes.get(name.removesuffix(".txt"), text)) != "":
                feed.writestr(name, changed)
    return path


def _edit(path: Path, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    with zipfile.ZipFile(path) as feed:
        tables = {n: feed.read(n) for n in feed.namelist()}
    tables[name] = change(pd.read_csv(io.BytesIO(tables[name]), dtype=str)).to_csv(index=False).encode()
    with zipfile.ZipFile(path, "w") as feed:
        for n, content in tables.items():
            feed.writestr(n, content)


def test_headways_are_an_hour_over_its_departures(tmp_path):
    (pattern,) = read_gtfs(_feed(tmp_path / "bus.zip")).patterns
    weekday, saturday, sunday = pattern.headway_min
    assert weekday[8] == 30.0  # two buses
    assert weekday[0] == 60.0  # 24:15 is a quarter past midnight
    assert weekday[9] == 300.0  # one bus on Fridays alone: a fifth of one a weekday
    assert np.isfinite(weekday).sum() == 3 and np.isnan(saturday).all() and np.isnan(sunday).all()
    assert (pattern.route, pattern.name, pattern.direction) == ("r", "86", 0)
    assert pattern.stop.tolist() == [0, 1, 2] and pattern.running_time_min == 21.0  # the trip with the most stops


def test_frequencies_replace_the_trip_that_they_repeat(tmp_path):
    path = _feed(tmp_path / "bus.zip")
    with zipfile.ZipFile(path, "a") as feed:
        feed.writestr("frequencies.txt", "trip_id,start_time,end_time,headway_secs\nt1,06:30:00,08:00:00,600\n")
    (pattern,) = read_gtfs(path).patterns
    # From half past six: 3 buses to seven, 6 to eight; of the trips at eight one is left.
    assert pattern.headway_min[0, [6, 7, 8]].tolist() == [20.0, 10.0, 60.0]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"calendar": ""}, "has no calendar.txt; a GTFS feed needs them"),
        ({"routes": "route_id\nr\n"}, "no column `route_short_name`"),
        ({"stops": HAND_MADE["stops.txt"].replace("53.40,-2.99", "-2.99,53.40")}, "want degrees in Britain; .* line 2"),
        ({"stops": HAND_MADE["stops.txt"].replace("53.40", "")}, "want degrees in Britain; .* line 2"),
        (
            {"trips": HAND_MADE["trips.txt"].replace("r,wd,t3", "x,wd,t3")},
            "`route_id` names 1 that routes.txt",
        ),
        ({"trips": HAND_MADE["trips.txt"].replace("t4,0", "t4,2")}, "`direction_id` wants 0 or 1; .* line 5"),
        ({"stop_times": HAND_MADE["stop_times.txt"].replace("08:21:00,c", "8.21,c")}, "wants HH:MM:SS; .* line 4"),
    ],
)
def test_what_is_wrong_with_a_feed_is_said_with_its_line(tmp_path, changes, says):
    with pytest.raises(InputError, match=says):
        read_gtfs(_feed(tmp_path / "bus.zip", **changes))


def test_a_file_that_was_cut_off_is_refused(tmp_path):
    path = _feed(tmp_path / "bus.zip")
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(InputError, match=r"no readable GTFS feed .* fetch it again"):
        read_gtfs(path)


def test_the_twins_routes_run_over_connected_roads_between_their_stops(landed):
    layout = landed[1]
    bus, network = (open_store(layout.store(n), n).load() for n in ("bus", "network"))
    links, offset = bus["pattern_link"].to_numpy(), bus["link_offset"].to_numpy()
    start, end = network["from_node"].to_numpy(), network["to_node"].to_numpy()
    assert bus.sizes["pattern"] >= 4 and bus["direction"].to_numpy().tolist()[:2] == [0, 1]
    assert set(network["road_class"].to_numpy()[links]) <= {2, 3}  # A roads and local ones
    for i in range(bus.sizes["pattern"]):
        way = links[offset[i] : offset[i + 1]]
        assert len(way) > 0 and (end[way[:-1]] == start[way[1:]]).all()
        calls = bus["pattern_stop"].to_numpy()[slice(*bus["stop_offset"].to_numpy()[i : i + 2])]
        first, last = (bus["stop_x"].to_numpy()[calls[0]], bus["stop_x"].to_numpy()[calls[-1]])
        x = network["node_x"].to_numpy()
        # Six decimals of a degree are a tenth of a metre.
        assert (x[start[way[0]]], x[end[way[-1]]]) == pytest.approx((first, last), abs=0.2)
    # Inbound is the same streets the other way.
    out, back = (links[offset[i] : offset[i + 1]] for i in (0, 1))
    assert start[out].tolist() == end[back][::-1].tolist()


def test_the_headways_that_were_written_come_back(landed):
    bus = open_store(landed[1].store("bus"), "bus").load()
    read = bus["headway_min"].to_numpy()
    for pattern, name in enumerate(bus["route"].to_numpy()):
        kind = "orbital" if str(name).startswith("C") else "radial"
        wanted = [[headway_min(kind, day, hour) for hour in range(24)] for day in DAY_TYPES]
        assert read[pattern] == pytest.approx(np.array(wanted), nan_ok=True)
    assert read[0, 0, 8] == HEADWAYS_MIN["radial"]["weekday"][0]


def test_a_feed_without_shapes_is_laid_on_the_quickest_roads_between_stops(town):
    config, layout = town
    before = open_store(layout.store("bus"), "bus").load()
    path = layout.incoming / "bus" / "bus.zip"
    with zipfile.ZipFile(path) as feed:
        tables = {n: feed.read(n) for n in feed.namelist() if n != "shapes.txt"}
    with zipfile.ZipFile(path, "w") as feed:
        for name, content in tables.items():
            feed.writestr(name, content)
    run_ingest(config, layout)
    after = open_store(layout.store("bus"), "bus").load()
    # The twin's routes are quickest ways, so their stops are enough to find them.
    assert np.array_equal(before["link_offset"], after["link_offset"])
    assert np.array_equal(before["pattern_link"], after["pattern_link"])


def test_a_timetable_to_no_stop_is_told_with_what_else_is_wrong(town):
    config, layout = town
    lost = ["nowhere"]
    _edit(
        layout.incoming / "bus" / "bus.zip",
        "stop_times.txt",
        lambda t: t.assign(stop_id=[*lost, *t["stop_id"][1:]]),
    )
    (layout.incoming / "network" / "node.csv").unlink()
    with pytest.raises(InputError, match=r"(?s)node\.csv.*`stop_id` names 1 that stops.txt does not have: nowhere"):
        run_ingest(config, layout)
