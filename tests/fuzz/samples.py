"""One good file of each format, small, written for the tests; what real files look like is tested on real ones."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import h5py
import numpy as np
import pandas as pd
import shapely

from lcr_hpc.spine.readers.dft_aadf import CLASSES, HGVS, MOTOR

DATASTREAMS = {
    "value": [
        {
            "@iot.id": 7,
            "name": "PM2.5 at Speke",
            "description": "Particles",
            "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
            "unitOfMeasurement": {"name": "microgram per cubic metre", "symbol": "µg/m³", "definition": "ucum:ug/m3"},
            "Thing": {
                "@iot.id": 1,
                "name": "SPEKE",
                "description": "Station",
                "Locations": [
                    {
                        "@iot.id": 2,
                        "name": "Speke",
                        "description": "",
                        "encodingType": "application/geo+json",
                        "location": {"type": "Point", "coordinates": [-2.8446, 53.3463]},
                    }
                ],
            },
            "ObservedProperty": {
                "@iot.id": 3,
                "name": "PM2.5",
                "definition": "http://dd.eionet.eu/6001",
                "description": "",
            },
            "Observations": [
                {"@iot.id": 1, "phenomenonTime": "2025-01-15T10:00:00Z", "result": 8.5, "resultTime": None},
                {"@iot.id": 2, "phenomenonTime": "2025-01-15T11:00:00+01:00", "result": 8.5, "resultTime": None},
                {"@iot.id": 3, "phenomenonTime": "2025-01-15T11:00:00Z/2025-01-15T12:00:00Z", "result": "9.25"},
                {"@iot.id": 4, "phenomenonTime": "2025-01-15T12:00:00Z", "result": None},
                {"@iot.id": 5, "phenomenonTime": "2025-01-15T13:00:00", "result": 9.0},
                {"@iot.id": 6, "phenomenonTime": "2025-01-15T14:00:00Z", "result": "high"},
                {"@iot.id": 7, "phenomenonTime": "2025-01-15T15:00:00Z", "result": 99999.0, "resultQuality": "bad"},
            ],
        }
    ]
}
AIR_QUALITY = [
    {
        "id": f"urn:ngsi-ld:AirQualityObserved:Speke:{hour}",
        "type": "AirQualityObserved",
        "dateObserved": {
            "type": "Property",
            "value": {"@type": "DateTime", "@value": f"2025-01-15T{hour}:00:00Z"},
        },
        "refDevice": {"type": "Relationship", "object": "urn:ngsi-ld:Device:SPEKE"},
        "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [-2.8446, 53.3463]}},
        "pm25": {"type": "Property", "value": 8.5 + hour, "unitCode": "GQ"},
        "nox": {"type": "Property", "value": 30, "unitCode": "GQ"},
        "temperature": {"type": "Property", "value": 4.5},
        "no2": {"type": "Property", "value": 21},
        "@context": ["https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld"],
    }
    for hour in (10, 11)
]


def aadf(path: Path) -> None:
    rows = []
    for i in range(12):
        row = dict.fromkeys(CLASSES, 10 + i)
        row["all_hgvs"] = sum(row[c] for c in HGVS)
        row["all_motor_vehicles"] = sum(row[c] for c in MOTOR)
        place = {"count_point_id": 800 + i // 2, "year": 2018 + i % 2, "road_name": "A5036"}
        rows.append(place | {"easting": 333381, "northing": 397210, "estimation_method": "Counted"} | row)
    pd.DataFrame(rows).to_csv(path, index=False)


def aurn(path: Path) -> None:
    lines = [f"15-01-2025,{h:02}:00,{20 + h},{'No data' if h == 5 else 7.5}" for h in range(1, 25)]
    path.write_text("Date,Time,NOx,PM2.5\n" + "\n".join(lines) + "\n")


def detectors(path: Path) -> None:
    time = pd.date_range("2025-01-15", periods=48, freq="5min")
    table = pd.DataFrame({"time_utc": time.strftime("%Y-%m-%dT%H:%M:%SZ")})
    for k in range(4):
        table[f"D{k:03}"] = (np.arange(48) * 7 + k) % 100
    table.to_csv(path, index=False)


def low_cost(path: Path) -> None:
    time = pd.date_range("2025-01-15 00:00:17", periods=30, freq="1794s").strftime("%Y-%m-%d %H:%M:%S")
    rows = [f'"{t}",12.5,{60 + i},4.0,{6 + i / 10},9.5' for i, t in enumerate(time)]
    rows[3] = '"0000-00-00 00:00:00",12.5,80,4,6,9'
    rows[4] = rows[4].replace(",6.4,", ",-1.40986488597765e+31,")
    rows[5] = rows[5].replace(",65,", ",268,")
    path.write_text('"Date & Time",Temperature,Humidity,PM1.0,PM2.5,PM10\n' + "\n".join(rows) + "\n")


def msoa_electricity(path: Path) -> None:
    header = (
        "Local Authority Name,MSOA Name,Middle Layer Super Output Area (MSOA) Code, Number of meters ,"
        " Consumption (kWh) , Mean consumption (kWh per meter) , Median consumption (kWh per meter) "
    )
    rows = [f"Halton,Halton {i:03},E0200{2574 + i},{100 + i},{(100 + i) * 3500.5},3500.5,3000" for i in range(12)]
    path.write_text("\n".join([header, *rows]) + "\n")


def electricity(path: Path) -> None:
    time = pd.date_range("2025-10-26", "2025-10-27", freq="30min", tz="Europe/London", inclusive="left")
    rows = [f"{t:%Y-%m-%d %H:%M},{i / 2},{i}" for i, t in enumerate(time)]
    path.write_text("local,E02000001,E02000002\n" + "\n".join(rows) + "\n")


def openair(path: Path) -> None:
    time = pd.date_range("2025-01-15", periods=48, freq="h")
    table = pd.DataFrame({"date": time, "ws": 3.5, "wd": 270.0, "nox": np.arange(48.0), "pm25": 9.0, "cl": 4.0})
    table.loc[5, "nox"], table.loc[6, "ws"] = np.nan, 99.0
    table.to_parquet(path)


def observations(path: Path) -> None:
    time = pd.date_range("2025-01-15", periods=24, freq="h", tz="UTC")
    table = pd.DataFrame({"site": "S1", "time": time, "variable": "NOx", "value": np.arange(24.0), "unit": "ug m-3"})
    table.assign(step="PT1H").to_parquet(path)


def sites(path: Path) -> None:
    rows = [f"S{i},Site {i},{53.3 + i / 100},{-2.9 + i / 100}" for i in range(10)]
    path.write_text("sensor_id,name,latitude,longitude\n" + "\n".join(rows) + "\n")


def webtris(path: Path) -> None:
    rows = [f'{i},Active,"M62/70{i}A",{-2.9 + i / 100},{53.3 + i / 100}' for i in range(10)]
    path.write_text("id,activity,description,longitude,latitude\n" + "\n".join(rows) + "\n")


def _squares() -> gpd.GeoDataFrame:
    squares = [shapely.box(330000 + 500 * i, 390000, 330400 + 500 * i, 390400) for i in range(6)]
    codes = [f"E010000{i:02}" for i in range(6)]
    return gpd.GeoDataFrame({"lsoa11_code": codes, "lsoa11_name": codes}, geometry=squares, crs=27700)


def areas_geojson(path: Path) -> None:
    path.write_text(_squares().to_crs(4326).to_json())


def areas_geopackage(path: Path) -> None:
    _squares().to_file(path, driver="GPKG")


def areas_geoparquet(path: Path) -> None:
    _squares().to_parquet(path)


def lines(path: Path) -> None:
    roads = [shapely.LineString([(330000, 390000 + 50 * i), (330300, 390400)]) for i in range(6)]
    gpd.GeoDataFrame({"ref": [f"A{i}" for i in range(6)]}, geometry=roads, crs=27700).to_file(path, driver="GPKG")


def od(path: Path) -> None:
    rows = [f"Z{i},Z{j},{i + j},{i * j},Leeds" for i in range(5) for j in range(5)]
    path.write_text("O,D,all,car_driver,place\n" + "\n".join(rows) + "\n")


def omx(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.attrs["OMX_VERSION"], file.attrs["SHAPE"] = b"0.2", np.array([5, 5], np.int32)
        file.create_dataset("data/car", data=np.arange(25.0).reshape(5, 5), chunks=(1, 5), compression="gzip")
        file.create_dataset("lookup/zone", data=np.arange(101, 106, dtype=np.int32))


def sensorthings(path: Path) -> None:
    path.write_text(json.dumps(DATASTREAMS, ensure_ascii=False), encoding="utf-8")


def ngsi_ld(path: Path) -> None:
    path.write_text(json.dumps(AIR_QUALITY))


NODE = "node_id,x_coord,y_coord,zone_id\n1,0,0,1\n2,10,0,2\n3,10,10,\n"
LINK = (
    "link_id,from_node_id,to_node_id,directed,length,capacity,free_speed,lanes\n"
    "1,1,3,1,1.5,1000,60,1\n2,3,2,1,2,1200,50,2\n3,2,1,1,3,900,50,1\n"
)
DEMAND = "o_zone_id,d_zone_id,volume\n1,2,100\n2,1,50\n"


def gmns(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (("node.csv", NODE), ("link.csv", LINK), ("demand.csv", DEMAND)):
            archive.writestr(name, text)


def tntp_net(path: Path) -> None:
    head = "<NUMBER OF ZONES> 2\n<NUMBER OF NODES> 3\n<FIRST THRU NODE> 1\n<NUMBER OF LINKS> 3\n<END OF METADATA>\n"
    rows = ["1 3 1000 1.5 2 0.15 4 60 0 1 ;", "3 2 1200 2 3 0.15 4 60 0 1 ;", "2 1 900 3 4 0.15 4 60 0 1 ;"]
    path.write_text(head + "~ init term capacity length time b power speed toll type ;\n" + "\n".join(rows) + "\n")


def tntp_trips(path: Path) -> None:
    path.write_text(
        "<NUMBER OF ZONES> 2\n<TOTAL OD FLOW> 150.0\n<END OF METADATA>\n\n"
        "Origin 1\n  2 : 100.0;\nOrigin 2\n  1 : 50.0;\n"
    )


Sample = tuple[str, str, dict[str, str | int | float], Callable[[Path], None]]
SAMPLES: dict[str, Sample] = {
    "dft_aadf": ("dft_aadf", "aadf.csv", {}, aadf),
    "aurn": ("aurn", "SPEKE.csv", {}, aurn),
    "detector_wide": ("detector_wide", "counts.csv", {"unit": "veh", "minutes": 5}, detectors),
    "low_cost_pm": ("low_cost_pm", "LC1.csv", {}, low_cost),
    "openair": ("openair", "road.parquet", {"gas_unit": "ug m-3"}, openair),
    "msoa_electricity": ("msoa_electricity", "elec_2019.csv", {}, msoa_electricity),
    "electricity_half_hourly": (
        "electricity_half_hourly", "halves.csv", {"time_column": "local", "time_zone": "Europe/London"}, electricity,
    ),
    "sensorthings": ("sensorthings", "sta.json", {}, sensorthings),
    "ngsi_ld": ("ngsi_ld", "ngsi.json", {}, ngsi_ld),
    "observations_parquet": ("observations_parquet", "obs.parquet", {}, observations),
    "sensor_sites": ("sensor_sites", "sites.csv", {}, sites),
    "webtris_sites": ("webtris_sites", "webtris.csv", {}, webtris),
    "areas_geojson": ("areas", "areas.geojson", {}, areas_geojson),
    "areas_geopackage": ("areas", "areas.gpkg", {}, areas_geopackage),
    "areas_geoparquet": ("areas", "areas.parquet", {}, areas_geoparquet),
    "lines": ("lines", "lines.gpkg", {"id": "ref"}, lines),
    "od_csv": ("od_csv", "od.csv", {}, od),
    "omx": ("omx", "trips.omx", {}, omx),
    "tntp_net": ("tntp_net", "town_net.tntp", {}, tntp_net),
    "tntp_trips": ("tntp_trips", "town_trips.tntp", {}, tntp_trips),
    "gmns": ("gmns", "town.zip", {}, gmns),
}  # fmt: skip
"""Format, file name, options and writer"""
