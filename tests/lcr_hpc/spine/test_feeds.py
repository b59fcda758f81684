"""What lands: the same bytes every time, catalogued; bad real feeds change nothing and are named all at once."""

from __future__ import annotations

import hashlib
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from lcr_hpc.config import parse_config
from lcr_hpc.errors import InputError
from lcr_hpc.spine.catalogue import list_datasets, read_catalogue, read_entry, search_datasets, show_dataset
from lcr_hpc.spine.datasets import DATASETS
from lcr_hpc.spine.feeds import observed_hours, write_feeds
from lcr_hpc.spine.readers.boundaries import read_boundaries
from lcr_hpc.spine.stage import write_twin


def _prints(folder: Path) -> dict[str, str]:
    files = sorted(f for f in folder.rglob("*") if f.is_file() and f.parent != folder)
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def test_the_same_settings_give_the_same_bytes_and_another_seed_others(landed, make_config, tmp_path):
    first = _prints(landed[1].incoming)
    write_twin(tmp_path / "again", make_config())
    assert _prints(tmp_path / "again") == first
    write_twin(tmp_path / "other", make_config(seed=1))
    other = _prints(tmp_path / "other")
    same = [name for name in first if other.get(name) == first[name]]
    assert {Path(n).parent.name for n in same if not n.endswith("dataset.json")} <= {"network", "demand", "lookup"}
    assert not [n for n in same if n.endswith(("od.parquet", "link.csv", "population.csv"))]


def test_more_days_leave_the_days_before_as_they_were(landed, make_config, tmp_path):
    write_twin(tmp_path / "three", make_config(days=3))
    one, three = _prints(landed[1].incoming), _prints(tmp_path / "three")
    assert {n: three[n] for n in one if not n.endswith("dataset.json")} == {
        n: p for n, p in one.items() if not n.endswith("dataset.json")
    }
    assert "counts/counts_2025-10-12.csv" in three and "counts/counts_2025-10-12.csv" not in one


@pytest.mark.parametrize(
    ("night", "utc_days"), [("2025-01-15", 1), ("2025-10-15", 2), ("2025-03-30", 1), ("2025-10-26", 2)]
)
def test_feeds_cover_the_local_day_in_whole_utc_days(night, utc_days):
    # In summer time the local day starts at 23:00 UTC; on 30 March 2025 it has 23 hours, on 26 October 25.
    hours = observed_hours(pd.Timestamp(night).date(), 1)
    assert hours.count == 24 * utc_days and hours.first % 24 == 0


def test_every_dataset_has_an_entry_that_says_whether_it_is_real(landed):
    entries = read_catalogue(landed[1].incoming)
    assert set(entries) == {n for n, d in DATASETS.items() if not d.optional}
    for name, entry in entries.items():
        assert entry.identifier == name and entry.nature == "synthetic" and "generated" in entry.title
        assert entry.recipe["seed"] == 2040 and set(entry.tables) == set(DATASETS[name].tables)
    assert {n for n, e in entries.items() if e.tier == "shared"} == {
        n for n, d in DATASETS.items() if d.tier == "shared"
    }


def test_every_landed_table_has_its_columns(landed):
    for name, dataset in DATASETS.items():
        for pattern, columns in dataset.tables.items():
            for file in (landed[1].incoming / name).glob(pattern):
                if file.suffix == ".csv":
                    found = list(pd.read_csv(file, nrows=0).columns)
                    assert {c.name for c in columns if c.name != "*"} <= set(found), file


def test_the_catalogue_lists_shows_and_finds(landed):
    incoming = landed[1].incoming
    assert len(list_datasets(incoming).splitlines()) == sum(not d.optional for d in DATASETS.values())
    assert "wind_from" in show_dataset(incoming, "weather")
    assert search_datasets(incoming, "detector").startswith("counts:")
    assert "no dataset" in search_datasets(incoming, "unicorns")
    with pytest.raises(InputError, match=r"no dataset `tides`.*weather"):
        show_dataset(incoming, "tides")


def test_an_entry_with_a_wrong_field_is_refused_by_name(town):
    file = town[1].incoming / "air" / "dataset.json"
    file.write_text(file.read_text().replace('"nature": "synthetic"', '"nature": "rumour"'))
    with pytest.raises(InputError, match="`nature`"):
        read_entry(file.parent)


