"""Newton shifts inside one bush, from the longest used path to the shortest."""

from lcr_kernels._jit import kernel
from lcr_kernels.volume_delay import bpr_cost_slope


@kernel
def equilibrate_bush(network, bushes, row, space, merges, flow, cost, slope):
    """Shift flow once at every merge, the furthest from the origin first; costs follow each shift at once.

    From a merge the longest used path and the shortest path are followed back to the node where they part.
    The shift is a Newton step on the difference of their costs, held by the least flow of the longest path.
    Where the step goes too far, which it can where slopes are small, it comes back by the secant.

    network            RoadNetwork
    bushes, row        Bushes, int
    space              BushSpace      loaded and labelled; flow and node_flow written
    merges             int
    flow, cost, slope  float64[link]  of the block; written
    """
    for merge in range(merges - 1, -1, -1):
        if space.high_slot[merge] < 0 or space.high_slot[merge] == space.low_slot[merge]:
            continue
        node = network.head[space.link[space.merge_start[merge]]]
        if space.node_flow[node] > 0.0:
            _shift(network, bushes.predecessor[row], space, merge, flow, cost, slope)


@kernel
def _shift(network, predecessor, space, merge, flow, cost, slope):
    links, slots = space.path_link, space.path_slot
    half = links.size // 2
    high_slot, low_slot = space.high_slot[merge], space.low_slot[merge]
    links[0], slots[0] = space.link[high_slot], high_slot
    links[half], slots[half] = space.link[low_slot], low_slot
    n_high, n_low = 1, 1
    most = space.flow[high_slot]
    upper, lower = network.tail[links[0]], network.tail[links[half]]
    while upper != lower:
        if space.rank[upper] > space.rank[lower]:
            link, slot = predecessor[upper], -1
            available = space.node_flow[upper]
            if link < 0:
                slot = space.high_slot[-2 - link]
                if slot < 0:
                    return
                link = space.link[slot]
                available = space.flow[slot]
            most = min(most, available)
            links[n_high], slots[n_high] = link, slot
            n_high += 1
            upper = network.tail[link]
        else:
            link, slot = predecessor[lower], -1
            if link < 0:
                slot = space.low_slot[-2 - link]
                link = space.link[slot]
            links[half + n_low], slots[half + n_low] = link, slot
            n_low += 1
            lower = network.tail[link]
    if most <= 0.0:
        return
    gap, steepness = 0.0, 0.0
    for at in range(n_high):
        gap += cost[links[at]]
        steepness += slope[links[at]]
    for at in range(half, half + n_low):
        gap -= cost[links[at]]
        steepness += slope[links[at]]
    if gap <= 0.0:
        return
    step = most if steepness * most <= 1.85 * gap else 1.85 * gap / steepness
    after = _move(network, space, n_high, n_low, step, flow, cost, slope)
    moved = step
    for _ in range(8):
        if after >= -0.9 * gap:
            break
        back = moved * after / (gap - after)  # negative: the secant through (0, gap) and (moved, after)
        after = _move(network, space, n_high, n_low, back, flow, cost, slope)
        moved += back
    if moved >= most:
        for at in range(n_high):
            if slots[at] >= 0 and space.flow[slots[at]] < 1e-14 * most:
                space.flow[slots[at]] = 0.0


@kernel
def _move(network, space, n_high, n_low, step, flow, cost, slope):
    """Move flow between the two paths in `space`; returns the cost of the longer less that of the shorter."""
    links, slots = space.path_link, space.path_slot
    half = links.size // 2
    gap = 0.0
    for at in range(n_high):
        gap += _change(network, space, links[at], slots[at], at > 0, -step, flow, cost, slope)
    for at in range(half, half + n_low):
        gap -= _change(network, space, links[at], slots[at], at > half, step, flow, cost, slope)
    return gap


@kernel
def _change(network, space, link, slot, inner, step, flow, cost, slope):
    if slot >= 0:
        space.flow[slot] = max(space.flow[slot] + step, 0.0)
    if inner:
        space.node_flow[network.head[link]] += step
    flow[link] += step
    cost[link], slope[link] = bpr_cost_slope(
        flow[link], network.fixed[link], network.congestion[link], network.capacity[link], network.power[link]
    )
    return cost[link]
