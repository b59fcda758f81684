"""Volume–delay functions: travel time by flow, its slope and its integral.

The BPR function (Bureau of Public Roads, Traffic Assignment Manual, 1964) with parameters by link:

    cost(x) = fixed + congestion · (x / capacity) ** power,   congestion = free_flow_time · b

`fixed` carries the free-flow time and every part of the generalised cost that flow does not change (toll,
distance). Published networks hold capacity 1 with b already divided by capacity ** power (b down to 1e-71),
powers that are not whole up to 16.8, power 0 and free-flow time 0; each has its meaning here. Links with another
function (`RoadNetwork.function`) go by `delay_functions`.
"""

import math

from lcr_kernels._jit import kernel
from lcr_kernels.delay_functions import BPR, delay


@kernel
def ratio_power(ratio, power):
    """Flow over capacity to a power; 0 ** 0 = 1, so that a power of 0 is a constant cost.

    Four, the power of almost every published link, is two multiplications: 1 ns where `pow` takes 20.

    ratio    float64  flow / capacity, >= 0
    power    float64  >= 0
    returns  float64
    """
    if power == 4.0:
        square = ratio * ratio
        return square * square
    if power == 1.0:
        return ratio
    return math.pow(ratio, power)


@kernel
def bpr_cost_slope(flow, fixed, congestion, capacity, power):
    """Cost of one link and its derivative by flow.

    flow        float64  veh/h; what rounding leaves below zero counts as zero
    fixed       float64  cost at zero flow, min
    congestion  float64  free-flow time × b, min
    capacity    float64  veh/h, > 0
    power       float64  >= 0
    returns     (float64 min, float64 min per veh/h)

    A power between 0 and 1 has an infinite slope at zero flow; there the slope is taken at a millionth of the
    capacity, so that a Newton step is short but never nothing.
    """
    if congestion == 0.0 or power == 0.0:
        return fixed + congestion, 0.0
    ratio = max(flow, 0.0) / capacity
    cost = fixed + congestion * ratio_power(ratio, power)
    if power == 4.0:
        slope = ratio * ratio * ratio
    elif power == 1.0:
        slope = 1.0
    else:
        slope = math.pow(ratio if power >= 1.0 else max(ratio, 1e-6), power - 1.0)
    return cost, congestion * power * slope / capacity


@kernel
def cost_slope(network, link, flow):
    """Cost of one link of a network and its derivative by flow, by the link's own function.

    A network without a choice of functions has None for it, a type of its own: what is compiled for it is BPR alone.

    network  RoadNetwork
    link     int
    flow     float64      veh/h; what rounding leaves below zero counts as zero
    returns  (float64 min, float64 min per veh/h)
    """
    return _by_function(
        network.function,
        link,
        flow,
        network.fixed[link],
        network.congestion[link],
        network.capacity[link],
        network.power[link],
    )


@kernel
def _by_function(function, link, flow, fixed, congestion, capacity, power):
    if function is None:
        return bpr_cost_slope(flow, fixed, congestion, capacity, power)
    if function[link] == BPR or congestion == 0.0:
        return bpr_cost_slope(flow, fixed, congestion, capacity, power)
    rise, slope, _ = delay(function[link], max(flow, 0.0) / capacity, power)
    return fixed + congestion * rise, congestion * slope / capacity


@kernel
def link_costs(network, flow, cost, slope):
    """Cost and slope of every link, written in place.

    network      RoadNetwork
    flow         float64[link]  veh/h
    cost, slope  float64[link]  out; min and min per veh/h
    """
    for link in range(flow.size):
        cost[link], slope[link] = cost_slope(network, link, flow[link])


@kernel
def beckmann(network, flow):
    """Beckmann objective: the sum over links of the integral of cost from zero to flow.

    Beckmann, McGuire & Winsten, Studies in the Economics of Transportation (1956). Summed in link order.

    network  RoadNetwork
    flow     float64[link]  veh/h
    returns  float64        min·veh/h
    """
    total = 0.0
    for link in range(flow.size):
        total += _integral(
            network.function,
            link,
            max(flow[link], 0.0),
            network.fixed[link],
            network.congestion[link],
            network.capacity[link],
            network.power[link],
        )
    return total


@kernel
def _integral(function, link, x, fixed, congestion, capacity, power):
    if function is None:
        return _bpr_integral(x, fixed, congestion, capacity, power)
    if function[link] == BPR or congestion == 0.0:
        return _bpr_integral(x, fixed, congestion, capacity, power)
    _, _, area = delay(function[link], x / capacity, power)
    return x * fixed + congestion * capacity * area


@kernel
def _bpr_integral(x, fixed, congestion, capacity, power):
    return x * (fixed + congestion * ratio_power(x / capacity, power) / (power + 1.0))
