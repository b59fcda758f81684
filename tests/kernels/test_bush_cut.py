from __future__ import annotations

import numpy as np
import pytest
from lcr_kernels.bush_cut import cut_links
from lcr_kernels.bush_sweep import load_bushes, planted_rows

from tests.kernels.test_bush import Case

# From 0 by 2 or by 3 to 4, and on to 1 and to 5; 5 also has a street of its own from 2, which is too long to be used.
LINKS = [(0, 2, 1.0, 1.0, 1.0), (0, 3, 1.0, 1.0, 1.0), (2, 4, 1.0, 1.0, 1.0), (3, 4, 1.0, 1.0, 1.0),
         (4, 1, 1.0, 0.0, 1.0), (4, 5, 1.0, 0.0, 1.0), (2, 5, 99.0, 0.0, 1.0)]  # fmt: skip


@pytest.fixture
def case():
    return Case(LINKS, {(0, 1): 4.0, (0, 5): 2.0}, 6).solve(6)


def cut(case, *ends):
    closed = np.array([(link[0], link[1]) in ends for link in case.links])
    bushes = cut_links(case.network, case.bushes, closed)
    nodes = bushes.node[: bushes.node_first[1]].tolist()
    flow = np.zeros(len(case.links))
    planted = planted_rows(bushes, case.trips, case.network)
    load_bushes(case.network, bushes, case.trips, np.arange(1), True, flow, case.work.space)
    return nodes, {(t, h): f for (t, h, *_), f in zip(case.links, flow.tolist(), strict=True) if f}, planted.tolist()


def test_one_of_two_ways_is_cut_and_the_other_takes_all(case):
    nodes, flow, planted = cut(case, (2, 4))
    assert flow == {(0, 3): 6.0, (3, 4): 6.0, (4, 1): 4.0, (4, 5): 2.0}
    # 2 is still there, and leads nowhere until the next update drops it.
    assert set(nodes) == {0, 1, 2, 3, 4, 5}
    assert planted == [True]


def test_what_nothing_leads_to_any_more_is_gone(case):
    nodes, flow, planted = cut(case, (4, 5))
    assert 5 not in nodes
    assert planted == [False]
    assert flow[4, 1] == 4.0
    nodes, flow, planted = cut(case, (0, 2), (0, 3))
    assert (nodes, flow, planted) == ([0], {}, [False])


def test_a_cut_of_nothing_leaves_all_as_it_is(case):
    same = cut_links(case.network, case.bushes, np.zeros(len(case.links), np.bool_))
    nodes, merges = case.bushes.node_first[-1], case.bushes.merge_first[-1]
    assert same.node[:nodes].tolist() == case.bushes.node[:nodes].tolist()
    assert same.entry[:nodes].tolist() == case.bushes.entry[:nodes].tolist()
    slots = case.bushes.slot_first[merges]
    assert same.slot_flow[:slots].tolist() == case.bushes.slot_flow[:slots].tolist()
