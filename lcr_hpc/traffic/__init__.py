"""Traffic: a demand between zones becomes flows and times on the links of a road network."""

from __future__ import annotations

from lcr_hpc.traffic.balancing import Balanced, balance_matrix
from lcr_hpc.traffic.checkpoint import Checkpoints
from lcr_hpc.traffic.classes import VehicleClass
from lcr_hpc.traffic.departures import departure_rates, split_day
from lcr_hpc.traffic.district_km import DistrictKm, compare_district_km
from lcr_hpc.traffic.equilibrium import Assignment, UnreachableDemand, assign
from lcr_hpc.traffic.gmns import read_gmns
from lcr_hpc.traffic.gravity import BinnedDeterrence, Deterrence, Gravity, gravity_trips
from lcr_hpc.traffic.gravity_fit import fit_mean_cost, fit_trip_lengths
from lcr_hpc.traffic.mode_shift import ModeShift, change_utility, shift_modes
from lcr_hpc.traffic.movement import Movement, measure_movement
from lcr_hpc.traffic.network import Demand, Network, demand_from_pairs
from lcr_hpc.traffic.od_estimation import EstimatedDemand, EstimationSettings, estimate_demand
from lcr_hpc.traffic.select import Selected, select_links, select_node
from lcr_hpc.traffic.settings import TrafficSettings
from lcr_hpc.traffic.skims import skim_shortest, skim_used
from lcr_hpc.traffic.tntp import read_tntp
from lcr_hpc.traffic.trip_costs import mean_costs, trip_lengths
from lcr_hpc.traffic.turns import Turns
from lcr_hpc.traffic.validation import geh
from lcr_hpc.traffic.warm_start import WarmStart

__all__ = [
    "Assignment",
    "Balanced",
    "BinnedDeterrence",
    "Checkpoints",
    "Demand",
    "Deterrence",
    "DistrictKm",
    "EstimatedDemand",
    "EstimationSettings",
    "Gravity",
    "ModeShift",
    "Movement",
    "Network",
    "Selected",
    "TrafficSettings",
    "Turns",
    "UnreachableDemand",
    "VehicleClass",
    "WarmStart",
    "assign",
    "balance_matrix",
    "change_utility",
    "compare_district_km",
    "demand_from_pairs",
    "departure_rates",
    "estimate_demand",
    "fit_mean_cost",
    "fit_trip_lengths",
    "geh",
    "gravity_trips",
    "mean_costs",
    "measure_movement",
    "read_gmns",
    "read_tntp",
    "select_links",
    "select_node",
    "shift_modes",
    "skim_shortest",
    "skim_used",
    "split_day",
    "trip_lengths",
]
