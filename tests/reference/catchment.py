"""Access from a full table of travel times, None = out of reach, formula by formula."""

from __future__ import annotations


def floating_catchment(demand, supply, minutes, weight, three_stages=False):
    """weight: function of minutes, 0 beyond the threshold."""
    areas, services = range(len(demand)), range(len(supply))
    w = [[0.0 if minutes[i][j] is None else weight(minutes[i][j]) for j in services] for i in areas]
    if three_stages:
        w = [[x * x / sum(row) if sum(row) else 0.0 for x in row] for row in w]
    crowd = [sum(demand[i] * w[i][j] for i in areas) for j in services]
    ratio = [supply[j] / crowd[j] if crowd[j] else 0.0 for j in services]
    return [sum(ratio[j] * w[i][j] for j in services) for i in areas]


def rational_agents(demand, capacity, cost, cycles=150):
    """All people of all areas as one table [area][service]; every area and every service in use."""
    areas, services = range(len(demand)), range(len(capacity))
    people = [[0] * len(capacity) for _ in areas]
    for i in areas:
        people[i][min(services, key=lambda j: cost[i][j])] = demand[i]
    for cycle in range(cycles):
        crowd = [sum(people[i][j] for i in areas) for j in services]
        whole = [[crowd[j] / capacity[j] + cost[i][j] for j in services] for i in areas]
        moves = []
        for i in areas:
            low = min(services, key=lambda j: whole[i][j])
            high = max((j for j in services if people[i][j]), key=lambda j: whole[i][j])
            if low != high:
                # x of both at `low`: (others_low + x)/c_low + t_low = (others_high + both - x)/c_high + t_high
                both = people[i][low] + people[i][high]
                others_low, others_high = crowd[low] - people[i][low], crowd[high] - people[i][high]
                gap = cost[i][high] - cost[i][low] + (others_high + both) / capacity[high] - others_low / capacity[low]
                even = gap / (1 / capacity[low] + 1 / capacity[high])
                step = max(0.2 * 0.5 ** (cycle / 50), 0.005) * demand[i]
                moves.append((i, low, high, int(min(even - people[i][low], people[i][high], step))))
        arriving = [sum(n for _, low, _, n in moves if low == j) for j in services]
        for i, low, high, n in moves:
            moved = round(n / max(arriving[low] / capacity[low], 1.0)) if cycle < 20 else n
            people[i][low] += moved
            people[i][high] -= moved
    return [sum(whole[i][j] * people[i][j] for j in services) / demand[i] for i in areas]
