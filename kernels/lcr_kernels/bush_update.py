"""What changes a bush: links that lie on shortest paths of the whole network enter it, and its order follows."""

import numpy as np

from lcr_kernels._jit import kernel

TIGHT = 1e-13
"""A link is on a shortest path when it misses the distance by no more than this share: sums differ by rounding."""


@kernel
def judge_bush(cost, labels, lane, space):
    """Find what equilibrium would save in an open, loaded bush, and the nodes that no shortest path of it enters.

    cost     float64[link]
    labels   SweepSpace      after a sweep over all ranks at the same costs
    lane     int             of the bush's origin
    space    BushSpace       near and high written; positions of those nodes in `order`
    returns  (float64, int)  excess cost over shortest paths of the whole network, min·veh/h; how many nodes
    """
    near, high, order, entry, tail = space.near, space.high, space.order, space.entry, space.tail
    node, node_flow, flow, link, slot_tail = space.node, space.node_flow, space.flow, space.link, space.slot_tail
    label, place, merge_start = labels.label, labels.place, space.merge_start
    near[0] = 0.0
    high[0] = 0.0
    excess = 0.0
    wanting = 0
    for at in range(1, space.size[0]):
        shortest = label[place[node[at]], lane]
        near[at] = shortest
        into = entry[at]
        if into >= 0:
            least = near[tail[at]] + cost[into] - shortest
            excess += node_flow[at] * least
            high[at] = high[tail[at]] + cost[into]
        else:
            least, longest = np.inf, -1.0
            for slot in range(merge_start[-2 - into], merge_start[-1 - into]):
                step = cost[link[slot]]
                over = near[slot_tail[slot]] + step - shortest
                excess += flow[slot] * over
                least = min(least, over)
                longest = max(longest, high[slot_tail[slot]] + step)
            high[at] = longest
        if least > TIGHT * shortest:
            order[wanting] = at
            wanting += 1
    return excess, wanting


@kernel
def grow_bush(network, cost, labels, lane, space, wanting):
    """Let shortest paths into an open bush that `judge_bush` has just judged; returns whether any came.

    A path comes from the nearest node of the bush on it. Along links of the bush, `high` does not fall; it rises along
    a path that ends below the `high` of the node it enters. So such paths close no cycle together, not even of links
    that cost nothing. A path that only runs with the order of the nodes may enter where none runs against it.
    """
    nodes = space.size[0]
    node, entry, tail, position, root_of = space.node, space.entry, space.tail, space.position, space.place
    high, path_link, new_link, new_tail = space.high, space.path_link, space.new_link, space.new_tail
    strict = False
    while True:
        added = nodes
        found = False
        against = False
        for at in range(nodes):
            root_of[at] = at
        for turn in range(wanting):
            start = space.order[turn]
            if new_link[start] >= 0:
                continue
            space.size[2] += 1
            at, door = start, 0
            _enter(network, space, 0, node[start])
            depth = _trace(network, cost, labels.label, labels.place, lane, space, 0)
            backward = False
            while depth >= 0:
                root = position[network.tail[path_link[depth]]]
                door = depth
                while position[space.stack[door]] < 0:
                    door -= 1
                at = position[space.stack[door]]
                length = high[root]
                for step in range(depth, door - 1, -1):
                    length += cost[path_link[step]]
                backward = root_of[root] >= at
                shortens = length < high[at] or (at == start and not (strict or backward))
                if shortens and new_link[at] < 0 and not (depth == door and _holds(space, at, path_link[door])):
                    break
                # From a node as far as this one it may be that only flow that comes back from here goes there: see to
                # its own way in. (Two links that cost nothing, one each way: Berlin-Center stuck at a gap of 4e-6.)
                if root < nodes and space.near[at] - space.near[root] <= TIGHT * space.near[at]:
                    depth += 1
                    _enter(network, space, depth, node[root])
                depth = _trace(network, cost, labels.label, labels.place, lane, space, depth)
            if depth < 0:
                continue
            against = against or backward
            if against and not strict:
                break
            found = True
            for step in range(depth, door, -1):
                node[added] = space.stack[step]
                entry[added] = path_link[step]
                tail[added] = root
                position[node[added]] = added
                space.node_flow[added] = 0.0
                high[added] = high[root] + cost[path_link[step]]
                root_of[added] = root_of[root]
                new_link[added] = -1
                root = added
                added += 1
            new_link[at] = path_link[door]
            new_tail[at] = root
        if strict or not against:
            break
        strict = True
        for at in range(nodes):
            new_link[at] = -1
        for at in range(nodes, added):
            position[node[at]] = -1
    if found:
        _sort_topologically(space, added)
        _rebuild(space, added)
        for at in range(nodes):
            new_link[at] = -1
    return found


@kernel
def _holds(space, at, link):
    """Say whether a link enters a position already."""
    entry = space.entry[at]
    if entry >= -1:
        return entry == link
    held = False
    for slot in range(space.merge_start[-2 - entry], space.merge_start[-1 - entry]):
        held = held or space.link[slot] == link
    return held


@kernel
def _enter(network, space, depth, node):
    """Put a node on the stack of a search."""
    space.stack[depth] = node
    space.seen[node] = space.size[2]
    space.cursor[node] = network.in_start[node]


