"""Columns of every published table: the schema that `lcr verify` checks and the catalogue repeats."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        With its unit where it has one.
    dtype : str
        str, Int64 (empty = not known), int64 or float64 (empty = no value).
    units : str
        As in the data dictionary; "" for text.
    meaning : str
        One sentence.
    """

    name: str
    dtype: str
    units: str
    meaning: str


C = Column
LINKS = (
    C("link", "int64", "1", "Source id of the directed link"),
    C("road_class", "str", "", "connector (to a zone's centroid), motorway, a_road or minor_road"),
    C("district", "str", "", "ONS code of the district of the link's midpoint; empty = outside"),
    C("length_m", "float64", "m", "Length along the road; the geometry is straight"),
    C("lanes", "int64", "1", "Lanes in the link's direction"),
    C("capacity_veh_h", "float64", "veh/h", "Capacity of all lanes"),
    C("flow_veh_day", "float64", "veh/day", "Vehicles over the local civil day"),
    C("peak_flow_veh_h", "float64", "veh/h", "Flow of the busiest period"),
    C("lowest_speed_ratio", "float64", "1", "Free-flow time over travel time in the slowest period: 1 = free flow"),
    C("slowest_period", "str", "", "Label of that period; empty = a link without travel time"),
    C("co2_kg_day", "float64", "kg/day", "CO2 of all vehicles on the link"),
    C("nox_g_day", "float64", "g/day", "NOx as NO2"),
    C("pm2_5_g_day", "float64", "g/day", "PM2.5 of exhaust and wear"),
)
AREAS = (
    C("area", "str", "", "ONS code of the small area"),
    C("area_name", "str", "", "Published name"),
    C("msoa", "str", "", "ONS code of its MSOA"),
    C("district", "str", "", "ONS code of its district"),
    C("district_name", "str", "", "Name of its district"),
    C("population_persons", "int64", "persons", "Usual residents of all ages"),
    C("deprivation_rank", "Int64", "1", "National rank of multiple deprivation, 1 = most deprived"),
    C("deprivation_decile", "Int64", "1", "National decile of that rank, 1 = most deprived tenth"),
    C("nox_background_ug_m3", "float64", "ug m-3", "NOx as NO2 of the background there, mean of the day"),
    C("nox_road_ug_m3", "float64", "ug m-3", "NOx as NO2 of modelled roads at the population point, mean of the day"),
    C("nox_ug_m3", "float64", "ug m-3", "Both together"),
    C("no2_background_ug_m3", "float64", "ug m-3", "NO2 that the background's NOx makes, mean of the day"),
    C("no2_road_ug_m3", "float64", "ug m-3", "NO2 that the roads' NOx adds to it, mean of the day"),
    C("no2_ug_m3", "float64", "ug m-3", "Both together"),
    C("pm2_5_background_ug_m3", "float64", "ug m-3", "PM2.5 of the background there, mean of the day"),
    C("pm2_5_road_ug_m3", "float64", "ug m-3", "PM2.5 of modelled roads at the population point, mean of the day"),
    C("pm2_5_ug_m3", "float64", "ug m-3", "Both together"),
    C("baseline_deaths_per_year", "float64", "persons/year",
      "Deaths a year at the ages of the relative risk; empty = its MSOA has too few, or another's would follow"),
    C("attributable_deaths_per_year", "float64", "persons/year",
      "By the first cause of burden.csv (PM2.5 unless configured), at the mean of the year, else the day"),
    C("attributable_deaths_per_year_lower", "float64", "persons/year", "With the lower relative risk"),
    C("attributable_deaths_per_year_upper", "float64", "persons/year", "With the upper relative risk"),
    C("attributable_deaths_per_year_draws_lower", "float64", "persons/year",
      "Lower limit of the joint draws of relative risk, exposure and baseline"),
    C("attributable_deaths_per_year_draws_upper", "float64", "persons/year", "Upper limit of those draws"),
    C("years_lost_per_year", "float64", "years/year", "Years of life lost by those deaths; empty = no life table"),
    C("attributable_deaths_per_100000", "float64", "per 100,000 person-years",
      "Over residents of all ages; not age-standardised"),
)  # fmt: skip
MSOAS = (
    C("msoa", "str", "", "ONS code of the MSOA"),
    C("msoa_name", "str", "", "Published name"),
    C("population_persons", "int64", "persons", "Usual residents of all ages"),
    C("life_expectancy_years", "float64", "years", "At birth, persons; empty = suppressed"),
    C("life_expectancy_years_lower", "float64", "years", "Lower limit; empty = suppressed, or none published"),
    C("life_expectancy_years_upper", "float64", "years", "Upper limit; empty = suppressed, or none published"),
    C("deprivation_rank_mean", "float64", "1",
      "Population-weighted mean of its areas' national ranks, 1 = most deprived"),
)  # fmt: skip
CENSUSES = (
    C("area_2011", "str", "", "ONS code of the small area of 2011"),
    C("area_2021", "str", "", "ONS code of the small area of 2021"),
    C("change", "str", "", "unchanged, split, merged or irregular"),
    C("area_name", "str", "", "Published name of the area of the night's vintage"),
    C("district", "str", "", "ONS code of its district"),
    C("population_persons", "int64", "persons", "Usual residents of the whole area of the night's vintage"),
    C("deprivation_rank", "Int64", "1", "Its national rank in the night's index, 1 = most deprived"),
    C("deprivation_rank_2021_area", "Int64", "1", "National rank of the area of 2021 in the latest index"),
)
INEQUALITY = (
    C("attribute", "str", "", "What is compared along a ranking of the places"),
    C("ranked_by", "str", "",
      "What places are ranked by, lowest first, in the place of the most deprived; -NAME = highest first"),
    C("units", "str", "", "Unit of sii, its limits and the decile means"),
    C("sii", "float64", "1", "Slope index of inequality: most to least deprived end"),
    C("sii_lower", "float64", "1", "Lower limit; empty = no standard errors"),
    C("sii_upper", "float64", "1", "Upper limit"),
    C("rii", "float64", "1", "Relative index of inequality"),
    C("rii_lower", "float64", "1", "Lower limit"),
    C("rii_upper", "float64", "1", "Upper limit"),
    *(C(f"decile_{d}_mean", "float64", "1", f"Population-weighted mean of decile {d} of the region, 1 = most deprived")
      for d in range(1, 11)),
    C("concentration_index", "float64", "1", "Along deprivation: above 0 = the least deprived have more; empty = none"),
    C("concentration_index_lower", "float64", "1", "Lower limit, from the scatter of the places"),
    C("concentration_index_upper", "float64", "1", "Upper limit, from the scatter of the places"),
    C("drawn_error", "str", "", "What the draws vary; empty = nothing, and the limits of the draws are the value"),
    C("sii_draws_lower", "float64", "1", "Lower limit of the slope index over the draws"),
    C("sii_draws_upper", "float64", "1", "Upper limit of the slope index over the draws"),
    *(C(f"decile_{d}_{limit}", "float64", "1", f"{limit.capitalize()} limit of the mean of decile {d} over the draws")
      for d in range(1, 11) for limit in ("lower", "upper")),
)  # fmt: skip
BURDEN = (
    C("cause", "str", "", "Pollutant and what it causes; causes of different pollutants are never added"),
    C("quantity", "str", "", "attributable deaths or years of life lost, of all areas"),
    C("units", "str", "", "Unit of the limits and the median"),
    C("lower", "float64", "1", "Lower limit of the joint draws of relative risk, exposure and baseline"),
    C("median", "float64", "1", "Median of the draws; empty = not known in some area"),
    C("upper", "float64", "1", "Upper limit of the draws"),
    C("evidence", "str", "", "Grade of the evidence for the relative risk, and its source"),
    C("overlap", "str", "", "Causes that it must not be added to: the same deaths are counted there; empty = none"),
)
BURDEN_AREAS = (
    C("area", "str", "", "ONS code of the small area"),
    C("msoa", "str", "", "ONS code of its MSOA"),
    C("cause", "str", "", "Pollutant and what it causes; causes are never added: burden.csv says which overlap"),
    C("baseline_deaths_per_year", "float64", "persons/year",
      "Deaths a year of the endpoint at the ages of the relative risk: the MSOA's, shared by age and population; "
      "empty = its MSOA has too few, or another's would follow"),
    C("attributable_fraction", "float64", "1", "Share of those deaths attributable to the pollutant"),
    C("attributable_deaths_per_year", "float64", "persons/year", "With the central relative risk"),
    C("attributable_deaths_per_year_lower", "float64", "persons/year", "With the lower relative risk"),
    C("attributable_deaths_per_year_upper", "float64", "persons/year", "With the upper relative risk"),
    C("attributable_deaths_per_year_draws_lower", "float64", "persons/year",
      "Lower limit of the joint draws of relative risk, exposure and baseline"),
    C("attributable_deaths_per_year_draws_upper", "float64", "persons/year", "Upper limit of those draws"),
    C("years_lost_per_year", "float64", "years/year", "Years of life lost by those deaths; empty = no life table"),
    C("evidence", "str", "", "Grade of the evidence for the relative risk; burden.csv has its source"),
)  # fmt: skip
_GROUP = (
    C("level", "str", "", "msoa, district or region"),
    C("place", "str", "", "ONS code of the MSOA or district; region"),
    C("age_from", "Int64", "years", "First age of the group, up to the next group's; empty = all ages"),
    C("people_group", "str", "", "Categories of the characteristics, such as sex and disability; all = everybody"),
)
_PERSONS = C(
    "persons",
    "Int64",
    "persons",
    "Synthetic residents that meet the margins by area; empty = too few, or another count would follow",
)
PEOPLE = (
    *_GROUP,
    _PERSONS,
    C(
        "nox_ug_m3",
        "float64",
        "ug m-3",
        "Mean NOx as NO2 where they live, of the year, else the day; empty = not shown",
    ),
    C("no2_ug_m3", "float64", "ug m-3", "The same of NO2"),
    C("pm2_5_ug_m3", "float64", "ug m-3", "The same of PM2.5"),
)
PEOPLE_BURDEN = (
    C("level", "str", "", "district or region"),
    C("place", "str", "", "ONS code of the district; region"),
    *_GROUP[2:],
    C("cause", "str", "", "Pollutant and what it causes; causes are never added: burden.csv says which overlap"),
    _PERSONS,
    C("attributable_deaths_per_year", "float64", "persons/year",
      "Deaths of the age there, shared by persons of the group, as if all of an age and area died alike"),
    C("attributable_deaths_per_year_lower", "float64", "persons/year", "With the lower relative risk"),
    C("attributable_deaths_per_year_upper", "float64", "persons/year", "With the upper relative risk"),
    C("attributable_deaths_per_100000", "float64", "per 100,000 person-years", "Of the persons of the row"),
)  # fmt: skip
ACCESS = (
    C("area", "str", "", "ONS code of the small area"),
    C("period", "str", "", "Part of the day"),
    C("service", "str", "", "Kind of service"),
    C("access", "float64", "1",
      "Doctors, beds or jobs within reach per 1,000 who share them; by raam a cost, low = good; empty = none"),
    C("nearest_service_min", "float64", "min", "Time by car to the nearest open one; empty = none can be reached"),
)  # fmt: skip
PERIODS = (
    C("period", "str", "", "Label of the part of the day"),
    C("day_type", "str", "", "Type of day whose demand was assigned: weekday, saturday or sunday"),
    C("hours_h", "float64", "h", "Hours of this civil day that it stands for"),
    C("demand_veh_h", "float64", "veh/h", "Demand between different zones"),
    C("intrazonal_veh_h", "float64", "veh/h", "Demand within a zone; not on the network"),
    C("unreachable_veh_h", "float64", "veh/h", "Demand without a path; left out of the flows"),
    C("vehicle_km_h", "float64", "km/h", "Vehicle-kilometres per hour on all links but connectors"),
    C("relative_gap", "float64", "1", "1 - shortest-path cost x demand / (link cost x flow), exact"),
    C("iterations", "int64", "1", "Iterations of the equilibrium"),
    C("detectors_compared", "int64", "1", "Detectors with good counts in the period"),
    C("geh_below_5_share", "float64", "1", "Share of those with GEH below 5; empty = none compared"),
)
DISTRICTS = (
    C("district", "str", "", "ONS code; empty = roads outside every district"),
    C("district_name", "str", "", "Name"),
    C("population_persons", "int64", "persons", "Usual residents of all ages"),
    C("vehicle_km_day", "float64", "km/day", "On roads whose midpoint is inside, without connectors"),
    C("co2_t_day", "float64", "t/day", "CO2 of road traffic"),
    C("nox_t_day", "float64", "t/day", "NOx as NO2 of road traffic"),
    C("pm2_5_t_day", "float64", "t/day", "PM2.5 of exhaust and wear"),
)
GRID = (
    C("x_m", "float64", "m", "Easting of the cell's centre, EPSG:27700"),
    C("y_m", "float64", "m", "Northing of the cell's centre, EPSG:27700"),
    C("co2_kg_day", "float64", "kg/day", "CO2 of road traffic in the cell"),
    C("nox_kg_day", "float64", "kg/day", "NOx as NO2"),
    C("pm2_5_kg_day", "float64", "kg/day", "PM2.5 of exhaust and wear"),
)
