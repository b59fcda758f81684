"""Classes of vehicles, preload, and delay functions by link."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.traffic import TrafficSettings, VehicleClass, assign
from lcr_hpc.traffic.network import DELAY_FUNCTIONS
from lcr_hpc.traffic.scenario.solution import pack_bushes, unpack_bushes
from tests.lcr_hpc.traffic.sioux_falls import sioux_falls
from tests.lcr_hpc.traffic.test_equilibrium import trips, two_zones
from tests.reference.class_equilibrium import class_equilibrium

SETTINGS = TrafficSettings(relative_gap=1e-12, toll_weight=1.0)


def toll_road():
    """A road of 10 + x minutes with a toll of 4, and one of 20 + x without."""
    return two_zones(
        free_flow_time=np.array([10.0, 0, 20, 0]),
        b=np.array([0.1, 0, 0.05, 0]),
        toll=np.array([4.0, 0, 0, 0]),
    )


def test_who_values_time_more_takes_the_toll_road():
    # A toll of 4 is 4 minutes at 60 an hour and 12 at 20 an hour. Ten of each: 24 minutes against 30, 32 against 30.
    rich = VehicleClass("rich", trips((0, 1, 10.0)))
    poor = VehicleClass("poor", trips((0, 1, 10.0)), value_of_time=20.0)
    result = assign(toll_road(), [rich, poor], SETTINGS)
    assert result.class_flow[:, [0, 2]].tolist() == [[10.0, 0.0], [0.0, 10.0]]
    assert result.class_cost[:, [0, 2]].tolist() == [[24.0, 30.0], [32.0, 30.0]]
    assert result.total_travel_time == pytest.approx(10 * 20 + 10 * 30)
    # Eighteen rich and two poor: 14 + x = 20 + (20 − x) at x = 13.
    rich, poor = VehicleClass("rich", trips((0, 1, 18.0))), dataclasses.replace(poor, demand=trips((0, 1, 2.0)))
    result = assign(toll_road(), [rich, poor], SETTINGS)
    assert result.class_flow[0, [0, 2]].tolist() == pytest.approx([13.0, 5.0])
    assert result.class_flow[1, [0, 2]].tolist() == pytest.approx([0.0, 2.0])
    assert result.link_flow[[0, 2]].tolist() == pytest.approx([13.0, 7.0])
    # ∫(10 + x) to 13, ∫(20 + x) to 7, and 13 tolls of 4 minutes
    assert result.objective == pytest.approx(130 + 84.5 + 140 + 24.5 + 52)


def test_a_lorry_takes_the_room_of_its_passenger_cars_and_is_counted_once():
    cars = VehicleClass("cars", trips((0, 1, 10.0)))
    lorries = VehicleClass("lorries", trips((0, 1, 5.0), (1, 0, 3.0)), pcu=2.0)
    result = assign(toll_road(), [cars, lorries], TrafficSettings(relative_gap=1e-12))
    assert result.link_flow[[0, 2]].tolist() == pytest.approx([15.0, 5.0])
    assert (result.class_flow[0] + 2 * result.class_flow[1]).tolist() == pytest.approx(result.link_flow.tolist())
    assert result.class_flow[1, [0, 2]].sum() == pytest.approx(5.0)
    assert result.class_unreachable[1].trips.tolist() == [3.0]
    assert result.unreachable.total == 3.0
    assert result.total_travel_time == pytest.approx(15 * 25.0)


def test_one_plain_class_has_the_bytes_of_no_class():
    network, demand = sioux_falls()
    settings = TrafficSettings(relative_gap=1e-8, distance_weight=0.1)
    plain, one = assign(network, demand, settings), assign(network, [VehicleClass("cars", demand)], settings)
    for name in ("link_flow", "link_cost", "history"):
        assert getattr(plain, name).tobytes() == getattr(one, name).tobytes()
    assert (plain.objective, plain.relative_gap) == (one.objective, one.relative_gap)


def test_alike_classes_together_are_one():
    network, demand = sioux_falls()
    settings = TrafficSettings(relative_gap=1e-10)
    half = dataclasses.replace(demand, trips=0.25 * demand.trips)
    whole = assign(network, demand, settings)
    parts = assign(network, [VehicleClass("cars", half), VehicleClass("vans", half, pcu=3.0)], settings)
    assert parts.relative_gap <= 1e-10
    assert parts.objective == pytest.approx(whole.objective, rel=1e-9)
    assert parts.link_flow.tolist() == pytest.approx(whole.link_flow.tolist(), rel=1e-4)


def test_flows_of_classes_are_those_of_paths_written_out():
    # Four junctions in a square with a diagonal, two of them centroids of two classes with tolls and a lower speed.
    ends = [(0, 2), (0, 3), (2, 3), (3, 2), (2, 1), (3, 1), (0, 1)]
    free, slope = [1.0, 3.0, 0.5, 0.5, 3.0, 1.0, 9.0], [1.0, 0.5, 0.2, 0.2, 0.5, 1.0, 0.1]
    toll = [0.0, 0.0, 2.0, 0.0, 0.0, 1.0, 0.0]
    network = two_zones(
        from_node=np.array([a for a, _ in ends], np.int32),
        to_node=np.array([b for _, b in ends], np.int32),
        capacity_veh_h=np.ones(7),
        length=np.zeros(7),
        free_flow_time=np.array(free),
        b=np.array(slope) / np.array(free),
        power=np.ones(7),
        toll=np.array(toll),
    )
    slow = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 2.5, 0.0])
    closed = np.array([0, 1, 0, 0, 0, 0, 0], bool)
    classes = [
        VehicleClass("a", trips((0, 1, 4.0))),
        VehicleClass("b", trips((0, 1, 3.0)), value_of_time=120.0, extra_time=slow),
        VehicleClass("c", trips((0, 1, 1.0)), value_of_time=30.0, pcu=2.0, closed=closed),
    ]
    result = assign(network, classes, SETTINGS)
    surcharge = [toll, [t / 2 + s for t, s in zip(toll, slow, strict=True)], [2 * t for t in toll]]
    surcharge[2][1] = 1e6
    demand = {(0, 0, 1): 4.0, (1, 0, 1): 3.0, (2, 0, 1): 2.0}
    wanted = class_equilibrium(ends, lambda i, x: free[i] + slope[i] * max(x, 0.0), surcharge, demand, 2)
    total = [sum(column) for column in zip(*wanted.values(), strict=True)]
    assert result.link_flow.tolist() == pytest.approx(total, abs=1e-5)
    assert result.class_flow[2, 1] == 0.0 and np.isinf(result.class_cost[2, 1])
    assert result.converged


def test_ranks_and_threads_do_not_matter_and_a_warm_start_does_not_mix_classes_up():
    network, demand = sioux_falls()
    half = dataclasses.replace(demand, trips=0.5 * demand.trips)
    network = dataclasses.replace(network, toll=np.where(np.arange(76) % 5 == 0, 2.0, 0.0))
    classes = [VehicleClass("cars", half), VehicleClass("lorries", half, value_of_time=20.0)]
    settings = TrafficSettings(relative_gap=1e-9, origin_blocks=3, toll_weight=1.0)
    one, two = (assign(network, classes, settings, threads=threads) for threads in (1, 2))
    assert one.class_flow.tobytes() == two.class_flow.tobytes()
    more = [dataclasses.replace(c, demand=dataclasses.replace(half, trips=1.1 * half.trips)) for c in classes]
    cold = assign(network, more, settings)
    warm = assign(network, more, settings, warm_start=one.warm_start)
    assert warm.iterations < cold.iterations
    assert warm.objective == pytest.approx(cold.objective, rel=1e-8)
    # Links that are closed now are cut from the bushes, and what they led to is planted anew.
    shut = [dataclasses.replace(c, closed=np.isin(np.arange(76), [0, 15, 40])) for c in classes]
    cold, warm = assign(network, shut, settings), assign(network, shut, settings, warm_start=one.warm_start)
    assert (warm.class_flow[:, [0, 15, 40]] == 0.0).all()
    assert warm.history[0] < cold.history[0]
    assert warm.objective == pytest.approx(cold.objective, rel=1e-8)
    # A class that is new begins where the first one of the other ended.
    three = [*more[:1], *(dataclasses.replace(c, name=n, demand=half) for c, n in zip(classes, "ab", strict=True))]
    cold, warm = assign(network, three, settings), assign(network, three, settings, warm_start=one.warm_start)
    assert warm.objective == pytest.approx(cold.objective, rel=1e-8)


def test_bushes_are_packed_without_loss():
    result = assign(*sioux_falls(), TrafficSettings(relative_gap=1e-6, origin_blocks=3))
    for bushes in result.warm_start.bushes.values():
        found = unpack_bushes(pack_bushes(bushes), result.problem.roads.head)
        nodes, merges = bushes.node_first[-1], bushes.merge_first[-1]
        slots = bushes.slot_first[merges]
        used = {"node": nodes, "entry": nodes, "slot_first": merges + 1, "slot_link": slots, "slot_flow": slots}
        for name, one, other in zip(bushes._fields, bushes, found, strict=True):
            assert one[: used.get(name)].tobytes() == other.tobytes(), name
        assert merges > 0


def test_who_is_there_already_is_felt_and_not_counted():
    # 10 + (x + 3) and 5 + 2 (10 − x) meet at x = 4.
    result = assign(
        two_zones(),
        trips((0, 1, 10.0)),
        TrafficSettings(relative_gap=1e-12),
        preload=np.array([3.0, 0.0, 0.0, 0.0]),
    )
    assert result.link_flow.tolist() == pytest.approx([4.0, 4.0, 6.0, 6.0])
    assert result.link_cost[0] == pytest.approx(17.0)
    assert result.total_travel_time == pytest.approx(170.0)
    # ∫(10 + x) from 3 to 7, ∫(5 + 2x) to 6
    assert result.objective == pytest.approx(60 + 66)
    empty = assign(two_zones(), trips((0, 1, 10.0)), preload=np.zeros(4))
    assert empty.link_flow.tobytes() == assign(two_zones(), trips((0, 1, 10.0))).link_flow.tobytes()


@pytest.mark.parametrize(
    ("function", "b", "power"), [("bpr", 0.15, 4.0), ("bpr2", 0.15, 4.0), ("conical", 1.0, 4.0), ("akcelik", 1.0, 0.4)]
)
def test_sioux_falls_converges_with_every_delay_function(function, b, power):
    network, demand = sioux_falls()
    network = dataclasses.replace(
        network,
        b=np.full(76, b),
        power=np.full(76, power),
        delay_function=np.full(76, DELAY_FUNCTIONS[function], np.int8),
    )
    demand = dataclasses.replace(demand, trips=0.6 * demand.trips)
    result = assign(network, demand, TrafficSettings(relative_gap=1e-10, origin_blocks=2))
    assert result.converged and 0.0 <= result.relative_gap <= 1e-10
    assert result.link_cost == pytest.approx(network.time(result.link_flow), rel=1e-12)
    if function == "bpr":
        plain = assign(
            dataclasses.replace(network, delay_function=None),
            demand,
            TrafficSettings(relative_gap=1e-10, origin_blocks=2),
        )
        assert plain.link_flow.tobytes() == result.link_flow.tobytes()


def test_two_roads_of_different_functions_meet_where_their_formulas_do():
    # Spiess's cone takes 10 · 2 = 20 minutes at capacity; Akçelik's road of one kilometre takes as much.
    k = np.array([2, 0, 3, 0], np.int8)
    wait = 15.0 * np.sqrt(8 * 0.1 / 1800)
    network = two_zones(
        capacity_veh_h=np.array([1000.0, 1, 1800, 1]),
        free_flow_time=np.array([10.0, 0, 20.0 - wait, 0]),
        b=np.array([1.0, 0, 1, 0]),
        power=np.array([4.0, 4, 0.1, 4]),
        length=np.array([1.0, 0, 1, 0]),
        delay_function=k,
    )
    result = assign(network, trips((0, 1, 2800.0)), TrafficSettings(relative_gap=1e-13))
    assert result.link_flow[[0, 2]].tolist() == pytest.approx([1000.0, 1800.0], rel=1e-6)
    assert result.link_cost[[0, 2]].tolist() == pytest.approx([20.0, 20.0], rel=1e-9)


def test_everything_wrong_with_classes_is_one_error():
    ones = np.ones(4)
    classes = [
        VehicleClass("cars", trips((0, 1, -1.0)), value_of_time=0.0),
        VehicleClass("cars", trips((0, 1, 1.0), zones=3), pcu=np.nan, toll_weight=-1.0),
        VehicleClass("vans", trips((0, 1, 1.0)), extra_time=-ones, toll=np.full(4, np.nan), closed=np.zeros(3, bool)),
    ]
    bad = two_zones(power=np.array([1.0, 1, 4, 1]), b=np.zeros(4), delay_function=np.array([2, 9, 3, 0], np.int8))
    with pytest.raises(InputError) as error:
        assign(bad, classes, SETTINGS, preload=np.array([-1.0, 0, np.nan, 0]))
    text = str(error.value)
    for part in (
        "two classes are called cars",
        "class cars: value_of_time is 0.0",
        "trips must be finite and not negative; pairs 0 → 1 (-1.0)",
        "demand has 3 zones, network 2",
        "class cars: pcu is nan",
        "class cars: toll_weight is -1.0",
        "vans: extra_time must be from 0 up; row 1 (-1.0), 2 (-1.0)",
        "vans: toll must be finite; row 1 (nan)",
        "class vans: closed has shape (3,)",
        "preload must be finite and not negative; row 1 (-1.0), 3 (nan)",
        "power of a conical function must be above 1; row 1 (1.0)",
        "delay function is none of 0 bpr, 1 bpr2, 2 conical, 3 akcelik; row 2 (9)",
        "its flow period, must be above 0; row 3 (0.0)",
    ):
        assert part in text, part
    with pytest.raises(InputError, match="no class of vehicles"):
        assign(two_zones(), [])
    with pytest.raises(InputError, match=r"preload has shape \(3,\), wanted one number for each of 4 links"):
        assign(two_zones(), trips((0, 1, 1.0)), preload=np.zeros(3))
