"""All-or-nothing of a demand at given costs, and the judgement of any link flows by it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from lcr_kernels.all_or_nothing import load_trees
from lcr_kernels.shortest_path import shortest_path_cost
from lcr_kernels.volume_delay import beckmann, link_costs

from lcr_hpc.traffic.equilibrium import misfits, relative_gap, road_network, trip_table
from lcr_hpc.traffic.network import Demand, Floats, Network
from lcr_hpc.traffic.settings import TrafficSettings
