"""Variables of the spine's stores: what the feeds bring, one row a variable."""

from __future__ import annotations

from typing import Any

from lcr_hpc.store.variables.variable import (
    QUALITY_FLAGS,
    ROAD_CLASSES,
    SENSOR_KINDS,
    SERVICE_KINDS,
    STABILITY_CLASSES,
    flags,
)
from lcr_hpc.store.variables.variable import Variable as V


def _at(places: str, **attrs: Any) -> dict[str, Any]:
    """CF attributes of a variable of sites and times."""
    return {"coordinates": places, "grid_mapping": "crs", **attrs}


def _quality(places: str) -> dict[str, Any]:
    return _at(places, standard_name="quality_flag", **flags(*QUALITY_FLAGS))


_ID = {"cf_role": "timeseries_id", "standard_name": "platform_id"}
_X = {"standard_name": "projection_x_coordinate", "axis": "X"}
_Y = {"standard_name": "projection_y_coordinate", "axis": "Y"}
_T = {"standard_name": "time", "axis": "T", "calendar": "standard"}
_DETECTOR_XY, _SENSOR_XY, _MSOA_XY = "detector_x detector_y", "sensor_x sensor_y", "msoa_x msoa_y"
_REGION_XY = "region region_x region_y"
_BRITISH_GRID = {
    "grid_mapping_name": "transverse_mercator",
    "longitude_of_central_meridian": -2.0,
    "latitude_of_projection_origin": 49.0,
    "scale_factor_at_central_meridian": 0.9996012717,
    "false_easting": 400000.0,
    "false_northing": -100000.0,
    "semi_major_axis": 6377563.396,
    "inverse_flattening": 299.3249646,
}
_SOURCE = "Index into `source`: which table of the dataset the value is from; -1 = no observation"
_DAY = {"time": 24}
_SITES = {"time": 24, "detector": 4096, "sensor": 4096, "msoa": 4096}

