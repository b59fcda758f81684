from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lcr_hpc.errors import ConfigError, InputError, ModelError
from lcr_hpc.traffic import Demand, Network, TrafficSettings, assign, demand_from_pairs
from tests.lcr_hpc.traffic.sioux_falls import OBJECTIVE, sioux_falls


def two_zones(**changes) -> Network:
    """Two zones joined by two roads of 10 + x and 5 + 2x minutes, through a node each."""
    columns = {
        "from_node": np.array([0, 2, 0, 3], np.int32),
        "to_node": np.array([2, 1, 3, 1], np.int32),
        "capacity_veh_h": np.ones(4),
        "length": np.array([1.0, 0.0, 2.0, 0.0]),
        "free_flow_time": np.array([10.0, 0.0, 5.0, 0.0]),
        "b": np.array([0.1, 0.0, 0.4, 0.0]),
        "power": np.ones(4),
        "toll": np.array([0.0, 0.0, 3.0, 0.0]),
    }
    columns.update(changes)
    size = columns["from_node"].size
    return Network(
        **columns,
        n_zones=2,
        n_nodes=4,
        first_through_node=2,
        node_id=np.arange(1, 5),
        link_row=np.arange(1, size + 1),
    )


def trips(*rows: tuple[int, int, float], zones: int = 2) -> Demand:
    origin, destination, number = (np.array(column) for column in zip(*rows, strict=True))
    return demand_from_pairs(origin.astype(np.int32), destination.astype(np.int32), number.astype(float), zones)


def test_tolls_and_distance_are_part_of_the_cost_and_not_of_the_time():
    plain = assign(two_zones(), trips((0, 1, 10.0)), TrafficSettings(relative_gap=1e-12))
    assert plain.link_flow.tolist() == pytest.approx([5.0, 5.0, 5.0, 5.0])
    # A toll of 3 and a unit more of length: 10 + x = 5 + 2 (10 − x) + 3 + 0.5·(2 − 1)
    weighted = assign(
        two_zones(),
        trips((0, 1, 10.0)),
        TrafficSettings(relative_gap=1e-12, toll_weight=1.0, distance_weight=0.5),
    )
    x = (25 + 3 + 0.5 - 10) / 3
    assert weighted.link_flow[0] == pytest.approx(x)
    assert weighted.link_cost[0] == pytest.approx(10 + x + 0.5)
    assert weighted.total_travel_time == pytest.approx(x * (10 + x) + (10 - x) * (5 + 2 * (10 - x)))


def test_trips_within_a_zone_are_reported_and_load_nothing():
    demand = trips((0, 0, 100.0), (0, 1, 10.0))
    result = assign(two_zones(), demand)
    assert (demand.intrazonal, demand.interzonal) == (100.0, 10.0)
    assert result.link_flow.tolist() == assign(two_zones(), trips((0, 1, 10.0))).link_flow.tolist()


def test_demand_without_a_path_is_named_and_out_of_the_gap():
    result = assign(two_zones(), trips((0, 1, 10.0), (1, 0, 7.0)), TrafficSettings(relative_gap=1e-12))
    assert [column.tolist() for column in result.unreachable] == [[1], [0], [7.0]]
    assert result.unreachable.total == 7.0
    assert result.converged
    assert result.link_flow.tolist() == pytest.approx([5.0, 5.0, 5.0, 5.0])


def test_no_demand_is_an_empty_network():
    result = assign(two_zones(), trips((0, 0, 4.0)))
    assert (result.link_flow.tolist(), result.relative_gap, result.objective) == ([0.0] * 4, 0.0, 0.0)
    assert result.link_cost.tolist() == [10.0, 0.0, 5.0, 0.0]


def test_relabelling_and_link_order_change_nothing():
    network, demand = sioux_falls()
    settings = TrafficSettings(relative_gap=1e-12, max_iterations=100)
    straight = assign(network, demand, settings)
    rng = np.random.default_rng(7)
    order, name = rng.permutation(network.n_links), rng.permutation(24).astype(np.int32)
    columns = {
        field.name: getattr(network, field.name)[order]
        for field in dataclasses.fields(network)
        if isinstance(getattr(network, field.name), np.ndarray) and field.name != "node_id"
    }
    columns["from_node"], columns["to_node"] = name[columns["from_node"]], name[columns["to_node"]]
    mixed = demand_from_pairs(name[demand.origin], name[demand.destination], demand.trips, 24)
    shuffled = assign(dataclasses.replace(network, **columns), mixed, settings)
    assert shuffled.objective == pytest.approx(straight.objective, rel=1e-12)
    assert shuffled.link_flow.tolist() == pytest.approx(straight.link_flow[order].tolist(), rel=1e-6)


