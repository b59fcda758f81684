"""The datasets of the spine and the tables that they are made of: the contract that a feed is checked against.

A column named `*` stands for one column a site. `dataset.json` repeats these tables, so that a feed explains itself;
`lcr spine contract` shows them as Frictionless table schemas. Readers take their limits and words from here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from lcr_hpc.store.variables import DAY_TYPES, PURPOSES, ROAD_CLASSES, SENSOR_KINDS, SERVICE_KINDS, STABILITY_CLASSES


@dataclass(frozen=True)
class Column:
    """One column of a feed's table."""

    name: str
    type: str
    """text, integer, number or time"""
    units: str
    meaning: str
    minimum: float | None = None
    maximum: float | None = None
    """Limits, both included. What is outside is refused; values that are only implausible are flagged instead"""
    words: tuple[str, ...] = ()
    """All that a cell may say; none = anything"""
    pattern: str = ""
    """Regular expression of a whole cell"""
    form: str = ""
    """How a time is written, as for strptime; without it ISO 8601"""

    @property
    def limits(self) -> tuple[float, float]:
        """Least and greatest value that is taken."""
        return (
            -math.inf if self.minimum is None else self.minimum,
            math.inf if self.maximum is None else self.maximum,
        )


@dataclass(frozen=True)
class Dataset:
    """One dataset: a folder of `incoming/`."""

    identifier: str
    title: str
    purpose: str
    tables: Mapping[str, tuple[Column, ...]]
    """Columns by file pattern."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Columns that together name a row, by file pattern: filled, and never twice the same. Observations have none: an
    instant that stands with two values is kept, and flagged"""
    optional: bool = False
    tier: str = "open"
    rhythm: str = "once"
    time_zone: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def daily(self) -> bool:
        """Whether its files are observations of days."""
        return self.rhythm == "daily"

    def of_observations(self, pattern: str) -> bool:
        """Whether a table holds observations, where a blank is a missing value, and a bad row costs no other."""
        return self.daily and "*" in pattern

    def column(self, pattern: str, name: str) -> Column:
        """One column of a table."""
        return next(c for c in self.tables[pattern] if c.name == name)


AGE_BANDS = (0, 1, *range(5, 95, 5))
"""First years of the age bands of deaths"""
GATE = "gate"
"""`node_type` of a zone beyond the areas"""

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

C = Column
_NAME = C("lsoa11_name", "text", "", "Name of the area: its MSOA's name and a letter")
_CODE = C("lsoa11_code", "text", "", "Code of the area")
_XY = (C("easting", "number", "m", "EPSG:27700"), C("northing", "number", "m", "EPSG:27700"))
_TIME = C("time_utc", "time", "", "Start of the interval, UTC, ISO 8601")
_AGES = tuple(C("90+" if a == 90 else str(a), "integer", "persons", f"Residents aged {a}", 0) for a in range(91))
_ELECTRICITY = (
    C("Middle Layer Super Output Area (MSOA) Code", "text", "", "Code of the MSOA"),
    C("Number of meters", "integer", "1", "Domestic meters", 0),
    C("Consumption (kWh)", "number", "kWh/year", "Metered in the year", 0),
)

