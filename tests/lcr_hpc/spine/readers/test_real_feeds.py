"""The real files: how many values are kept, flagged and refused. docs/feeds.md prints the same numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.spine.check import check_file, describe
from lcr_hpc.traffic.readings import READERS

LA = {"unit": "mph", "minutes": 5, "start": "2012-03-01T00:00", "time_zone": "America/Los_Angeles"}
REAL = (
    # file, format, options, rows, kept, flagged, refused
    ("sensors/dft_aadf/dft_aadf_local_authority_id_63.csv", "dft_aadf", {}, 5416, 70_408, 0, 0),
    ("sensors/dft_aadf/dft_aadf_local_authority_id_97.csv", "dft_aadf", {}, 4764, 61_919, 0, 1),
    ("sensors/dft_aadf/dft_aadf_local_authority_id_129.csv", "dft_aadf", {}, 1955, 25_415, 0, 0),
    ("sensors/aurn_speke/air_quality_J01000054_Liverpool.csv", "aurn", {}, 1339, 2687, 1330, 0),
    ("sensors/metr_la_week/los_speed.csv", "detector_wide", LA, 2016, 417_312, 0, 0),
    ("sensors/metr_la_week/graph_sensor_locations.csv", "sensor_sites", {"place": "world"}, 207, 207, 0, 0),
    ("sensors/webtris/webtris_sites_lcr_bbox.csv", "webtris_sites", {}, 374, 374, 0, 0),
    ("sensors/webtris/geo_valid_site_dictionary.csv", "webtris_sites", {}, 519, 519, 0, 0),
    ("sensors/openair/openair_mydata.parquet", "openair", {"gas_unit": "ppb"}, 65_533, 558_173, 31_624, 0),
    ("sensors/openair/deweather_road_data.parquet", "openair", {"gas_unit": "ug m-3"}, 166_560, 987_214, 12_146, 0),
    ("lcr/MSOA_DOM_ELEC_2018.csv", "msoa_electricity", {}, 200, 800, 0, 0),
    ("lcr/MSOA_DOM_ELEC_2019.csv", "msoa_electricity", {}, 200, 800, 0, 0),
    ("lcr/MSOA_NONDOM_2019.csv", "msoa_electricity", {}, 200, 800, 0, 0),
    ("lcr/lsoa11_lcr.gpkg", "areas", {}, 989, 989, 0, 0),
    ("lcr/lsoa21_lcr.gpkg", "areas", {}, 1003, 1003, 0, 0),
    ("lcr/ltla24_lcr.gpkg", "areas", {"code": "ltla24_code", "name": "ltla24_name"}, 6, 6, 0, 0),
    ("leeds_od/si_zones.gpkg", "areas", {"code": "geo_code", "name": "geo_name"}, 107, 107, 0, 0),
    ("roads/he_srn/srn_lcr_hapms_2020.gpkg", "lines", {"id": "sect_label"}, 520, 520, 0, 0),
    ("sensors/dft_aadf/02_lines_major.gpkg", "lines", {"id": "osm_id"}, 4085, 4085, 0, 0),
    ("roads/overture_liverpool/sample_segments.geojson", "lines", {"id": "id"}, 388, 388, 0, 0),
    ("tntp/SiouxFalls/SiouxFalls_net.tntp", "tntp_net", {}, 76, 76, 0, 0),
    ("tntp/SiouxFalls/SiouxFalls_trips.tntp", "tntp_trips", {}, 528, 528, 0, 0),
)


@pytest.mark.parametrize(
    ("file", "form", "options", "rows", "kept", "flagged", "refused"), REAL, ids=lambda v: str(v)[-30:]
)
def test_a_real_file_gives_what_its_page_says(test_data, file, form, options, rows, kept, flagged, refused):
    reading = check_file(test_data / file, form, options, READERS)
    assert (reading.rows, reading.kept, reading.flagged, len(reading.rejected)) == (rows, kept, flagged, refused)


def test_pairs_of_the_census_go_between_known_zones(test_data):
    options = {"zones": str(test_data / "leeds_od" / "si_zones.gpkg")}
    reading = check_file(test_data / "leeds_od" / "si_od_census.csv", "od_csv", options)
    assert (reading.rows, reading.kept, len(reading.rejected)) == (10_536, 126_432, 0)
    drivers = reading.table[reading.table["variable"] == "car_driver"]
    assert drivers["value"].sum() == 124_722 and len(reading.table["variable"].unique()) == 12


def test_the_count_point_that_lies_elsewhere_is_refused_with_its_line(test_data):
    reading = check_file(test_data / "sensors/dft_aadf/dft_aadf_local_authority_id_97.csv", "dft_aadf", {})
    _, line, column, value, reason = reading.rejected.iloc[0]
    assert (line, column, value) == (423, "easting", "518977") and "500 m" in reason
    assert "line 423, `easting`: '518977'" in describe(reading)


def test_no_data_is_missing_and_says_so(test_data):
    table = check_file(test_data / "sensors/aurn_speke/air_quality_J01000054_Liverpool.csv", "aurn", {}).table
    missing = table[table["flag"] == 1]
    assert missing["value"].isna().all() and table[table["flag"] == 0]["value"].notna().all()
    assert missing["variable"].value_counts().to_dict() == {"PM2.5": 467, "PM10": 463, "NOx": 400}


def test_the_two_files_of_one_road_are_in_two_units(test_data):
    """1 ppb of NO2 is 1.91 µg/m³; the 1998 hours of both files differ by that, which neither says."""
    values = []
    for file, unit in (("openair_mydata", "ppb"), ("deweather_road_data", "ug m-3")):
        table = check_file(test_data / f"sensors/openair/{file}.parquet", "openair", {"gas_unit": unit}).table
        nox = table[(table["variable"] == "NOx").to_numpy() & (table["flag"] == 0).to_numpy()]
        values.append(nox.set_index("second")["value"])
    both = values[0].to_frame("ppb").join(values[1].rename("ug"), how="inner")
    both = both[both["ppb"] > 50]
    assert np.median(both["ug"] / both["ppb"]) == pytest.approx(1.91, abs=0.01)


def test_a_file_in_los_angeles_is_no_site_of_britain(test_data):
    reading = check_file(test_data / "sensors/metr_la_week/graph_sensor_locations.csv", "sensor_sites", {})
    assert reading.kept == 0 and len(reading.rejected) == 207


@pytest.mark.parametrize("options", [{}, {"unit": "mph", "start": "2012-03-01"}, {"unit": "knots"}])
def test_a_file_that_says_neither_time_nor_unit_must_have_them_said(test_data, options):
    with pytest.raises(InputError, match=r"option|no column `time_utc`"):
        check_file(test_data / "sensors/metr_la_week/los_speed.csv", "detector_wide", options)


def test_buildings_are_no_roads(test_data: Path):
    with pytest.raises(InputError, match="every feature needs a line"):
        check_file(test_data / "roads/overture_liverpool/sample_buildings.geojson", "lines", {})
