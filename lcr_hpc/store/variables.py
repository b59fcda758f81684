"""The data dictionary: every variable that a store may hold, said once.

Writers and readers both check against it (`lcr_hpc.store.slabs`), and docs/data-dictionary.md is made from it.
A dimension's shard is the unit of ownership: one writer at a time, whole shards only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lcr_hpc.errors import StoreError

TIERS = ("open", "shared", "closed")
"""Access tiers, from the least to the most strict."""


@dataclass(frozen=True)
class Variable:
    """One variable of one store.

    Parameters
    ----------
    name : str
        The field's standard noun, with its unit where it would be bare.
    dims : tuple of str
        Dimensions in storage order.
    dtype : str
        NumPy dtype, or "str" for UTF-8 text of any length.
    units : str
        CF units; "1" for counts, indices and fractions, "" for text.
    meaning : str
        One sentence for the dictionary, with the sign, the rank direction and what NaN stands for.
    fill : object, optional
        What a cell holds that was never written; by default NaN, -1 or "".
    shard : mapping of str to int, optional
        Cells a shard spans along a dimension; a dimension not named is one shard.
    attrs : mapping, optional
        Further CF attributes (flag_values, flag_meanings, standard_name …).
    """

    name: str
    dims: tuple[str, ...]
    dtype: str
    units: str
    meaning: str
    fill: Any = None
    shard: Mapping[str, int] = field(default_factory=dict)
    attrs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def fill_value(self) -> Any:
        """What a cell holds before it is written."""
        if self.fill is not None:
            return self.fill
        if self.dtype == "str":
            return ""
        return np.nan if np.issubdtype(np.dtype(self.dtype), np.floating) else -1


def _flags(*meanings: str) -> dict[str, Any]:
    return {"flag_values": list(range(len(meanings))), "flag_meanings": " ".join(meanings)}


ROAD_CLASSES = ("connector", "motorway", "a_road", "minor_road")
QUALITY_FLAGS = ("good", "missing", "sentinel", "out_of_range", "stuck", "spike", "clock_jump")
SENSOR_KINDS = ("background", "roadside", "low_cost")
SERVICE_KINDS = ("gp", "hospital", "employment")
STABILITY_CLASSES = ("A", "B", "C", "D", "E", "F")
DAY_TYPES = ("weekday", "saturday", "sunday")
PURPOSES = ("home_to_work", "work_to_home", "other")


def _at(places: str, **attrs: Any) -> dict[str, Any]:
    """CF attributes of a variable of sites and times."""
    return {"coordinates": places, "grid_mapping": "crs", **attrs}


def _quality(places: str) -> dict[str, Any]:
    return _at(places, standard_name="quality_flag", **_flags(*QUALITY_FLAGS))


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
V = Variable
_CRS = V("crs", (), "int32", "1", "EPSG code of the coordinates, which the attributes describe", attrs=_BRITISH_GRID)
_TABLES = V("source", ("source",), "str", "", "Tables of the dataset, by the pattern of their files")
_AREAS = (
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
    V("boundary_x", ("vertex",), "float64", "m", "Easting of boundary vertices, ring after ring, EPSG:27700"),
    V("boundary_y", ("vertex",), "float64", "m", "Northing of boundary vertices, ring after ring, EPSG:27700"),
    V("boundary_ring_offset", ("ring_edge",), "int64", "1", "First vertex of each ring, and one past the last"),
    V("boundary_polygon_offset", ("polygon_edge",), "int64", "1", "First ring of each polygon, and one past the last"),
    V("boundary_area_offset", ("area_edge",), "int64", "1", "First polygon of each area, and one past the last"),
)
_MORTALITY = (
    V("msoa", ("msoa",), "str", "", "ONS code of the MSOA, in the order of the areas store"),
    V("age_band", ("age_band",), "int16", "years", "First year of the age band: 0, 1, 5, 10 … 90"),
    V("deaths", ("msoa", "age_band"), "int32", "persons", "Deaths by age band over the years that the `observation_years` attribute counts"),
    V("published_life_expectancy", ("msoa",), "float64", "years", "Published life expectancy at birth, persons; NaN = none in the feed"),
)
_NETWORK = (
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
    V("road_class", ("link",), "int8", "1", "Class of the road", attrs=_flags(*ROAD_CLASSES)),
    V("link_district", ("link",), "int16", "1", "Index into the areas store's `district` of the link's midpoint; -1 = outside"),
)
_DEMAND = (
    V("origin_offset", ("origin_edge",), "int64", "1", "First entry of each origin zone, and one past the last (CSR)"),
    V("destination", ("od",), "int32", "1", "Destination zone of the entry, an index into the network store's `zone`, ascending within its origin"),
    V("trips_veh_day", ("purpose", "od"), "float64", "veh/day", "Vehicle trips of an average weekday by purpose"),
    V("purpose", ("purpose",), "str", "", "Purpose of the trip"),
    V("day_type", ("day_type",), "str", "", "weekday (bank holidays count as sunday), saturday, sunday"),
    V("hourly_share", ("day_type", "purpose", "hour_of_day"), "float64", "1", "Trips that depart in the local clock hour, as a share of the weekday total"),
)
_COUNTS = (
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
_AIR = (
    V("time", ("time",), "int64", "hours since 1970-01-01T00:00:00Z", "Start of the hour, UTC", attrs=_T),
    V("sensor", ("sensor",), "str", "", "Source id of the sensor or station", attrs=_ID),
    V("sensor_x", ("sensor",), "float64", "m", "Easting, EPSG:27700", attrs=_X),
    V("sensor_y", ("sensor",), "float64", "m", "Northing, EPSG:27700", attrs=_Y),
    V("sensor_kind", ("sensor",), "int8", "1", "Kind of site", attrs=_flags(*SENSOR_KINDS)),
    V("pollutant", ("pollutant",), "str", "", "NOx (as NO2) or PM2.5"),
    _CRS, _TABLES,
    V("concentration_ug_m3", ("time", "sensor", "pollutant"), "float32", "ug m-3", "Hourly mean concentration; NaN = no observation. Instruments resolve 0.1, so float32 is enough", shard=_SITES, attrs=_at(_SENSOR_XY, ancillary_variables="concentration_flag concentration_source")),
    V("concentration_flag", ("time", "sensor", "pollutant"), "int8", "1", "Quality of the value", shard=_SITES, fill=1, attrs=_quality(_SENSOR_XY)),
    V("concentration_source", ("time", "sensor", "pollutant"), "int8", "1", _SOURCE, shard=_SITES, attrs=_at(_SENSOR_XY)),
)
_WEATHER = (
    V("time", ("time",), "int64", "hours since 1970-01-01T00:00:00Z", "Start of the hour, UTC", attrs=_T),
    _CRS,
    V("region", (), "str", "", "Name of the one site: the region", attrs=_ID),
    V("region_x", (), "float64", "m", "Easting of the mean of the areas' population points, EPSG:27700", attrs=_X),
    V("region_y", (), "float64", "m", "Northing of the mean of the areas' population points, EPSG:27700", attrs=_Y),
    V("wind_speed_m_s", ("time",), "float64", "m s-1", "Mean wind speed at 10 m", shard=_DAY, attrs=_at(_REGION_XY, standard_name="wind_speed")),
    V("wind_from_deg", ("time",), "float64", "degree", "Direction that the wind comes from, clockwise from north", shard=_DAY, attrs=_at(_REGION_XY, standard_name="wind_from_direction")),
    V("air_temperature_c", ("time",), "float64", "degC", "Air temperature at 2 m", shard=_DAY, attrs=_at(_REGION_XY, standard_name="air_temperature")),
    V("stability_class", ("time",), "int8", "1", "Pasquill stability class", shard=_DAY, attrs=_at(_REGION_XY, **_flags(*STABILITY_CLASSES))),
    V("mixing_height_m", ("time",), "float64", "m", "Depth of the mixed layer", shard=_DAY, attrs=_at(_REGION_XY, standard_name="atmosphere_boundary_layer_thickness")),
)
_ENERGY = (
    V("time", ("time",), "int64", "hours since 1970-01-01T00:00:00Z", "Start of the hour, UTC", attrs=_T),
    V("msoa", ("msoa",), "str", "", "ONS code of the MSOA", attrs=_ID),
    V("msoa_x", ("msoa",), "float64", "m", "Easting of the mean of its areas' population points, EPSG:27700", attrs=_X),
    V("msoa_y", ("msoa",), "float64", "m", "Northing of the mean of its areas' population points, EPSG:27700", attrs=_Y),
    _CRS, _TABLES,
    V("electricity_kwh", ("time", "msoa"), "float64", "kWh", "Domestic electricity drawn in the hour", shard=_SITES, attrs=_at(_MSOA_XY, ancillary_variables="electricity_flag electricity_source", cell_methods="time: sum")),
    V("electricity_flag", ("time", "msoa"), "int8", "1", "Quality of the value", shard=_SITES, fill=1, attrs=_quality(_MSOA_XY)),
    V("electricity_source", ("time", "msoa"), "int8", "1", _SOURCE, shard=_SITES, attrs=_at(_MSOA_XY)),
)
_SERVICES = (
    V("service", ("service",), "str", "", "Source id of the site"),
    V("service_name", ("service",), "str", "", "Name of the site"),
    V("service_kind", ("service",), "int8", "1", "What it offers", attrs=_flags(*SERVICE_KINDS)),
    V("service_x", ("service",), "float64", "m", "Easting, EPSG:27700"),
    V("service_y", ("service",), "float64", "m", "Northing, EPSG:27700"),
    V("capacity", ("service",), "float64", "1", "Doctors of a practice, beds of a hospital, jobs of an employment site"),
    V("emergency_department", ("service",), "int8", "1", "1 = a hospital with an emergency department, else 0"),
)
_BUS = (
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
_REFERENCE = (
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

_PERIOD = {"period": 1}
_SKIM = {"skim_period": 1, "vehicle_class": 1, "origin": 128}
_TRAFFIC = (
    V("period", ("period",), "str", "", "Label of the part of the day, as configured"),
    V("period_hours", ("period",), "float64", "h", "Local clock hours that the period stands for, in a day of its type"),
    V("period_day_type", ("period",), "int8", "1", "Type of day whose demand was assigned", attrs=_flags(*DAY_TYPES)),
    V("day_type", ("day_type",), "str", "", "weekday (bank holidays count as sunday), saturday, sunday"),
    V("hour_period", ("day_type", "hour_of_day"), "int16", "1", "Index of the period that each local clock hour of each type of day maps to"),
    V("vehicle_class", ("vehicle_class",), "str", "", "User class of the assignment"),
    V("link_flow_veh_h", ("period", "vehicle_class", "link"), "float64", "veh/h", "User-equilibrium flow", shard=_PERIOD),
    V("link_time_min", ("period", "link"), "float64", "min", "Travel time at the equilibrium flow", shard=_PERIOD),
    V("link_speed_km_h", ("period", "link"), "float64", "km/h", "Length over travel time; NaN on links without length or time", shard=_PERIOD),
    V("relative_gap", ("period",), "float64", "1", "1 - shortest-path cost x demand / (link cost x flow), exact", shard=_PERIOD),
    V("beckmann_objective", ("period",), "float64", "veh min/h", "Sum over links of the integral of the link cost", shard=_PERIOD),
    V("iterations", ("period",), "int32", "1", "Iterations of the equilibrium", shard=_PERIOD),
    V("demand_veh_h", ("period",), "float64", "veh/h", "Demand between different zones", shard=_PERIOD),
    V("intrazonal_veh_h", ("period",), "float64", "veh/h", "Demand within a zone; not on the network", shard=_PERIOD),
    V("unreachable_veh_h", ("period",), "float64", "veh/h", "Demand between zones without a path; left out of the flows", shard=_PERIOD),
    V("vehicle_km_h", ("period",), "float64", "km/h", "Vehicle-kilometres per hour on all links but connectors", shard=_PERIOD),
    V("detector", ("detector",), "str", "", "Detectors compared"),
    V("observed_flow_veh_h", ("period", "detector"), "float64", "veh/h", "Mean of the night's good counts in the period; NaN = none, or another type of day", shard=_PERIOD),
    V("modelled_flow_veh_h", ("period", "detector"), "float64", "veh/h", "Equilibrium flow on the detector's link", shard=_PERIOD),
    V("geh", ("period", "detector"), "float64", "1", "GEH statistic, sqrt(2 (m - c)^2 / (m + c)); NaN = no count", shard=_PERIOD),
    V("skim_period", ("skim_period",), "str", "", "Label of each period that has skims"),
    V("skim_time_min", ("skim_period", "vehicle_class", "origin", "destination"), "float32", "min", "Travel time of the path of least cost between zones, in the network's order; 0 from a zone to itself, NaN = no path. Modelled times have three digits, so float32 is enough", shard=_SKIM),
    V("skim_distance_m", ("skim_period", "vehicle_class", "origin", "destination"), "float32", "m", "Length of that path; as skim_time_min", shard=_SKIM),
)
_SKIMS = (
    V("skim_period", ("skim_period",), "str", "", "Always `all`: a file has one demand"),
    V("vehicle_class", ("vehicle_class",), "str", "", "Class of vehicles"),
    V("skim_time_min", ("skim_period", "vehicle_class", "origin", "destination"), "float32", "min", "Travel time of the path of least cost between zones, in the network's order; 0 from a zone to itself, NaN = no path. Modelled times have three digits, so float32 is enough", shard=_SKIM),
    V("skim_cost_min", ("skim_period", "vehicle_class", "origin", "destination"), "float32", "min", "Generalised cost of that path to the class, with toll and distance; as skim_time_min", shard=_SKIM),
    V("skim_toll", ("skim_period", "vehicle_class", "origin", "destination"), "float32", "1", "Toll of that path in the source's money; as skim_time_min", shard=_SKIM),
    V("skim_length", ("skim_period", "vehicle_class", "origin", "destination"), "float32", "1", "Length of that path in the source's unit, of networks from files; as skim_time_min", shard=_SKIM),
)
_HOUR = {"hour": 1}
_BLOCK = {"area": 256}
_ROWS = {"receptor_y": 4}
_CARBON = (
    V("hour", ("hour",), "int64", "hours since 1970-01-01T00:00:00Z", "Start of each hour of the local civil day, UTC: 23, 24 or 25 of them"),
    V("pollutant", ("pollutant",), "str", "", "CO2, NOx (as NO2) and PM2.5 (exhaust and wear)"),
    V("emission_g_h", ("hour", "link", "pollutant"), "float32", "g/h", "Emission of all vehicles on the link. Factors have three digits, so float32 is enough", shard=_HOUR),
    V("emission_t_day", ("pollutant",), "float64", "t/day", "Total of the day over all links"),
    V("district_emission_t_day", ("district", "pollutant"), "float64", "t/day", "Total of the day by district of the link's midpoint"),
    V("outside_emission_t_day", ("pollutant",), "float64", "t/day", "Total of the day on links outside every district"),
    V("road_type", ("road_type",), "str", "", "Class of the road, as the flags of the network's `road_class`"),
    V("class_emission_t_day", ("road_type", "pollutant"), "float64", "t/day", "Total of the day by class of road"),
    V("sector", ("sector",), "str", "", "Sector of the territorial total; a sector without figures is not there"),
    V("sector_basis", ("sector",), "str", "", "CO2, or CO2e where CH4 and N2O are in"),
    V("territory_kt_year", ("district", "sector"), "float64", "kt/year", "Greenhouse gas of a year; electricity where it is used; the manifest says each sector's year and source"),
    V("home_energy_co2e_t_year", ("area",), "float64", "t/year", "CO2e of the gas and electricity of homes: the district's, shared by residents"),
    V("pathway_year", ("pathway_year",), "int32", "1", "Calendar year of the pathway; the first is the base year, the night's"),
    V("pathway_sector", ("pathway_sector",), "str", "", "The territory's sectors, roads by vehicle; charging is the electricity of vehicles that levers make electric"),
    V("pathway_quantile", ("pathway_quantile",), "float64", "1", "Share of the ensemble's members that lie below"),
    V("pathway_factor", ("pathway_factor",), "str", "", "Uncertain input of the pathway: a lever or a parameter"),
    V("pathway_result", ("pathway_result",), "str", "", "cumulative: emissions after the base year; residual: emissions of the last year"),
    V("pathway_kt_year", ("pathway_year", "pathway_sector", "pathway_quantile"), "float64", "kt/year", "Greenhouse gas of the region along the pathways of the ensemble: what follows from assumed levers, no forecast"),
    V("pathway_total_kt_year", ("pathway_year", "pathway_quantile"), "float64", "kt/year", "The same for all sectors together; not the sum of their quantiles"),
    V("pathway_central_kt_year", ("pathway_year", "district", "pathway_sector"), "float64", "kt/year", "Greenhouse gas with every lever and parameter at its likeliest value"),
    V("pathway_first_order", ("pathway_result", "pathway_factor"), "float64", "1", "Share of the result's variance that goes when the input is known; NaN = the result does not vary"),
    V("pathway_total_order", ("pathway_result", "pathway_factor"), "float64", "1", "Share of the result's variance that is left when all other inputs are known; NaN = the result does not vary"),
    V("plug_in_co2e_kt_year", ("district",), "float64", "kt/year", "CO2e of the electricity that plug-in cars draw; part of the electricity of homes and industry, not of road"),
    V("x", ("x",), "float64", "m", "Easting of the cell's centre, EPSG:27700"),
    V("y", ("y",), "float64", "m", "Northing of the cell's centre, EPSG:27700"),
    V("gridded_emission_kg_day", ("pollutant", "y", "x"), "float64", "kg/day", "Emission of the day by cell", shard={"pollutant": 1}),
    V("air_pollutant", ("air_pollutant",), "str", "", "Pollutants with a concentration: NOx (as NO2), NO2, PM2.5"),
    V("background_ug_m3", ("area", "air_pollutant"), "float64", "ug m-3", "What background sites measure, by inverse squared distance to them, mean of the day's hours with weather", shard=_BLOCK),
    V("road_increment_ug_m3", ("area", "air_pollutant"), "float64", "ug m-3", "What modelled roads add at the population point, mean of the day; of NO2 the difference that their NOx makes", shard=_BLOCK),
    V("concentration_ug_m3", ("area", "air_pollutant"), "float64", "ug m-3", "Background and road increment together, mean of the day", shard=_BLOCK),
    V("annual_background_ug_m3", ("area", "air_pollutant"), "float64", "ug m-3", "As the day's, mean of the 365 days that end with the night; the annual variables are there only where weather covers 300 of them", shard=_BLOCK),
    V("annual_road_increment_ug_m3", ("area", "air_pollutant"), "float64", "ug m-3", "As the day's, mean of the year", shard=_BLOCK),
    V("annual_concentration_ug_m3", ("area", "air_pollutant"), "float64", "ug m-3", "Background and road increment together, mean of the year", shard=_BLOCK),
    V("receptor_x", ("receptor_x",), "float64", "m", "Easting of the grid's receptors, EPSG:27700; there only with `carbon.receptor_grid_m`"),
    V("receptor_y", ("receptor_y",), "float64", "m", "Northing of the grid's receptors, EPSG:27700"),
    V("gridded_concentration_ug_m3", ("receptor_y", "receptor_x", "air_pollutant"), "float64", "ug m-3", "Concentration on the grid, mean of the day", shard=_ROWS),
    V("annual_gridded_concentration_ug_m3", ("receptor_y", "receptor_x", "air_pollutant"), "float64", "ug m-3", "Concentration on the grid, mean of the year", shard=_ROWS),
)
_HEALTH = (
    V("life_expectancy", ("msoa",), "float64", "years", "Life expectancy at birth, persons; NaN = suppressed"),
    V("life_expectancy_lower", ("msoa",), "float64", "years", "Lower limit; NaN = suppressed, or none published"),
    V("life_expectancy_upper", ("msoa",), "float64", "years", "Upper limit; NaN = suppressed, or none published"),
    V("msoa_deprivation_rank", ("msoa",), "float64", "1", "Population-weighted mean of the areas' deprivation ranks, 1 = most deprived"),
    V("baseline_deaths", ("area",), "float64", "persons/year", "Deaths a year at the ages of the relative risk: the MSOA's, shared by age and population", shard=_BLOCK),
    V("attributable_fraction", ("area", "bound"), "float64", "1", "Share of those deaths attributable to the relative risk's pollutant", shard=_BLOCK),
    V("attributable_deaths", ("area", "bound"), "float64", "persons/year", "Deaths a year attributable to that pollutant at the year's mean; at the day's, as if it were the year's, where carbon has no annual mean", shard=_BLOCK),
    V("bound", ("bound",), "str", "", "central, lower and upper relative risk"),
    V("attribute", ("attribute",), "str", "", "What is compared along deprivation"),
    V("attribute_units", ("attribute",), "str", "", "Unit of the attribute and of its slope index"),
    V("sii", ("attribute",), "float64", "1", "Slope index of inequality: most to least deprived end, in `attribute_units`"),
    V("sii_lower", ("attribute",), "float64", "1", "Lower limit at `health.confidence`; NaN = too few places"),
    V("sii_upper", ("attribute",), "float64", "1", "Upper limit at `health.confidence`; NaN = too few places"),
    V("rii", ("attribute",), "float64", "1", "Relative index of inequality"),
    V("rii_lower", ("attribute",), "float64", "1", "Lower limit at `health.confidence`"),
    V("rii_upper", ("attribute",), "float64", "1", "Upper limit at `health.confidence`"),
    V("interval_basis", ("attribute",), "str", "", "What the limits rest on: standard errors of the values, or their scatter about the line"),
    V("decile_mean", ("attribute", "decile"), "float64", "1", "Population-weighted mean by the region's own deprivation decile, 1 = most deprived, in `attribute_units`"),
    V("decile", ("decile",), "int8", "1", "Deprivation decile, 1 = most deprived"),
    V("concentration_index", ("attribute",), "float64", "1", "Concentration index along deprivation: above 0 = the least deprived have more; NaN = a mean not above 0"),
    V("concentration_index_lower", ("attribute",), "float64", "1", "Lower limit at `health.confidence`, from the scatter of the places"),
    V("concentration_index_upper", ("attribute",), "float64", "1", "Upper limit at `health.confidence`, from the scatter of the places"),
    V("decile_mean_lower", ("attribute", "decile"), "float64", "1", "Lower limit of the draws; equal to the mean where the attribute has no error that is drawn"),
    V("decile_mean_upper", ("attribute", "decile"), "float64", "1", "Upper limit of the draws"),
    V("years_lost", ("area", "bound"), "float64", "years/year", "Years of life lost a year by those deaths, by the region's own life table without the exposure", shard=_BLOCK),
    V("cause", ("cause",), "str", "", "Pollutant and what it causes; causes of different pollutants are never added"),
    V("cause_evidence", ("cause",), "str", "", "Grade of the evidence for the relative risk, and its source"),
    V("burden", ("draw", "area", "cause"), "float32", "persons/year", "Attributable deaths a year of each draw: at most 1,000 areas, else only quantiles. Chance error is far above float32's", shard=_BLOCK),
    V("quantile", ("quantile",), "float64", "1", "Lower limit, median and upper limit as shares of the draws"),
    V("burden_quantile", ("quantile", "area", "cause"), "float64", "persons/year", "Quantiles of the draws of attributable deaths; NaN = exposure not known", shard=_BLOCK),
    V("years_lost_quantile", ("quantile", "area", "cause"), "float64", "years/year", "Quantiles of the draws of years of life lost", shard=_BLOCK),
    V("burden_total", ("draw", "cause"), "float64", "persons/year", "Attributable deaths of all areas in each draw"),
    V("years_lost_total", ("draw", "cause"), "float64", "years/year", "Years of life lost in all areas in each draw"),
    V("measure", ("measure",), "str", "", "sii (most to least deprived end), rii, concentration_index"),
    V("inequality", ("draw", "measure", "attribute"), "float64", "1", "Inequality along deprivation in each draw; an attribute without an error that is drawn is the same in all. NaN = no ratio"),
    V("inequality_quantile", ("quantile", "measure", "attribute"), "float64", "1", "Quantiles of those draws"),
    V("drawn_error", ("attribute",), "str", "", "What the draws of the attribute vary; empty = nothing"),
    V("period", ("period",), "str", "", "Parts of the day whose travel times access is computed from, as the traffic store labels them"),
    V("service", ("service",), "str", "", "Kind of service: gp, hospital, emergency (a hospital with an emergency department), employment"),
    V("service_reach_min", ("service",), "float64", "min", "Minutes by car within which a service is in reach"),
    V("access", ("period", "area", "service"), "float64", "1", "Doctors, beds or jobs within reach per 1,000 who share them (residents; of working age for jobs); by raam a cost, low = good", shard={"period": 1}),
    V("nearest_service_min", ("period", "area", "service"), "float64", "min", "Time by car to the nearest open service; NaN = none can be reached", shard={"period": 1}),
    V("commute_min", ("period", "area"), "float64", "min", "Mean time by car from home to work over the area's trips; NaN = no trips", shard={"period": 1}),
    V("road_co2_kg_day_person", ("area",), "float64", "kg/day", "CO2 of road traffic per resident on links whose midpoint is nearest to the area's population point: emitted there, by whomever"),
)

# fmt: on

REGISTRY: dict[str, dict[str, Variable]] = {
    store: {variable.name: variable for variable in variables}
    for store, variables in {
        "areas": _AREAS,
        "mortality": _MORTALITY,
        "network": _NETWORK,
        "demand": _DEMAND,
        "counts": _COUNTS,
        "air": _AIR,
        "weather": _WEATHER,
        "energy": _ENERGY,
        "services": _SERVICES,
        "bus": _BUS,
        "reference": _REFERENCE,
        "traffic": _TRAFFIC,
        "carbon": _CARBON,
        "health": _HEALTH,
        "skims": _SKIMS,
    }.items()
}
"""Store name to its variables."""

SPINE_STORES = (
    "areas", "mortality", "network", "demand", "counts", "air", "weather", "energy", "services", "bus", "reference",
)  # fmt: skip
MODEL_STORES = ("traffic", "carbon", "health")


def variable(store: str, name: str) -> Variable:
    """Look a variable up; a name that the dictionary does not know is a `StoreError`."""
    try:
        return REGISTRY[store][name]
    except KeyError:
        known = ", ".join(REGISTRY.get(store, REGISTRY))
        raise StoreError(f"{store}: no variable `{name}` in the data dictionary; it has: {known}", field=name) from None
