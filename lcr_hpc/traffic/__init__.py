"""Traffic: a demand between zones becomes flows and times on the links of a road network."""

from __future__ import annotations

from lcr_hpc.traffic.balancing import Balanced, balance_matrix
from lcr_hpc.traffic.checkpoint import Checkpoints
from lcr_hpc.traffic.classes import VehicleClass
from lcr_hpc.traffic.equilibrium import Assignment, UnreachableDemand, WarmStart, assign
from lcr_hpc.traffic.gmns import read_gmns
from lcr_hpc.traffic.network import Demand, Network, demand_from_pairs
from lcr_hpc.traffic.select import Selected, select_links, select_node
from lcr_hpc.traffic.settings import TrafficSettings
from lcr_hpc.traffic.skims import skim_shortest, skim_used
from lcr_hpc.traffic.tntp import read_tntp
from lcr_hpc.traffic.turns import Turns

__all__ = [
    "Assignment",
    "Balanced",
    "Checkpoints",
    "Demand",
    "Network",
    "Selected",
    "TrafficSettings",
    "Turns",
    "UnreachableDemand",
    "VehicleClass",
    "WarmStart",
    "assign",
    "balance_matrix",
    "demand_from_pairs",
    "read_gmns",
    "read_tntp",
    "select_links",
    "select_node",
    "skim_shortest",
    "skim_used",
]
