"""The datasets of the spine and the tables that they are made of: what a feed must have to be read.

A column named `*` stands for one column a site. `dataset.json` repeats these tables, so that a feed explains itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Column:
    """One column of a feed's table."""

    name: str
    type: str
    """text, integer, number or time"""
    units: str
    meaning: str


@dataclass(frozen=True)
class Dataset:
    """One dataset: a folder of `incoming/`."""

    identifier: str
    title: str
    purpose: str
    tables: Mapping[str, tuple[Column, ...]]
    """Columns by file pattern."""
    optional: bool = False
    tier: str = "open"
    rhythm: str = "once"
    time_zone: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def daily(self) -> bool:
        """Whether its files are observations of days."""
        return self.rhythm == "daily"


GATE = "gate"
"""`node_type` of a zone beyond the areas"""

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

C = Column
_NAME = C("lsoa11_name", "text", "", "Name of the area: its MSOA's name and a letter")
_CODE = C("lsoa11_code", "text", "", "Code of the area")
_XY = (C("easting", "number", "m", "EPSG:27700"), C("northing", "number", "m", "EPSG:27700"))
_TIME = C("time_utc", "time", "", "Start of the interval, UTC, ISO 8601")
_AGES = tuple(C("90+" if a == 90 else str(a), "integer", "persons", f"Residents aged {a}") for a in range(91))
_ELECTRICITY = (
    C("Middle Layer Super Output Area (MSOA) Code", "text", "", "Code of the MSOA"),
    C("Number of meters", "integer", "1", "Domestic meters"),
    C("Consumption (kWh)", "number", "kWh/year", "Metered in the year"),
)