def test_more_demand_costs_more():
    network, demand = sioux_falls()
    times = []
    for factor in (0.5, 1.0, 1.5):
        scaled = dataclasses.replace(demand, trips=factor * demand.trips)
        result = assign(network, scaled, TrafficSettings(relative_gap=1e-8))
        times.append(result.total_travel_time / factor)
        assert result.relative_gap >= 0
    assert times == sorted(times)


def test_every_thread_count_gives_the_same_bytes():
    network, demand = sioux_falls()
    settings = TrafficSettings(relative_gap=1e-9, origin_blocks=5)
    results = [assign(network, demand, settings, threads=threads) for threads in (1, 2, 3)]
    assert len({r.link_flow.tobytes() + r.link_cost.tobytes() + r.history.tobytes() for r in results}) == 1


def test_a_warm_start_reaches_the_same_equilibrium_sooner():
    network, demand = sioux_falls()
    settings = TrafficSettings(relative_gap=1e-8, origin_blocks=2)
    night = assign(network, dataclasses.replace(demand, trips=0.9 * demand.trips), settings)
    cold = assign(network, demand, settings)
    bushes = {block: [array.copy() for array in b] for block, b in night.warm_start.bushes.items()}
    warm = assign(network, demand, settings, warm_start=night.warm_start)
    assert warm.history[0] < cold.history[0]
    assert warm.iterations < cold.iterations
    assert warm.objective == pytest.approx(OBJECTIVE, rel=1e-7)
    for block, arrays in bushes.items():
        # By bytes: room beyond the last slot is whatever memory held, NaN too.
        assert all(a.tobytes() == b.tobytes() for a, b in zip(arrays, night.warm_start.bushes[block], strict=True))


def test_a_warm_start_takes_up_origins_that_had_no_demand():
    network, demand = sioux_falls()
    some = demand.origin % 3 > 0
    part = demand_from_pairs(demand.origin[some], demand.destination[some], demand.trips[some], 24)
    settings = TrafficSettings(relative_gap=1e-9)
    warm = assign(network, demand, settings, warm_start=assign(network, part, settings).warm_start)
    assert warm.objective == pytest.approx(OBJECTIVE, rel=1e-8)


def test_a_warm_start_of_another_network_is_refused():
    warm = assign(two_zones(), trips((0, 1, 10.0))).warm_start
    with pytest.raises(ModelError, match="start cold"):
        assign(*sioux_falls(), warm_start=warm)


def test_iterations_that_do_not_suffice_are_said():
    result = assign(*sioux_falls(), TrafficSettings(relative_gap=1e-12, max_iterations=2))
    assert not result.converged
    assert result.iterations == 2 and result.relative_gap == result.history[-1] > 1e-12


def test_everything_wrong_with_the_arrays_is_one_error():
    bad = two_zones(
        capacity_veh_h=np.array([0.0, np.nan, 1.0, 1.0]),
        free_flow_time=np.array([np.inf, 0.0, 5.0, 0.0]),
        to_node=np.array([2, 1, 9, 1], np.int32),
    )
    demand = Demand(np.array([0, 2, 2]), np.array([1, 1], np.int32), np.array([-3.0, 1.0]))
    with pytest.raises(InputError) as error:
        assign(bad, demand)
    text = str(error.value)
    for part in (
        "row 3 (9)",
        "capacity must be finite and above 0; row 1 (0.0), 2 (nan)",
        "free_flow_time must be finite and not negative; row 1 (inf)",
        "trips must be finite and not negative; pairs 0 → 1 (-3.0)",
        "appear twice",
    ):
        assert part in text


def test_a_toll_that_makes_a_cost_negative_is_refused():
    with pytest.raises(InputError, match="negative; row 3"):
        assign(two_zones(toll=np.array([0.0, 0, -9, 0])), trips((0, 1, 1.0)), TrafficSettings(toll_weight=1.0))


def test_settings_say_everything_that_is_wrong_with_them():
    with pytest.raises(ConfigError) as error:
        TrafficSettings(relative_gap=0.0, toll_weight=-1.0, origin_blocks=0, algorithm="frank-wolfe")
    for part in ("relative_gap", "toll_weight", "origin_blocks", "frank-wolfe"):
        assert part in str(error.value)


@pytest.mark.parametrize(("zones", "blocks"), [(2, 1), (128, 1), (129, 5), (1462, 46), (100_000, 512)])
def test_the_number_of_blocks_follows_from_the_number_of_zones(zones, blocks):
    assert TrafficSettings().blocks(zones) == blocks
