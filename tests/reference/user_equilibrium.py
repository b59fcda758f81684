"""Slow, obvious twins of the traffic kernels: label correcting, all paths written out and levelled by bisection."""

from __future__ import annotations

import math


def bpr(flow, time, b, capacity, power):
    """Travel time of a link by the formula itself."""
    return time * (1 + b * (max(flow, 0.0) / capacity) ** power)


def distances(nodes, links, cost, origin, first_through):
    """Bellman–Ford: sweep over all links until nothing changes."""
    label = [math.inf] * nodes
    label[origin] = 0.0
    changed = True
    while changed:
        changed = False
        for (tail, head), c in zip(links, cost, strict=True):
            if (tail >= first_through or tail == origin) and label[tail] + c < label[head]:
                label[head] = label[tail] + c
                changed = True
    return label


def shortest_path_loads(nodes, links, cost, demand, first_through):
    """Each pair's trips on a path of links that its distance hangs on, traced back; costs above 0."""
    load = [0.0] * len(links)
    for (origin, destination), trips in demand.items():
        label = distances(nodes, links, cost, origin, first_through)
        node = destination
        while node != origin and label[destination] < math.inf:
            link = next(
                i
                for i, (tail, head) in enumerate(links)
                if head == node and (tail >= first_through or tail == origin) and label[tail] + cost[i] == label[head]
            )
            load[link] += trips
            node = links[link][0]
    return load


def simple_paths(links, origin, destination, first_through):
    """Every path without a repeated node, as a list of link indices."""
    found = []

    def walk(node, seen, path):
        if node == destination:
            found.append(path)
            return
        if node < first_through and node != origin:
            return
        for link, (tail, head) in enumerate(links):
            if tail == node and head not in seen:
                walk(head, seen | {head}, [*path, link])

    walk(origin, {origin}, [])
    return found


def equilibrium(links, parameters, demand, first_through=0, turns=4000):
    """Path flows by repeated equalising of each pair's dearest used and cheapest path (bisection); link flows.

    `parameters`: (time, b, capacity, power) by link; `demand`: (origin, destination) to trips.
    """
    paths = {pair: simple_paths(links, *pair, first_through) for pair in demand}
    flow = {pair: [demand[pair]] + [0.0] * (len(paths[pair]) - 1) for pair in demand}
    load = [0.0] * len(links)
    for pair, options in paths.items():
        for link in options[0]:
            load[link] += demand[pair]

    def cost(path, load):
        return math.fsum(bpr(load[link], *parameters[link]) for link in path)

    for _ in range(turns):
        widest = 0.0
        for pair, options in paths.items():
            costs = [cost(path, load) for path in options]
            used = [i for i, f in enumerate(flow[pair]) if f > 0]
            worst = max(used, key=costs.__getitem__)
            best = min(range(len(options)), key=costs.__getitem__)
            gap = costs[worst] - costs[best]
            widest = max(widest, gap)
            if gap <= 0:
                continue
            low, high = 0.0, flow[pair][worst]
            for _ in range(60):
                step = (low + high) / 2
                trial = _moved(load, options[worst], options[best], step)
                if cost(options[worst], trial) > cost(options[best], trial):
                    low = step
                else:
                    high = step
            load = _moved(load, options[worst], options[best], high)
            flow[pair][worst] -= high
            flow[pair][best] += high
        if widest < 1e-12:
            break
    return load


def _moved(load, worse, better, step):
    trial = list(load)
    for link in worse:
        trial[link] -= step
    for link in better:
        trial[link] += step
    return trial
