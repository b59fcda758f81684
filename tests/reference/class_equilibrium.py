"""Slow, obvious twin of the equilibrium of several classes: all paths written out and levelled by bisection."""

from __future__ import annotations

from itertools import pairwise

from tests.reference.user_equilibrium import simple_paths


def class_equilibrium(ends, time, surcharge, demand, first_through=0, banned=(), penalty=None, turns=400):
    """Flow of each class on each link.

    `time(link, flow)`: minutes; `surcharge[class][link]`: minutes; `demand`: (class, origin, destination) to PCU;
    `banned`, `penalty`: pairs of links that may not follow one another, or minutes that it takes.
    """
    penalty = penalty or {}
    paths = {
        key: [
            p
            for p in simple_paths(ends, key[1], key[2], first_through)
            if not any(pair in banned for pair in pairwise(p))
        ]
        for key in demand
    }
    flow = {key: [demand[key]] + [0.0] * (len(options) - 1) for key, options in paths.items()}

    def loads():
        total = [0.0] * len(ends)
        for key, options in paths.items():
            for path, f in zip(options, flow[key], strict=True):
                for link in path:
                    total[link] += f
        return total

    def cost(key, path, load):
        turn = sum(penalty.get(pair, 0.0) for pair in pairwise(path))
        return turn + sum(time(link, load[link]) + surcharge[key[0]][link] for link in path)

    load = loads()
    for _ in range(turns):
        widest = 0.0
        for key, options in paths.items():
            costs = [cost(key, path, load) for path in options]
            worst = max((i for i, f in enumerate(flow[key]) if f > 0), key=costs.__getitem__)
            best = min(range(len(options)), key=costs.__getitem__)
            widest = max(widest, costs[worst] - costs[best])
            if costs[worst] <= costs[best]:
                continue
            low, high = 0.0, flow[key][worst]
            for _ in range(50):
                step = (low + high) / 2
                trial = list(load)
                for link in options[worst]:
                    trial[link] -= step
                for link in options[best]:
                    trial[link] += step
                if cost(key, options[worst], trial) > cost(key, options[best], trial):
                    low = step
                else:
                    high = step
            flow[key][worst] -= high
            flow[key][best] += high
            load = loads()
        if widest < 1e-11:
            break
    by_class = {k: [0.0] * len(ends) for k, _, _ in demand}
    for key, options in paths.items():
        for path, f in zip(options, flow[key], strict=True):
            for link in path:
                by_class[key[0]][link] += f
    return by_class