DATASETS: dict[str, Dataset] = {
    d.identifier: d
    for d in (
        Dataset("boundaries", "Boundaries of the small areas", "Where people live: maps, zones, exposure",
                {"*.gpkg": (_NAME, _CODE)}),
        Dataset("lookup", "Small areas to middle-layer areas", "Join figures that are published for larger areas",
                {"*.csv": (_NAME, _CODE, C("msoa11_name", "text", "", "Name of the MSOA"),
                           C("msoa11_code", "text", "", "Code of the MSOA"))}, keys={"*.csv": ("lsoa11_code",)}),
        Dataset("population", "Residents by single year of age", "Exposure, burden, trips",
                {"*.csv": (_NAME, _CODE, C("total_population", "integer", "persons", "All residents", 0), *_AGES)},
                keys={"*.csv": ("lsoa11_code",)}),
        Dataset("deprivation", "Index of multiple deprivation", "Inequality along deprivation",
                {"*.csv": (_CODE, C("IMD_rank", "integer", "1", "National rank, 1 = most deprived", 1))},
                keys={"*.csv": ("lsoa11_code",)}),
        Dataset("life_expectancy", "Published life expectancy at birth", "Inequality of life expectancy",
                {"*.csv": (C("msoa11cd", "text", "", "Code of the MSOA"),
                           C("simple_average_2009_2013", "number", "years", "Life expectancy at birth, persons",
                             30, 110))},
                keys={"*.csv": ("msoa11cd",)}, optional=True),
        Dataset("mortality", "Deaths by MSOA and age band", "Life expectancy and burden",
                {"*.csv": (C("msoa11_code", "text", "", "Code of the MSOA"),
                           C("age_band", "integer", "years", "First year of the band: 0, 1, 5 … 90",
                             words=tuple(str(a) for a in AGE_BANDS)),
                           C("first_year", "integer", "1", "First calendar year counted"),
                           C("last_year", "integer", "1", "Last calendar year counted"),
                           C("deaths", "integer", "persons", "Deaths over those years", 0))},
                keys={"*.csv": ("msoa11_code", "age_band")}),
        Dataset("deaths_by_cause", "Deaths by cause, MSOA and age band", "Burden of one cause of death",
                {"*.csv": (C("msoa11_code", "text", "", "Code of the MSOA"),
                           C("cause", "text", "", "As configs/coefficients/relative_risk.csv calls its endpoint, "
                             "without the word mortality: respiratory, lung cancer …"),
                           C("age_band", "integer", "years", "First year of the band: 0, 1, 5 … 90",
                             words=tuple(str(a) for a in AGE_BANDS)),
                           C("first_year", "integer", "1", "First calendar year counted, as in `mortality`"),
                           C("last_year", "integer", "1", "Last calendar year counted, as in `mortality`"),
                           C("deaths", "integer", "persons", "Deaths of the cause over those years", 0))},
                keys={"*.csv": ("msoa11_code", "cause", "age_band")}, optional=True),
        Dataset("people_groups", "Residents by sex and disability", "Exposure by age, sex and group", {
            "margins.csv": (_CODE, C("characteristic", "text", "", "sex, disability …"),
                            C("category", "text", "", "female, male …"),
                            C("persons", "integer", "persons", "Residents; scaled to the area's of all ages")),
            "sample.csv": (C("age_from", "integer", "years", "First age of the row's people"),
                           C("*", "text", "", "A column a characteristic: its category"),
                           C("persons", "number", "persons", "Of the region, or a sample's weight: how characteristics "
                             "go together")),
        }),
        Dataset("network", "Road network", "Traffic assignment", {
            "node.csv": (C("node_id", "integer", "1", "Id"), C("x_coord", "number", "m", "EPSG:27700"),
                         C("y_coord", "number", "m", "EPSG:27700"),
                         C("zone_id", "text", "", "Area whose centroid this is, or gate: where the optional column "
                           "`node_type` says `gate`, trips enter and leave the region; else empty")),
            "link.csv": (C("link_id", "integer", "1", "Id"), C("from_node_id", "integer", "1", "Start"),
                         C("to_node_id", "integer", "1", "End"),
                         C("directed", "integer", "1", "1: a row a direction", words=("1",)),
                         C("length", "number", "km", "Length", 0),
                         C("facility_type", "text", "", "connector, motorway, a_road or minor_road",
                           words=ROAD_CLASSES),
                         C("capacity", "number", "veh/h", "Capacity of a lane, above 0", 0),
                         C("free_speed", "number", "km/h", "Speed on the empty road, above 0", 0),
                         C("lanes", "integer", "1", "Lanes in this direction", 1),
                         C("vdf_alpha", "number", "1", "BPR coefficient", 0),
                         C("vdf_beta", "number", "1", "BPR power", 0)),
        }, keys={"node.csv": ("node_id",), "link.csv": ("link_id",)},
            extra={"standard": "GMNS; config.csv gives its units, the optional column `name` of link.csv roads' "
                               "names"}),
        Dataset("demand", "Vehicle trips by purpose", "Traffic assignment", {
            "od.parquet": (C("origin", "text", "", "Area or gate"), C("destination", "text", "", "Area or gate"),
                           *(C(p, "number", "veh/day", "Average weekday", 0) for p in PURPOSES)),
            "profile.csv": (C("day_type", "text", "", "weekday, saturday, sunday", words=DAY_TYPES),
                            C("purpose", "text", "", "Purpose", words=PURPOSES),
                            C("hour", "integer", "h", "Local clock hour", 0, 23),
                            C("share", "number", "1", "Departures as a share of the weekday total", 0)),
        }, keys={"od.parquet": ("origin", "destination"), "profile.csv": ("day_type", "purpose", "hour")}),
        Dataset("counts", "Traffic detectors", "Compare the assignment with counted traffic", {
            "detectors.csv": (C("detector", "text", "", "Id"), C("link_id", "integer", "1", "Link counted"), *_XY),
            "counts_*.csv": (_TIME, C("*", "number", "veh/h", "Vehicles in the hour, a column a detector")),
        }, keys={"detectors.csv": ("detector",)}, rhythm="daily", time_zone="UTC"),
        Dataset("air", "Air quality stations and sensors", "Background concentrations and comparison", {
            "sites.csv": (C("sensor", "text", "", "Id"), C("name", "text", "", "Name"),
                          C("kind", "text", "", "background, roadside or low_cost", words=SENSOR_KINDS),
                          C("latitude", "number", "degree", "WGS84"), C("longitude", "number", "degree", "WGS84")),
            "station_*.csv": (C("Date", "time", "", "Day, UTC", form="%Y-%m-%d"),
                              C("Time", "text", "", "Hour's end, 01:00 to 24:00",
                                pattern="(0[1-9]|1[0-9]|2[0-4]):00"),
                               C("NOx", "number", "ug m-3", "As NO2; `No data` = none"),
                              C("PM2.5", "number", "ug m-3", "`No data` = none")),
            "sensor_*.csv": (C("Date & Time", "time", "", "UTC, any step", form="%Y-%m-%d %H:%M:%S"),
                             C("Temperature", "number", "degC", "Box"),
                             C("Humidity", "number", "%", "In the box"), C("PM1.0", "number", "ug m-3", "Reading"),
                             C("PM2.5", "number", "ug m-3", "Reading"), C("PM10", "number", "ug m-3", "Reading")),
        }, keys={"sites.csv": ("sensor",)}, rhythm="daily", time_zone="UTC"),
        Dataset("weather", "Weather of the region", "Dispersion", {
            "weather_*.csv": (_TIME, C("wind_speed", "number", "m s-1", "Mean at 10 m"),
                              C("wind_from", "number", "degree", "Direction that the wind comes from"),
                              C("air_temperature", "number", "degC", "At 2 m"),
                              C("pasquill_class", "text", "", "A to F", words=STABILITY_CLASSES),
                              C("mixing_height", "number", "m", "Mixing")),
        }, rhythm="daily", time_zone="UTC"),
        Dataset("energy", "Half-hourly domestic electricity by MSOA", "Carbon of homes", {
            "electricity_*.csv": (_TIME, C("*", "number", "kWh", "Drawn in the half hour, a column an MSOA; at most "
                                           "what the whole region draws", 0, 1e6)),
        }, tier="shared", rhythm="daily", time_zone="UTC"),
        Dataset("services", "Surgeries, hospitals and jobs", "Access to services", {
            "*.csv": (C("service", "text", "", "Id"), C("name", "text", "", "Name"),
                      C("kind", "text", "", "gp, hospital or employment", words=SERVICE_KINDS), *_XY,
                      C("capacity", "number", "1", "Doctors, beds or jobs", 0),
                      C("emergency_department", "integer", "1", "1: a hospital that has one, else 0", 0, 1)),
        }, keys={"*.csv": ("service",)}),
        Dataset("bus", "Bus timetable", "Bus priority, access by bus", {
            "stops.txt": (C("stop_id", "text", "", "Id"), C("stop_name", "text", "", "Name"),
                          C("stop_lat", "number", "degree", "WGS84"), C("stop_lon", "number", "degree", "WGS84")),
            "routes.txt": (C("route_id", "text", "", "Id"), C("route_short_name", "text", "", "Number")),
            "trips.txt": (C("route_id", "text", "", "Route"), C("service_id", "text", "", "Days"),
                          C("trip_id", "text", "", "Id")),
            "stop_times.txt": (C("trip_id", "text", "", "Trip"), C("stop_id", "text", "", "Stop"),
                               C("arrival_time", "text", "", "HH:MM:SS, beyond 24:00:00 after midnight"),
                               C("departure_time", "text", "", "HH:MM:SS"),
                               C("stop_sequence", "integer", "1", "Order of the stops")),
            "calendar.txt": (C("service_id", "text", "", "Id"), *(C(d, "integer", "1", f"1: runs on {d.title()}s")
                                                                   for d in WEEK)),
        }, extra={"standard": "GTFS in one ZIP; shapes.txt and frequencies.txt where there are any"}),
        Dataset("road_traffic", "Published road traffic by district", "Scale demand to the region, compare districts",
                {"*.csv": (C("local_authority_code", "text", "", "Code of the district"),
                           C("year", "integer", "1", "Calendar year"),
                           C("all_motor_vehicles", "number", "mile/year", "Vehicle-miles in the year", 0))},
                optional=True),
        Dataset("territorial_co2", "Published CO2 by district and sector", "Compare the roads' CO2",
                {"*.csv": (C("yr", "integer", "1", "Calendar year"), C("geography_code", "text", "", "District's code"),
                           C("sector", "text", "", "Sector, by the owner's name"),
                           C("CO2", "number", "kt/year", "CO2; below 0 where land takes it up"))},
                optional=True),
        Dataset("msoa_electricity", "Published domestic electricity by MSOA", "Compare the homes' electricity",
                {"*.csv": _ELECTRICITY}, keys={"*.csv": (_ELECTRICITY[0].name,)}, optional=True),
        Dataset("msoa_electricity_before", "The same of an earlier year", "Tell a year's change from an error",
                {"*.csv": _ELECTRICITY}, keys={"*.csv": (_ELECTRICITY[0].name,)}, optional=True),
        Dataset("vehicles", "Registered vehicles by MSOA", "How many vehicles there are, and how many plug in",
                {"*.csv": (C("MSOA21CD", "text", "", "Code of the MSOA (2021)"),
                           C("LAD22CD", "text", "", "Code of the district"),
                           C("TotHhold", "integer", "1", "Households", 0),
                           C("VehsReg", "integer", "1", "Vehicles", 0),
                           C("EVReg", "integer", "1", "Of them electric", 0))},
                keys={"*.csv": ("MSOA21CD",)}, optional=True),
        Dataset("point_sources", "Large emitters of CO2", "Industry beside the roads",
                {"*.csv": (C("period", "integer", "1", "Calendar year"), C("site", "text", "", "Place"),
                           C("operator", "text", "", "Operator"), C("sector", "text", "", "Sector"),
                           C("value", "number", "t/year", "CO2", 0), C("unit", "text", "", "Tonnes"),
                           C("area_code", "text", "", "District's code"), C("lon", "number", "degree", "WGS84"),
                           C("lat", "number", "degree", "WGS84"))}, optional=True),
        Dataset("area_changes", "Small areas of 2011 and of 2021", "Join figures of both censuses",
                {"*.csv": (C("lsoa11_code", "text", "", "Area of 2011"), C("lsoa21_code", "text", "", "Area of 2021"),
                           C("change_code", "text", "", "U unchanged, S split, M merged, X irregular",
                             words=("U", "S", "M", "X")))},
                keys={"*.csv": ("lsoa11_code", "lsoa21_code")}, optional=True),
        Dataset("indicators", "Indicators behind the index of deprivation", "What the index is made of",
                {"*.csv": (C("lsoa11_code", "text", "", "Area"), C("*", "number", "", "A column an indicator"))},
                keys={"*.csv": ("lsoa11_code",)}, optional=True),
        Dataset("trunk_roads", "Motorways and trunk roads", "In the place of generated ones", {
            "*.gpkg": (C("sect_label", "text", "", "Id of the section"), C("roa_number", "text", "", "Road"),
                       C("class_name", "text", "", "M or A"), C("sec_length", "number", "m", "Length"),
                       C("funct_name", "text", "", "Main Carriageway, Slip Road, Roundabout or Ox Bow Lay-by"),
                       C("direc_code", "text", "", "Direction of travel"), C("perm_lanes", "number", "1", "Lanes"),
                       C("dual_name", "text", "", "Dual or single carriageway, one or two ways")),
        }, optional=True),
        Dataset("trunk_junctions", "Junctions of the trunk roads", "Check that they lead from each to the next",
                {"*.csv": (C("LinkRef", "text", "", "Id"), C("StartJunction", "text", "", "Name"),
                           C("EndJunction", "text", "", "Name"), C("StartX", "number", "m", "EPSG:27700"),
                           C("StartY", "number", "m", "EPSG:27700"), C("EndX", "number", "m", "EPSG:27700"),
                           C("EndY", "number", "m", "EPSG:27700"))},
                keys={"*.csv": ("LinkRef",)}, optional=True),
        Dataset("deprivation_latest", "A later index of multiple deprivation", "Ranks of the areas of 2021",
                {"*.csv": (C("lsoa21_code", "text", "", "Code of the area of 2021"),
                           C("IMD_rank", "integer", "1", "National rank, 1 = most deprived", 1))},
                keys={"*.csv": ("lsoa21_code",)}, optional=True),
    )
}  # fmt: skip
"""Every dataset of the spine by identifier."""