# fmt: off
_CRS = V("crs", (), "int32", "1", "EPSG code of the coordinates, which the attributes describe", attrs=_BRITISH_GRID)
_TABLES = V("source", ("source",), "str", "", "Tables of the dataset, by the pattern of their files")
AREAS = (
    V("area", ("area",), "str", "", "ONS code of the small area (LSOA); the store's `vintage` attribute says which census"),
    V("area_name", ("area",), "str", "", "Published name of the area"),
    V("area_x", ("area",), "float64", "m", "Easting of the area's population point, EPSG:27700"),
    V("area_y", ("area",), "float64", "m", "Northing of the area's population point, EPSG:27700"),
    V("area_msoa", ("area",), "int32", "1", "Index into `msoa` of the middle-layer area that holds this area"),
    V("area_district", ("area",), "int16", "1", "Index into `district` of the local authority that holds this area"),
    V("msoa", ("msoa",), "str", "", "ONS code of the middle-layer super output area (MSOA)"),
    V("msoa_name", ("msoa",), "str", "", "Published name of the MSOA"),
    V("district", ("district",), "str", "", "ONS code of the local-authority district"),
    V("district_name", ("district",), "str", "", "Name of the district"),
    V("age", ("age",), "int16", "years", "Single year of age; the last is that age and over"),
    V("population", ("area", "age"), "int32", "persons", "Usual residents by single year of age"),
    V("deprivation_rank", ("area",), "int32", "1", "National rank of multiple deprivation, 1 = most deprived; `n_ranked` says of how many"),
    V("deprivation_domain", ("deprivation_domain",), "str", "", "Further ranks of the deprivation feed, as its columns are called: Income_rank …"),
    V("domain_rank", ("area", "deprivation_domain"), "int32", "1", "National rank in that domain, 1 = most deprived; -1 = not known"),
    V("boundary_x", ("vertex",), "float64", "m", "Easting of boundary vertices, ring after ring, EPSG:27700"),
    V("boundary_y", ("vertex",), "float64", "m", "Northing of boundary vertices, ring after ring, EPSG:27700"),
    V("boundary_ring_offset", ("ring_edge",), "int64", "1", "First vertex of each ring, and one past the last"),
    V("boundary_polygon_offset", ("polygon_edge",), "int64", "1", "First ring of each polygon, and one past the last"),
    V("boundary_area_offset", ("area_edge",), "int64", "1", "First polygon of each area, and one past the last"),
)
MORTALITY = (
    V("msoa", ("msoa",), "str", "", "ONS code of the MSOA, in the order of the areas store"),
    V("age_band", ("age_band",), "int16", "years", "First year of the age band: 0, 1, 5, 10 … 90"),
    V("deaths", ("msoa", "age_band"), "int32", "persons", "Deaths by age band over the years that the `observation_years` attribute counts"),
    V("death_cause", ("death_cause",), "str", "", "Causes of death that are counted apart; none without the feed `deaths_by_cause`"),
    V("deaths_by_cause", ("msoa", "age_band", "death_cause"), "int32", "persons", "Deaths of these causes over the same years; part of `deaths`, and of each other where causes overlap"),
    V("published_life_expectancy", ("msoa",), "float64", "years", "Published life expectancy at birth, persons; NaN = none in the feed"),
)
NETWORK = (
    V("zone", ("zone",), "str", "", "Code of the zone: areas in the order of the areas store, then gates, where traffic enters and leaves the region"),
    V("node", ("node",), "int64", "1", "Source id of the node; the first `n_zones` nodes are the zones in their order"),
    V("node_x", ("node",), "float64", "m", "Easting, EPSG:27700"),
    V("node_y", ("node",), "float64", "m", "Northing, EPSG:27700"),
    V("link", ("link",), "int64", "1", "Source id of the directed link"),
    V("from_node", ("link",), "int32", "1", "Index of the node where the link starts"),
    V("to_node", ("link",), "int32", "1", "Index of the node where the link ends"),
    V("length_m", ("link",), "float64", "m", "Length along the road"),
    V("free_flow_time_min", ("link",), "float64", "min", "Travel time on the empty link"),
    V("capacity_veh_h", ("link",), "float64", "veh/h", "Capacity of all lanes of the link's direction"),
    V("bpr_b", ("link",), "float64", "1", "BPR coefficient: time = free-flow time x (1 + b (flow/capacity)^power)"),
    V("bpr_power", ("link",), "float64", "1", "BPR power"),
    V("lanes", ("link",), "int8", "1", "Lanes in the link's direction"),
    V("road_class", ("link",), "int8", "1", "Class of the road", attrs=flags(*ROAD_CLASSES)),
    V("road_name", ("link",), "str", "", "Name of the road in the feed, such as M62; empty = none"),
    V("link_district", ("link",), "int16", "1", "Index into the areas store's `district` of the link's midpoint; -1 = outside"),
)
DEMAND = (
    V("origin_offset", ("origin_edge",), "int64", "1", "First entry of each origin zone, and one past the last (CSR)"),
    V("destination", ("od",), "int32", "1", "Destination zone of the entry, an index into the network store's `zone`, ascending within its origin"),
    V("trips_veh_day", ("purpose", "od"), "float64", "veh/day", "Vehicle trips of an average weekday by purpose"),
    V("purpose", ("purpose",), "str", "", "Purpose of the trip"),
    V("day_type", ("day_type",), "str", "", "weekday (bank holidays count as sunday), saturday, sunday"),
    V("hourly_share", ("day_type", "purpose", "hour_of_day"), "float64", "1", "Trips that depart in the local clock hour, as a share of the weekday total"),
)
COUNTS = (
    V("time", ("time",), "int64", "hours since 1970-01-01T00:00:00Z", "Start of the hour, UTC", attrs=_T),
    V("detector", ("detector",), "str", "", "Source id of the detector", attrs=_ID),
    V("detector_link", ("detector",), "int64", "1", "Source id of the link that it counts"),
    V("detector_x", ("detector",), "float64", "m", "Easting, EPSG:27700", attrs=_X),
    V("detector_y", ("detector",), "float64", "m", "Northing, EPSG:27700", attrs=_Y),
    _CRS, _TABLES,
    V("flow_veh_h", ("time", "detector"), "float32", "veh/h", "Counted vehicles in the hour; NaN = no observation. A count has at most five digits, so float32 is exact", shard=_SITES, attrs=_at(_DETECTOR_XY, ancillary_variables="flow_flag flow_source")),
    V("flow_flag", ("time", "detector"), "int8", "1", "Quality of the count", shard=_SITES, fill=1, attrs=_quality(_DETECTOR_XY)),
    V("flow_source", ("time", "detector"), "int8", "1", _SOURCE, shard=_SITES, attrs=_at(_DETECTOR_XY)),
)
AIR = (
    V("time", ("time",), "int64", "hours since 1970-01-01T00:00:00Z", "Start of the hour, UTC", attrs=_T),
    V("sensor", ("sensor",), "str", "", "Source id of the sensor or station", attrs=_ID),
    V("sensor_x", ("sensor",), "float64", "m", "Easting, EPSG:27700", attrs=_X),
    V("sensor_y", ("sensor",), "float64", "m", "Northing, EPSG:27700", attrs=_Y),
    V("sensor_kind", ("sensor",), "int8", "1", "Kind of site", attrs=flags(*SENSOR_KINDS)),
    V("pollutant", ("pollutant",), "str", "", "NOx (as NO2) or PM2.5"),
    _CRS, _TABLES,
    V("concentration_ug_m3", ("time", "sensor", "pollutant"), "float32", "ug m-3", "Hourly mean concentration; NaN = no observation. Instruments resolve 0.1, so float32 is enough", shard=_SITES, attrs=_at(_SENSOR_XY, ancillary_variables="concentration_flag concentration_source")),
    V("concentration_flag", ("time", "sensor", "pollutant"), "int8", "1", "Quality of the value", shard=_SITES, fill=1, attrs=_quality(_SENSOR_XY)),
    V("concentration_source", ("time", "sensor", "pollutant"), "int8", "1", _SOURCE, shard=_SITES, attrs=_at(_SENSOR_XY)),
)
WEATHER = (
    V("time", ("time",), "int64", "hours since 1970-01-01T00:00:00Z", "Start of the hour, UTC", attrs=_T),
    _CRS,
    V("region", (), "str", "", "Name of the one site: the region", attrs=_ID),
    V("region_x", (), "float64", "m", "Easting of the mean of the areas' population points, EPSG:27700", attrs=_X),
    V("region_y", (), "float64", "m", "Northing of the mean of the areas' population points, EPSG:27700", attrs=_Y),
    V("wind_speed_m_s", ("time",), "float64", "m s-1", "Mean wind speed at 10 m", shard=_DAY, attrs=_at(_REGION_XY, ancillary_variables="wind_speed_flag", standard_name="wind_speed")),
    V("wind_speed_flag", ("time",), "int8", "1", "Quality of the wind speed", shard=_DAY, fill=1, attrs=_quality(_REGION_XY)),
    V("wind_from_deg", ("time",), "float64", "degree", "Direction that the wind comes from, clockwise from north", shard=_DAY, attrs=_at(_REGION_XY, ancillary_variables="wind_from_flag", standard_name="wind_from_direction")),
    V("wind_from_flag", ("time",), "int8", "1", "Quality of the wind direction", shard=_DAY, fill=1, attrs=_quality(_REGION_XY)),
    V("air_temperature_c", ("time",), "float64", "degC", "Air temperature at 2 m", shard=_DAY, attrs=_at(_REGION_XY, ancillary_variables="air_temperature_flag", standard_name="air_temperature")),
    V("air_temperature_flag", ("time",), "int8", "1", "Quality of the temperature", shard=_DAY, fill=1, attrs=_quality(_REGION_XY)),
    V("stability_class", ("time",), "int8", "1", "Pasquill stability class", shard=_DAY, attrs=_at(_REGION_XY, ancillary_variables="stability_flag", **flags(*STABILITY_CLASSES))),
    V("stability_flag", ("time",), "int8", "1", "Quality of the class", shard=_DAY, fill=1, attrs=_quality(_REGION_XY)),
    V("mixing_height_m", ("time",), "float64", "m", "Depth of the mixed layer", shard=_DAY, attrs=_at(_REGION_XY, ancillary_variables="mixing_height_flag", standard_name="atmosphere_boundary_layer_thickness")),
    V("mixing_height_flag", ("time",), "int8", "1", "Quality of the mixing height", shard=_DAY, fill=1, attrs=_quality(_REGION_XY)),
)
ENERGY = (
    V("time", ("time",), "int64", "hours since 1970-01-01T00:00:00Z", "Start of the hour, UTC", attrs=_T),
    V("msoa", ("msoa",), "str", "", "ONS code of the MSOA", attrs=_ID),
    V("msoa_x", ("msoa",), "float64", "m", "Easting of the mean of its areas' population points, EPSG:27700", attrs=_X),
    V("msoa_y", ("msoa",), "float64", "m", "Northing of the mean of its areas' population points, EPSG:27700", attrs=_Y),
    _CRS, _TABLES,
    V("electricity_kwh", ("time", "msoa"), "float64", "kWh", "Domestic electricity drawn in the hour", shard=_SITES, attrs=_at(_MSOA_XY, ancillary_variables="electricity_flag electricity_source", cell_methods="time: sum")),
    V("electricity_flag", ("time", "msoa"), "int8", "1", "Quality of the value", shard=_SITES, fill=1, attrs=_quality(_MSOA_XY)),
    V("electricity_source", ("time", "msoa"), "int8", "1", _SOURCE, shard=_SITES, attrs=_at(_MSOA_XY)),
)
SERVICES = (
    V("service", ("service",), "str", "", "Source id of the site"),
    V("service_name", ("service",), "str", "", "Name of the site"),
    V("service_kind", ("service",), "int8", "1", "What it offers", attrs=flags(*SERVICE_KINDS)),
    V("service_x", ("service",), "float64", "m", "Easting, EPSG:27700"),
    V("service_y", ("service",), "float64", "m", "Northing, EPSG:27700"),
    V("capacity", ("service",), "float64", "1", "Doctors of a practice, beds of a hospital, jobs of an employment site"),
    V("emergency_department", ("service",), "int8", "1", "1 = a hospital with an emergency department, else 0"),
)
BUS = (
    V("route", ("pattern",), "str", "", "Id of the route; a pattern is one direction of it"),
    V("route_name", ("pattern",), "str", "", "Number or name that passengers know"),
    V("direction", ("pattern",), "int8", "1", "0 = outbound, 1 = inbound"),
    V("day_type", ("day_type",), "str", "", "weekday, saturday, sunday; bank holidays run as sunday"),
    V("headway_min", ("pattern", "day_type", "hour_of_day"), "float64", "min", "Minutes between buses that leave the first stop in the local clock hour; NaN = none"),
    V("running_time_min", ("pattern",), "float64", "min", "Scheduled time from the first stop to the last"),
    V("stop", ("stop",), "str", "", "Source id of the stop"),
    V("stop_name", ("stop",), "str", "", "Name of the stop"),
    V("stop_x", ("stop",), "float64", "m", "Easting, EPSG:27700"),
    V("stop_y", ("stop",), "float64", "m", "Northing, EPSG:27700"),
    V("stop_offset", ("pattern_edge",), "int64", "1", "First entry of each pattern in `pattern_stop`, and one past the last"),
    V("pattern_stop", ("call",), "int32", "1", "Index into `stop`, in the order of calling"),
    V("link_offset", ("pattern_edge",), "int64", "1", "First entry of each pattern in `pattern_link`, and one past the last"),
    V("pattern_link", ("passage",), "int32", "1", "Index into the network store's `link`, in the order of driving"),
)
PEOPLE = (
    V("characteristic", ("characteristic",), "str", "", "What residents are told apart by beside age: sex, disability; none without the feed `people_groups`"),
    V("category", ("category",), "str", "", "Categories of the characteristics, all of one and then those of the next"),
    V("category_of", ("category",), "int8", "1", "Index into `characteristic`"),
    V("persons", ("area", "category"), "int32", "persons", "Residents of each category, as published: their sum may be of another year than `population`"),
    V("sample_age", ("sample",), "int16", "years", "First age of the row's people"),
    V("sample_category", ("sample", "characteristic"), "int16", "1", "Index into `category`"),
    V("sample_persons", ("sample",), "float64", "persons", "Persons or weight of the row: how characteristics go together with age and each other"),
)
REFERENCE = (
    V("figure", ("figure",), "str", "", "What was published: road_traffic, domestic_electricity, vehicles, `co2: …` by sector"),
    V("figure_place", ("figure",), "str", "", "ONS code of the district or MSOA that it is of"),
    V("figure_year", ("figure",), "int16", "1", "Calendar year that it is of; -1 = the source does not say"),
    V("figure_value", ("figure",), "float64", "1", "The figure, in `figure_units`"),
    V("figure_units", ("figure",), "str", "", "Unit of the figure"),
    V("figure_dataset", ("figure",), "str", "", "Dataset of the catalogue that it comes from"),
    V("change", ("change",), "str", "", "What became of the small area of 2011 in 2021: unchanged, split, merged or irregular"),
    V("change_area11", ("change",), "str", "", "ONS code of the small area of 2011"),
    V("change_area21", ("change",), "str", "", "ONS code of the small area of 2021"),
    V("change_rank21", ("change",), "int32", "1", "National rank of the 2021 area in the latest index of deprivation, 1 = most deprived; -1 = none"),
    V("indicator", ("indicator",), "str", "", "Published indicator of deprivation, by its owner's name"),
    V("indicator_value", ("area", "indicator"), "float64", "1", "Its value in the night's areas, in the owner's unit; NaN = none"),
    V("site", ("site",), "str", "", "Place of a large emitter"),
    V("site_operator", ("site",), "str", "", "Who runs it"),
    V("site_sector", ("site",), "str", "", "Its sector, by the inventory's name"),
    V("site_x", ("site",), "float64", "m", "Easting, EPSG:27700"),
    V("site_y", ("site",), "float64", "m", "Northing, EPSG:27700"),
    V("site_district", ("site",), "int16", "1", "Index into the areas store's `district`, as published; -1 = none of them"),
    V("site_year", ("site",), "int16", "1", "Calendar year of its emission"),
    V("site_co2_t_year", ("site",), "float64", "t/year", "CO2 that it emitted"),
)
