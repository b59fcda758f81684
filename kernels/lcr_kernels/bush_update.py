"""What a bush is made of: labels, links that enter it, links that leave it, its topological order."""

import numpy as np

from lcr_kernels._jit import kernel


@kernel
def label_bush(network, bushes, row, cost, space):
    """Shortest and longest used path to every node of an open, loaded bush, and what equilibrium would save.

    A slot counts as used when it carries flow; the slot of the shortest path always counts, so that every node
    has a longest path.

    network  RoadNetwork
    bushes   Bushes
    row      int
    cost     float64[link]
    space    BushSpace      labels, rank and the three slots of each merge written
    returns  float64        excess cost, min·veh/h: flow × (cost of its way − shortest cost), summed over merges
    """
    order, predecessor = bushes.order[row], bushes.predecessor[row]
    low, high, rank = space.low, space.high, space.rank
    count = bushes.nodes[row]
    if count < low.size:
        low[:] = np.inf
        high[:] = np.inf
    origin = order[0]
    low[origin] = 0.0
    high[origin] = 0.0
    rank[origin] = 0
    excess = 0.0
    for at in range(1, count):
        node = order[at]
        rank[node] = at
        entry = predecessor[node]
        if entry >= 0:
            tail = network.tail[entry]
            low[node] = low[tail] + cost[entry]
            high[node] = high[tail] + cost[entry]
            continue
        merge = -2 - entry
        first, last = space.merge_start[merge], space.merge_start[merge + 1]
        shortest, longest = np.inf, -1.0
        low_slot, high_slot, main_slot = first, -1, first
        for slot in range(first, last):
            link = space.link[slot]
            through = low[network.tail[link]] + cost[link]
            if through < shortest:
                shortest = through
                low_slot = slot
            if space.flow[slot] > space.flow[main_slot]:
                main_slot = slot
            if space.flow[slot] > 0.0:
                used = high[network.tail[link]] + cost[link]
                if used > longest:
                    longest = used
                    high_slot = slot
        for slot in range(first, last):
            if space.flow[slot] > 0.0:
                link = space.link[slot]
                excess += space.flow[slot] * (low[network.tail[link]] + cost[link] - shortest)
        link = space.link[low_slot]
        low[node] = shortest
        high[node] = max(longest, high[network.tail[link]] + cost[link])
        space.low_slot[merge] = low_slot
        space.high_slot[merge] = high_slot
        space.main_slot[merge] = main_slot
    return excess


@kernel
def update_bush(network, bushes, row, cost, space, merges):
    """Let links into a labelled bush that shorten its paths, and drop those that carry nothing.

    A link (i, j) enters when it shortens both the shortest and the longest used path to j:
    low[i] + c < low[j] and high[i] + c < high[j]. Links that stay have high[i] + c <= high[j], so no cycle can
    close, even of links that cost nothing: the second inequality is strict.

    network  RoadNetwork
    bushes   Bushes         order and predecessor of the row rewritten
    row      int
    cost     float64[link]
    space    BushSpace      labelled
    merges   int
    returns  int            merges afterwards, or −1 when nothing changed
    """
    origin = bushes.zone[row]
    candidates, backward = _candidates(network, cost, origin, space)
    if candidates == 0 and not _has_idle_slot(space, merges):
        return -1
    if backward:
        _sort_topologically(network, bushes, row, space)
    return _rebuild(bushes, row, space)


