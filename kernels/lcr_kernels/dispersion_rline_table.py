"""R-LINE's spreads and winds by distance: solved once an hour and kind of source, on nodes even in log distance.

A plume's shape depends on distance alone, once hour, source height and initial spread are given. What is tabulated
varies slowly (the factor 1/distance of meandering and the growth of sigma_y are taken out), so that linear
interpolation is enough: the published loop itself stops at a change of 1 %.
"""

import math

from lcr_kernels._jit import kernel
from lcr_kernels.dispersion_plume import vertical_term
from lcr_kernels.dispersion_rline import lateral_spread, spread

STEP = 0.04
"""Distance between nodes in ln m: each node lies 4 % beyond the last, 289 of them reach 100 km."""
AXIS, WIDTH, DIRECT = 0, 1, 2
"""Columns of a plume's table."""

_SQRT_2_OVER_PI = math.sqrt(2.0 / math.pi)
_SQRT_2PI = math.sqrt(2.0 * math.pi)


@kernel
def node_count(lines, receptors):
    """Nodes from 1 m to beyond the farthest that any line lies from any receptor; arguments as of the concentration."""
    reach = 1.0
    for axis in range(2):
        low = min(lines[:, axis].min(), lines[:, axis + 2].min(), receptors[:, axis].min())
        high = max(lines[:, axis].max(), lines[:, axis + 2].max(), receptors[:, axis].max())
        reach = math.hypot(reach, high - low)
    return int(math.log(reach) / STEP) + 3


@kernel
def fill_spreads(height, initial, state, spreads):
    """Solve an hour's spreads and winds at every node for one kind of source.

    height   float64            of the source [m]
    initial  float64            its own vertical spread [m]
    state    tuple              of `met_state`
    spreads  float64[node, 3]   sigma_z and total sigma_z [m], wind [m/s]; overwritten
    """
    for node in range(spreads.shape[0]):
        sigma, total, wind = spread(math.exp(STEP * node), height, initial, state)
        spreads[node, 0], spreads[node, 1], spreads[node, 2] = sigma, total, wind


@kernel
def fill_responses(height, z, state, spreads, plume, meander):
    """Turn spreads into what a receptor at one height sees of a source of 1 g/s; return the greatest sigma_y / x.

    spreads  float64[node, 3]  of `fill_spreads`
    plume    float64[node, 3]  on the plume's axis, but for 1/sigma_y [g/m²]; sigma_y without the road's width over x;
                               share of the time that the plume does not meander, at that distance in any direction;
                               overwritten
    meander  float64[node]     share of meandering x its concentration x distance [g/m²]; overwritten
    """
    sigma_v = state[5]
    widest = 0.0
    for node in range(spreads.shape[0]):
        distance = math.exp(STEP * node)
        sigma, total, wind = spreads[node]
        share = min(2.0 * sigma_v * sigma_v / (wind * wind), 1.0)
        lid = max(state[4], height + 2.15 * total)
        plume[node, AXIS] = vertical_term(z, height, total, lid) / (wind * _SQRT_2PI)
        plume[node, WIDTH] = lateral_spread(sigma, state) / distance
        plume[node, DIRECT] = 1.0 - share
        widest = max(widest, plume[node, WIDTH])
        below = math.exp(-0.5 * ((height - z) / total) ** 2)
        image = math.exp(-0.5 * ((height + z) / total) ** 2)
        meander[node] = share * _SQRT_2_OVER_PI * (below + image) / (2.0 * total * wind) / (2.0 * math.pi)
    return widest
