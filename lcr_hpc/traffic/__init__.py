"""Traffic: a demand between zones becomes flows and times on the links of a road network."""

from __future__ import annotations

from lcr_hpc.traffic.equilibrium import Assignment, UnreachableDemand, WarmStart, assign
from lcr_hpc.traffic.gmns import read_gmns
from lcr_hpc.traffic.network import Demand, Network, demand_from_pairs
from lcr_hpc.traffic.settings import TrafficSettings
from lcr_hpc.traffic.tntp import read_tntp

__all__ = [
    "Assignment",
    "Demand",
    "Network",
    "TrafficSettings",
    "UnreachableDemand",
    "WarmStart",
    "assign",
    "demand_from_pairs",
    "read_gmns",
    "read_tntp",
]