@kernel
def _candidates(network, cost, origin, space):
    """Links that would shorten paths, grouped by head; and whether one runs against the order of the nodes.

    With the order: every link that shortens the shortest path. Where one must run against it, only links that
    shorten the longest path too, for only these close no cycle together.
    """
    low, high, rank = space.low, space.high, space.rank
    strict = False
    while True:
        found = 0
        backward = False
        for node in range(low.size):
            space.candidate_start[node] = found
            lowest = low[node]
            if lowest == np.inf:
                continue
            for link in range(network.in_start[node], network.in_start[node + 1]):
                tail = network.tail[link]
                if low[tail] + cost[link] < lowest:
                    if tail < network.first_through and tail != origin:
                        continue
                    shortens = high[tail] + cost[link] < high[node]
                    against = rank[tail] > rank[node]
                    if shortens or not (strict or against):
                        space.candidate[found] = link
                        found += 1
                        backward = backward or against
        space.candidate_start[low.size] = found
        if strict or not backward:
            return found, backward
        strict = True


@kernel
def _has_idle_slot(space, merges):
    for merge in range(merges):
        for slot in range(space.merge_start[merge], space.merge_start[merge + 1]):
            if space.flow[slot] <= 0.0 and slot != space.low_slot[merge]:
                return True
    return False


@kernel
def _sort_topologically(network, bushes, row, space):
    """Depth-first search against the links, in the old order, so that little moves."""
    order, predecessor = bushes.order[row], bushes.predecessor[row]
    count = bushes.nodes[row]
    done = space.at
    done[:] = -1
    placed = 0
    for start in range(count):
        depth = 0
        space.stack[0] = order[start]
        while depth >= 0:
            node = space.stack[depth]
            if done[node] == -2:
                depth -= 1
                continue
            if done[node] == -1:
                done[node] = 0
            tail = _next_tail(network, predecessor, space, node, done)
            if tail < 0:
                done[node] = -2
                space.order[placed] = node
                placed += 1
                depth -= 1
            elif done[tail] == -1:
                depth += 1
                space.stack[depth] = tail
    for at in range(count):
        order[at] = space.order[at]


@kernel
def _next_tail(network, predecessor, space, node, done):
    """Next tail of a link into `node` that stays or enters, counting in done[node]; −1 after the last."""
    entry = predecessor[node]
    old = 0
    if entry >= 0:
        old = 1
    elif entry <= -2:
        old = space.merge_start[-1 - entry] - space.merge_start[-2 - entry]
    new = space.candidate_start[node + 1] - space.candidate_start[node]
    while done[node] < old + new:
        turn = done[node]
        done[node] += 1
        if turn >= old:
            return network.tail[space.candidate[space.candidate_start[node] + turn - old]]
        if entry >= 0:
            return network.tail[entry]
        slot = space.merge_start[-2 - entry] + turn
        if space.flow[slot] > 0.0 or slot == space.low_slot[-2 - entry]:
            return network.tail[space.link[slot]]
    return -1


@kernel
def _rebuild(bushes, row, space):
    """Write the merges anew, in topological order."""
    order, predecessor = bushes.order[row], bushes.predecessor[row]
    merges = 0
    slots = 0
    for at in range(1, bushes.nodes[row]):
        node = order[at]
        entry = predecessor[node]
        begin = slots
        if entry >= 0:
            space.other_link[slots] = entry
            space.other_flow[slots] = space.node_flow[node]
            slots += 1
        else:
            merge = -2 - entry
            for slot in range(space.merge_start[merge], space.merge_start[merge + 1]):
                if space.flow[slot] > 0.0 or slot == space.low_slot[merge]:
                    space.other_link[slots] = space.link[slot]
                    space.other_flow[slots] = space.flow[slot]
                    slots += 1
        for candidate in range(space.candidate_start[node], space.candidate_start[node + 1]):
            space.other_link[slots] = space.candidate[candidate]
            space.other_flow[slots] = 0.0
            slots += 1
        if slots == begin + 1:
            predecessor[node] = space.other_link[begin]
            slots = begin
        else:
            predecessor[node] = -2 - merges
            merges += 1
            space.other_start[merges] = slots
    for merge in range(merges + 1):
        space.merge_start[merge] = space.other_start[merge]
    for slot in range(slots):
        space.link[slot] = space.other_link[slot]
        space.flow[slot] = space.other_flow[slot]
    return merges
