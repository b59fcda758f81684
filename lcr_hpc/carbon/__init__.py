"""Carbon and air: from link flows to emissions, their grid, and concentrations where people live."""

from lcr_hpc.carbon.air import line_source_concentration
from lcr_hpc.carbon.carbon_value import carbon_values, discount_factors
from lcr_hpc.carbon.cold_start import cold_excess, cold_mileage
from lcr_hpc.carbon.curves import EmissionCurves, mixed_curves
from lcr_hpc.carbon.emission_factor import clipped_speeds, hot_emission_factor
from lcr_hpc.carbon.euro_fleet import fleet_emission_curves
from lcr_hpc.carbon.fleet import fleet_average_curves, road_class_curves
from lcr_hpc.carbon.grid import GriddedMass, grid_lines
from lcr_hpc.carbon.levers import PathwaySettings
from lcr_hpc.carbon.measures import PathwayBase
from lcr_hpc.carbon.meteorology import pasquill_class
from lcr_hpc.carbon.no2 import no2_ppb, no2_ug_m3
from lcr_hpc.carbon.pathway import PathwayEnsemble, pathway_by_district, pathway_ensemble
from lcr_hpc.carbon.road import road_emissions
from lcr_hpc.carbon.sobol import SobolIndices, saltelli_rows, sobol_indices
from lcr_hpc.carbon.spread import PlumeSpread, plume_spread
from lcr_hpc.carbon.surface_layer import surface_layer
from lcr_hpc.carbon.territory import TerritorialBaseline, territorial_baseline

__all__ = [
    "EmissionCurves",
    "GriddedMass",
    "PathwayBase",
    "PathwayEnsemble",
    "PathwaySettings",
    "PlumeSpread",
    "SobolIndices",
    "TerritorialBaseline",
    "carbon_values",
    "clipped_speeds",
    "cold_excess",
    "cold_mileage",
    "discount_factors",
    "fleet_average_curves",
    "fleet_emission_curves",
    "grid_lines",
    "hot_emission_factor",
    "line_source_concentration",
    "mixed_curves",
    "no2_ppb",
    "no2_ug_m3",
    "pasquill_class",
    "pathway_by_district",
    "pathway_ensemble",
    "plume_spread",
    "road_class_curves",
    "road_emissions",
    "saltelli_rows",
    "sobol_indices",
    "surface_layer",
    "territorial_baseline",
]
