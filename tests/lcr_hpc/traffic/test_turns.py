"""Turn bans and penalties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcr_hpc.errors import InputError
from lcr_hpc.traffic import Network, TrafficSettings, Turns, assign, demand_from_pairs
from lcr_hpc.traffic.turns import expand_turns
from tests.reference.class_equilibrium import class_equilibrium

SETTINGS = TrafficSettings(relative_gap=1e-12)


def network_of(ends, free, slope, zones, first_through) -> Network:
    n = len(ends)
    free = np.array(free, float)
    return Network(
        from_node=np.array([a for a, _ in ends], np.int32),
        to_node=np.array([b for _, b in ends], np.int32),
        capacity_veh_h=np.ones(n),
        length=np.ones(n),
        free_flow_time=free,
        b=np.array(slope) / free,
        power=np.ones(n),
        toll=np.zeros(n),
        n_zones=zones,
        n_nodes=max(max(pair) for pair in ends) + 1,
        first_through_node=first_through,
        node_id=np.arange(1, max(max(pair) for pair in ends) + 2),
        link_row=np.arange(1, n + 1),
    )


def demand(*rows, zones=2):
    o, d, t = zip(*rows, strict=True)
    return demand_from_pairs(np.array(o, np.int32), np.array(d, np.int32), np.array(t, float), zones)


def turns(*rows) -> Turns:
    a, b, p = zip(*rows, strict=True) if rows else ((), (), ())
    return Turns(np.array(a, np.int64), np.array(b, np.int64), np.array(p, float))


# From zone 0 over junction 2 to zone 1: straight on by 3, or by 4 which takes three minutes longer.
CROSS = [(0, 2), (2, 3), (2, 4), (3, 1), (4, 1)]
FREE = [1.0, 1.0, 2.0, 1.0, 3.0]


def crossing(**changes):
    return network_of(CROSS, **({"free": FREE, "slope": [0.0] * 5, "zones": 2, "first_through": 2} | changes))


def test_a_ban_sends_everybody_round_and_a_penalty_only_whom_it_pays():
    trips = demand((0, 1, 6.0))
    assert assign(crossing(), trips, SETTINGS).link_flow.tolist() == [6, 6, 0, 6, 0]
    banned = assign(crossing(), trips, SETTINGS, turns=turns((0, 1, np.inf)))
    assert banned.link_flow.tolist() == [6, 0, 6, 0, 6]
    assert banned.turn_flow.tolist() == [0.0]
    # 1 + 1 + x and 2 + 3: three minutes at the turn leave nobody, two and x = 1 … both take five minutes.
    slope = [0.0, 1.0, 0.0, 0.0, 0.0]
    split = assign(crossing(slope=slope), trips, SETTINGS, turns=turns((0, 1, 2.0)))
    assert split.link_flow.tolist() == pytest.approx([6, 1, 5, 1, 5])
    assert split.turn_flow.tolist() == pytest.approx([1.0])
    assert split.link_cost.tolist() == pytest.approx([1, 2, 2, 1, 3])
    assert split.total_travel_time == pytest.approx(6 * 6.0)


def test_demand_that_bans_cut_off_is_named():
    result = assign(crossing(), demand((0, 1, 6.0)), SETTINGS, turns=turns((0, 1, np.inf), (2, 4, np.inf)))
    assert (result.unreachable.origin.tolist(), result.unreachable.total) == ([0], 6.0)
    assert result.link_flow.tolist() == [0.0] * 5


def test_an_empty_list_of_turns_changes_no_byte():
    trips = demand((0, 1, 6.0))
    plain, listed = (assign(crossing(slope=[1.0] * 5), trips, SETTINGS, turns=given) for given in (None, turns()))
    assert plain.link_flow.tobytes() == listed.link_flow.tobytes()


def test_trips_that_begin_or_end_at_the_junction_turn_nowhere():
    # All nodes are zones that paths pass; at 1 the turn from 0 to 2 is banned.
    ends = [(0, 1), (1, 2), (0, 3), (3, 2)]
    network = network_of(ends, [1.0, 1.0, 5.0, 5.0], [0.0] * 4, 4, 0)
    trips = demand((0, 1, 1.0), (1, 2, 2.0), (0, 2, 4.0), zones=4)
    assert assign(network, trips, SETTINGS).link_flow.tolist() == [5, 6, 0, 0]
    result = assign(network, trips, SETTINGS, turns=turns((0, 1, np.inf)))
    assert result.link_flow.tolist() == [1, 2, 4, 4]
    assert result.unreachable.total == 0.0


def test_only_junctions_with_turns_grow():
    network = crossing()
    grown, link = expand_turns(network, turns((0, 1, 2.0), (0, 2, np.inf)))
    # A node for the link in, one for each link out; two free links from the junction, and one turn.
    assert (grown.n_nodes, grown.n_links) == (5 + 3, 5 + 3)
    assert link.tolist() == [7, -1]
    assert (grown.from_node[7], grown.to_node[7]) == (grown.to_node[0], grown.from_node[1])


def test_everything_wrong_with_turns_is_one_error():
    bad = turns((0, 3, 1.0), (0, 1, -1.0), (0, 2, np.nan), (0, 2, 1.0))
    with pytest.raises(InputError) as error:
        assign(crossing(), demand((0, 1, 1.0)), SETTINGS, turns=bad)
    text = str(error.value)
    for part in (
        "the second link does not begin where the first ends; row 1 → 4",
        "penalty must be from 0 minutes up, infinite for a ban; row 1 → 2, 1 → 3",
        "the turn appears twice; row 1 → 3",
    ):
        assert part in text
    with pytest.raises(InputError, match="not one of the 5 links; link 0 → 9"):
        assign(crossing(), demand((0, 1, 1.0)), SETTINGS, turns=turns((0, 9, 1.0)))


@settings(deadline=None, derandomize=True, max_examples=15)
@given(st.data())
def test_flows_with_turns_are_those_of_paths_written_out(data):
    ends = [(0, 2), (0, 3), (2, 3), (3, 2), (2, 4), (3, 4), (4, 1), (2, 1), (3, 1)]
    cost = st.sampled_from([0.5, 1.0, 2.0])
    free, slope = ([data.draw(cost) for _ in ends] for _ in range(2))
    possible = [(a, b) for a in range(9) for b in range(9) if ends[a][1] == ends[b][0] and ends[a] != ends[b][::-1]]
    chosen = data.draw(st.lists(st.sampled_from(possible), unique=True, max_size=6))
    listed = {pair: data.draw(st.sampled_from([0.0, 0.5, 3.0, np.inf])) for pair in chosen}
    listed.update({(a, b): np.inf for a in range(9) for b in range(9) if ends[a] == ends[b][::-1]})  # no turning back
    banned = {pair for pair, p in listed.items() if p == np.inf}
    penalty = {pair: p for pair, p in listed.items() if p < np.inf}
    network = network_of(ends, free, slope, 2, 2)
    result = assign(network, demand((0, 1, 4.0)), SETTINGS, turns=turns(*((a, b, p) for (a, b), p in listed.items())))
    if result.unreachable.total:
        return
    wanted = class_equilibrium(
        ends, lambda i, x: free[i] + slope[i] * max(x, 0.0), [[0.0] * 9], {(0, 0, 1): 4.0}, 2, banned, penalty
    )[0]
    assert result.link_flow.tolist() == pytest.approx(wanted, abs=1e-4)
    inward = np.bincount(network.to_node, result.link_flow, 5) - np.bincount(network.from_node, result.link_flow, 5)
    assert inward.tolist() == pytest.approx([-4.0, 4.0, 0.0, 0.0, 0.0], abs=1e-10)