def test_real_feeds_take_the_place_of_the_twins_and_stay_real(lcr_feeds, tmp_path):
    write_feeds(tmp_path / "in", parse_config({"name": "lcr", "spine": {"feeds": lcr_feeds}}))
    entries = read_catalogue(tmp_path / "in")
    assert {n for n, e in entries.items() if e.nature == "real"} == set(lcr_feeds)
    shapes = read_boundaries(tmp_path / "in" / "boundaries" / "lsoa11_lcr.gpkg")
    assert len(shapes.code) == 989 and shapes.vintage == "LSOA 2011" and shapes.point == "inside"
    assert shapely.contains_xy(shapes.polygon, shapes.x, shapes.y).all()
    # 1,564,015 residents of mid-2020; deaths and roads are generated on the real areas.
    people = pd.read_csv(tmp_path / "in" / "population" / "population20_lsoa11.csv")
    assert people["total_population"].sum() == 1_564_015
    node = pd.read_csv(tmp_path / "in" / "network" / "node.csv", dtype={"zone_id": str})
    assert set(node["zone_id"][node["node_type"] != "gate"].dropna()) == set(shapes.code)


def _refused(feeds: dict[str, dict[str, str]], tmp_path: Path) -> str:
    with pytest.raises(InputError) as caught:
        write_feeds(tmp_path / "in", parse_config({"name": "lcr", "spine": {"feeds": feeds}}))
    assert not list((tmp_path / "in").rglob("*")) if (tmp_path / "in").exists() else True
    return str(caught.value)


def test_every_missing_file_is_named_at_once(lcr_feeds, tmp_path):
    feeds = lcr_feeds | {k: lcr_feeds[k] | {"path": f"/nowhere/{k}.csv"} for k in ("population", "lookup")}
    feeds["deprivation"] = lcr_feeds["deprivation"] | {"path": str(tmp_path)}
    said = _refused(feeds, tmp_path)
    assert "/nowhere/population.csv does not exist" in said and "/nowhere/lookup.csv does not exist" in said
    assert "is a folder" in said


def test_another_census_and_negative_residents_are_named_with_the_users_file(lcr_feeds, tmp_path):
    people = pd.read_csv(lcr_feeds["population"]["path"]).iloc[:-2]
    people.loc[4, "7"] = -3
    people.to_csv(tmp_path / "people.csv", index=False)
    ranks = pd.read_csv(lcr_feeds["deprivation"]["path"])
    ranks.loc[0, "IMD_rank"] = 0
    ranks.to_csv(tmp_path / "ranks.csv", index=False)
    feeds = lcr_feeds | {
        "population": lcr_feeds["population"] | {"path": str(tmp_path / "people.csv")},
        "deprivation": lcr_feeds["deprivation"] | {"path": str(tmp_path / "ranks.csv")},
    }
    said = _refused(feeds, tmp_path)
    assert (
        f"{tmp_path}/people.csv lacks 2 areas" in said
        and "is below 0 on line" in said
        and "`IMD_rank` is below 1" in said
    )


def _square(x: float, y: float) -> shapely.Polygon:
    return shapely.box(x, y, x + 0.01, y + 0.01)


@pytest.mark.parametrize(
    ("polygons", "crs", "said"),
    [
        ([_square(53.4, -2.9), _square(53.5, -2.9)], 4326, "swapped"),
        ([_square(-2.9, 53.4), _square(-2.8, 53.4)], 27700, None),
        ([_square(335000, 390000), _square(335100, 390000)], 4326, "the file's CRS is wrong"),
        ([_square(-2.9, 53.4), _square(-2.8, 53.4)], 3857, "wanted EPSG:4326 or EPSG:27700"),
        ([_square(-2.9, 53.4), _square(-2.8, 53.4)], None, "no CRS"),
        ([_square(-2.9, 53.4), shapely.Polygon()], 4326, "every area needs a polygon"),
        ([_square(-2.9, 53.4), shapely.Point(-2.9, 53.4)], 4326, "every area needs a polygon"),
    ],
    ids=["swapped", "degrees-as-metres", "metres-as-degrees", "mercator", "no-crs", "empty", "point"],
)
def test_bad_boundaries_are_refused_with_what_to_do(polygons, crs, said, tmp_path):
    frame = gpd.GeoDataFrame(
        {"lsoa11_code": ["E1", "E2"], "lsoa11_name": ["Here 001A", "Here 001B"]}, geometry=polygons, crs=crs
    )
    frame.to_parquet(tmp_path / "areas.parquet")
    with pytest.raises(InputError, match=said or "outside Britain"):
        read_boundaries(tmp_path / "areas.parquet")


def test_a_coordinate_that_is_no_number_and_a_code_twice_are_told_together(tmp_path):
    corners = shapely.get_coordinates(_square(-2.9, 53.4))
    corners[2, 1] = float("nan")
    broken = shapely.set_coordinates(_square(-2.9, 53.4), corners)
    frame = gpd.GeoDataFrame(
        {"lsoa11_code": ["E1", "E1"], "lsoa11_name": ["Here 001A", "Here 001B"]},
        geometry=[broken, _square(-2.8, 53.4)],
        crs=4326,
    )
    frame.to_parquet(tmp_path / "areas.parquet")
    with pytest.raises(InputError, match=r"(?s)must not repeat: E1.*no numbers at E1"):
        read_boundaries(tmp_path / "areas.parquet")