DATASETS: dict[str, Dataset] = {
    d.identifier: d
    for d in (
        Dataset("boundaries", "Boundaries of the small areas", "Where people live: maps, zones, exposure",
                {"*.gpkg": (_NAME, _CODE)}),
        Dataset("lookup", "Small areas to middle-layer areas", "Join figures that are published for larger areas",
                {"*.csv": (_NAME, _CODE, C("msoa11_name", "text", "", "Name of the MSOA"),
                           C("msoa11_code", "text", "", "Code of the MSOA"))}),
        Dataset("population", "Residents by single year of age", "Exposure, burden, trips",
                {"*.csv": (_NAME, _CODE, C("total_population", "integer", "persons", "All residents"), *_AGES)}),
        Dataset("deprivation", "Index of multiple deprivation", "Inequality along deprivation",
                {"*.csv": (_CODE, C("IMD_rank", "integer", "1", "National rank, 1 = most deprived"))}),
        Dataset("life_expectancy", "Published life expectancy at birth", "Inequality of life expectancy",
                {"*.csv": (C("msoa11cd", "text", "", "Code of the MSOA"),
                           C("simple_average_2009_2013", "number", "years", "Life expectancy at birth, persons"))},
                optional=True),
        Dataset("mortality", "Deaths by MSOA and age band", "Life expectancy and burden",
                {"*.csv": (C("msoa11_code", "text", "", "Code of the MSOA"),
                           C("age_band", "integer", "years", "First year of the band: 0, 1, 5 … 90"),
                           C("first_year", "integer", "1", "First calendar year counted"),
                           C("last_year", "integer", "1", "Last calendar year counted"),
                           C("deaths", "integer", "persons", "Deaths over those years"))},
                ),
        Dataset("deaths_by_cause", "Deaths by cause, MSOA and age band", "Burden of one cause of death",
                {"*.csv": (C("msoa11_code", "text", "", "Code of the MSOA"),
                           C("cause", "text", "", "As configs/coefficients/relative_risk.csv calls its endpoint, "
                             "without the word mortality: respiratory, lung cancer …"),
                           C("age_band", "integer", "years", "First year of the band: 0, 1, 5 … 90"),
                           C("first_year", "integer", "1", "First calendar year counted, as in `mortality`"),
                           C("last_year", "integer", "1", "Last calendar year counted, as in `mortality`"),
                           C("deaths", "integer", "persons", "Deaths of the cause over those years"))},
                optional=True),
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
                         C("directed", "integer", "1", "1: a row a direction"), C("length", "number", "km", "Length"),
                         C("facility_type", "text", "", "connector, motorway, a_road or minor_road"),
                         C("capacity", "number", "veh/h", "Capacity of a lane"),
                         C("free_speed", "number", "km/h", "Speed on the empty road"),
                         C("lanes", "integer", "1", "Lanes in this direction"),
                         C("vdf_alpha", "number", "1", "BPR coefficient"), C("vdf_beta", "number", "1", "BPR power")),
        }, extra={"standard": "GMNS; config.csv gives its units, the optional column `name` of link.csv roads' names"}),
        Dataset("demand", "Vehicle trips by purpose", "Traffic assignment", {
            "od.parquet": (C("origin", "text", "", "Area or gate"), C("destination", "text", "", "Area or gate"),
                           C("home_to_work", "number", "veh/day", "Average weekday"),
                           C("work_to_home", "number", "veh/day", "Average weekday"),
                           C("other", "number", "veh/day", "Average weekday")),
            "profile.csv": (C("day_type", "text", "", "weekday, saturday, sunday"), C("purpose", "text", "", "Purpose"),
                            C("hour", "integer", "h", "Local clock hour"),
                            C("share", "number", "1", "Departures as a share of the weekday total")),
        }),
        Dataset("counts", "Traffic detectors", "Compare the assignment with counted traffic", {
            "detectors.csv": (C("detector", "text", "", "Id"), C("link_id", "integer", "1", "Link counted"), *_XY),
            "counts_*.csv": (_TIME, C("*", "number", "veh/h", "Vehicles in the hour, a column a detector")),
        }, rhythm="daily", time_zone="UTC"),
        Dataset("air", "Air quality stations and sensors", "Background concentrations and comparison", {
            "sites.csv": (C("sensor", "text", "", "Id"), C("name", "text", "", "Name"),
                          C("kind", "text", "", "background, roadside or low_cost"),
                          C("latitude", "number", "degree", "WGS84"), C("longitude", "number", "degree", "WGS84")),
            "station_*.csv": (C("Date", "text", "", "Day, UTC"), C("Time", "text", "", "Hour's end, 01:00 to 24:00"),
                               C("NOx", "number", "ug m-3", "As NO2; `No data` = none"),
                              C("PM2.5", "number", "ug m-3", "`No data` = none")),
            "sensor_*.csv": (C("Date & Time", "time", "", "UTC, any step"), C("Temperature", "number", "degC", "Box"),
                             C("Humidity", "number", "%", "In the box"), C("PM1.0", "number", "ug m-3", "Reading"),
                             C("PM2.5", "number", "ug m-3", "Reading"), C("PM10", "number", "ug m-3", "Reading")),
        }, rhythm="daily", time_zone="UTC"),
        Dataset("weather", "Weather of the region", "Dispersion", {
            "weather_*.csv": (_TIME, C("wind_speed", "number", "m s-1", "Mean at 10 m"),
                              C("wind_from", "number", "degree", "Direction that the wind comes from"),
                              C("air_temperature", "number", "degC", "At 2 m"),
                              C("pasquill_class", "text", "", "A to F"), C("mixing_height", "number", "m", "Mixing")),
        }, rhythm="daily", time_zone="UTC"),
        Dataset("energy", "Half-hourly domestic electricity by MSOA", "Carbon of homes", {
            "electricity_*.csv": (_TIME, C("*", "number", "kWh", "Drawn in the half hour, a column an MSOA")),
        }, tier="shared", rhythm="daily", time_zone="UTC"),
        Dataset("services", "Surgeries, hospitals and jobs", "Access to services", {
            "*.csv": (C("service", "text", "", "Id"), C("name", "text", "", "Name"),
                      C("kind", "text", "", "gp, hospital or employment"), *_XY,
                      C("capacity", "number", "1", "Doctors, beds or jobs"),
                      C("emergency_department", "integer", "1", "1: a hospital that has one, else 0")),
        }),
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
                           C("all_motor_vehicles", "number", "mile/year", "Vehicle-miles in the year"))},
                optional=True),
        Dataset("territorial_co2", "Published CO2 by district and sector", "Compare the roads' CO2",
                {"*.csv": (C("yr", "integer", "1", "Calendar year"), C("geography_code", "text", "", "District's code"),
                           C("sector", "text", "", "Sector, by the owner's name"),
                           C("CO2", "number", "kt/year", "CO2; below 0 where land takes it up"))},
                optional=True),
        Dataset("msoa_electricity", "Published domestic electricity by MSOA", "Compare the homes' electricity",
                {"*.csv": _ELECTRICITY}, optional=True),
        Dataset("msoa_electricity_before", "The same of an earlier year", "Tell a year's change from an error",
                {"*.csv": _ELECTRICITY}, optional=True),
        Dataset("vehicles", "Registered vehicles by MSOA", "How many vehicles there are, and how many plug in",
                {"*.csv": (C("MSOA21CD", "text", "", "Code of the MSOA (2021)"),
                           C("LAD22CD", "text", "", "Code of the district"),
                           C("TotHhold", "integer", "1", "Households"), C("VehsReg", "integer", "1", "Vehicles"),
                           C("EVReg", "integer", "1", "Of them electric"))}, optional=True),
        Dataset("point_sources", "Large emitters of CO2", "Industry beside the roads",
                {"*.csv": (C("period", "integer", "1", "Calendar year"), C("site", "text", "", "Place"),
                           C("operator", "text", "", "Operator"), C("sector", "text", "", "Sector"),
                           C("value", "number", "t/year", "CO2"), C("unit", "text", "", "Tonnes"),
                           C("area_code", "text", "", "District's code"), C("lon", "number", "degree", "WGS84"),
                           C("lat", "number", "degree", "WGS84"))}, optional=True),
        Dataset("area_changes", "Small areas of 2011 and of 2021", "Join figures of both censuses",
                {"*.csv": (C("lsoa11_code", "text", "", "Area of 2011"), C("lsoa21_code", "text", "", "Area of 2021"),
                           C("change_code", "text", "", "U unchanged, S split, M merged, X irregular"))},
                optional=True),
        Dataset("indicators", "Indicators behind the index of deprivation", "What the index is made of",
                {"*.csv": (C("lsoa11_code", "text", "", "Area"), C("*", "number", "", "A column an indicator"))},
                optional=True),
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
                           C("EndY", "number", "m", "EPSG:27700"))}, optional=True),
        Dataset("deprivation_latest", "A later index of multiple deprivation", "Ranks of the areas of 2021",
                {"*.csv": (C("lsoa21_code", "text", "", "Code of the area of 2021"),
                           C("IMD_rank", "integer", "1", "National rank, 1 = most deprived"))}, optional=True),
    )
}  # fmt: skip
"""Every dataset of the spine by identifier."""