@kernel
def _trace(network, cost, label, place, lane, space, depth):
    """Follow shortest paths from the top of the stack back to a node of the bush, depth first, once to each node.

    Depth first, for links that cost nothing may go round. Nodes stand in `space.stack`, the links into them in
    `space.path_link`, of which the last leaves the bush; returns its place there, −1 when there is no more. Called
    again with that, goes on searching. `space.size[2]` is the number of the search.
    """
    tail_of, in_start, through = network.tail, network.in_start, network.first_through
    stack, seen, cursor, position = space.stack, space.seen, space.cursor, space.position
    turn = space.size[2]
    origin = space.node[0]
    while depth >= 0:
        node = stack[depth]
        reached = label[place[node], lane]
        link, last = cursor[node], in_start[node + 1]
        while link < last:
            tail = tail_of[link]
            over = label[place[tail], lane] + cost[link] - reached
            if over <= TIGHT * reached and seen[tail] != turn and (tail >= through or tail == origin):
                break
            link += 1
        cursor[node] = link + 1
        if link >= last:
            depth -= 1
            continue
        space.path_link[depth] = link
        tail = tail_of[link]
        seen[tail] = turn
        if position[tail] >= 0:
            return depth
        cursor[tail] = in_start[tail]
        depth += 1
        stack[depth] = tail
    return -1


@kernel
def _sort_topologically(space, count):
    """Depth-first search against the links, in the old order, so that little moves: positions in `space.order`.

    `cursor` counts the links into a position that were followed: its slots, or the only one, and then the new one.
    """
    place, cursor, stack, entry, tail = space.place, space.cursor, space.stack, space.entry, space.tail
    merge_start, slot_tail, new_link, new_tail = space.merge_start, space.slot_tail, space.new_link, space.new_tail
    for at in range(count):
        place[at] = -1
    placed = 0
    for start in range(count):
        if place[start] >= 0:
            continue
        depth = 0
        stack[0] = start
        cursor[start] = 0
        while depth >= 0:
            at = stack[depth]
            first, old = 0, 0
            if entry[at] >= 0:
                old = 1
            elif entry[at] <= -2:
                first = merge_start[-2 - entry[at]]
                old = merge_start[-1 - entry[at]] - first
            many = old + 1 if new_link[at] >= 0 else old
            turn = cursor[at]
            behind = -1
            while turn < many:
                if turn == old:
                    behind = new_tail[at]
                elif entry[at] >= 0:
                    behind = tail[at]
                else:
                    behind = slot_tail[first + turn]
                turn += 1
                if place[behind] < 0:
                    break
                behind = -1
            cursor[at] = turn
            if behind >= 0:
                depth += 1
                stack[depth] = behind
                cursor[behind] = 0
            else:
                place[at] = placed
                space.order[placed] = at
                placed += 1
                depth -= 1


@kernel
def _rebuild(space, count):
    """Write the bush anew in its new order, the links that enter among its slots."""
    merges, slots = 0, 0
    for place in range(count):
        at = space.order[place]
        entry = space.entry[at]
        space.other_node[place] = space.node[at]
        space.other_node_flow[place] = space.node_flow[at]
        space.other_entry[place] = entry
        if entry >= 0:
            space.other_tail[place] = space.place[space.tail[at]]
        if entry == -1 or (entry >= 0 and space.new_link[at] < 0):
            continue
        if entry >= 0:
            space.other_link[slots] = entry
            space.other_slot_tail[slots] = space.place[space.tail[at]]
            space.other_flow[slots] = space.node_flow[at]
            slots += 1
        else:
            for slot in range(space.merge_start[-2 - entry], space.merge_start[-1 - entry]):
                space.other_link[slots] = space.link[slot]
                space.other_slot_tail[slots] = space.place[space.slot_tail[slot]]
                space.other_flow[slots] = space.flow[slot]
                slots += 1
        if space.new_link[at] >= 0:
            space.other_link[slots] = space.new_link[at]
            space.other_slot_tail[slots] = space.place[space.new_tail[at]]
            space.other_flow[slots] = 0.0
            slots += 1
        space.other_entry[place] = -2 - merges
        merges += 1
        space.other_start[merges] = slots
    for at in range(count):
        space.node[at] = space.other_node[at]
        space.node_flow[at] = space.other_node_flow[at]
        space.entry[at] = space.other_entry[at]
        space.tail[at] = space.other_tail[at]
        space.position[space.node[at]] = at
    for merge in range(merges + 1):
        space.merge_start[merge] = space.other_start[merge]
    for slot in range(slots):
        space.link[slot] = space.other_link[slot]
        space.slot_tail[slot] = space.other_slot_tail[slot]
        space.flow[slot] = space.other_flow[slot]
    space.size[0] = count
    space.size[1] = merges


@kernel
def label_bush(cost, space):
    """Shortest and longest used path to every node of an open, loaded bush.

    A slot counts as used when it carries flow; the slot of the shortest path always counts, so that every node
    has a longest path.

    cost     float64[link]
    space    BushSpace      labels and the three slots of each merge written
    """
    low, high = space.low, space.high
    low[0] = 0.0
    high[0] = 0.0
    for at in range(1, space.size[0]):
        entry = space.entry[at]
        if entry >= 0:
            low[at] = low[space.tail[at]] + cost[entry]
            high[at] = high[space.tail[at]] + cost[entry]
            continue
        merge = -2 - entry
        first, last = space.merge_start[merge], space.merge_start[merge + 1]
        shortest, longest = np.inf, -1.0
        low_slot, high_slot, main_slot = first, -1, first
        for slot in range(first, last):
            link, tail = space.link[slot], space.slot_tail[slot]
            through = low[tail] + cost[link]
            if through < shortest:
                shortest = through
                low_slot = slot
            if space.flow[slot] > space.flow[main_slot]:
                main_slot = slot
            if space.flow[slot] > 0.0:
                used = high[tail] + cost[link]
                if used > longest:
                    longest = used
                    high_slot = slot
        low[at] = shortest
        high[at] = max(longest, high[space.slot_tail[low_slot]] + cost[space.link[low_slot]])
        space.low_slot[merge] = low_slot
        space.high_slot[merge] = high_slot
        space.main_slot[merge] = main_slot
