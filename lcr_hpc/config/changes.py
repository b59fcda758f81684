"""What a scenario changes of the base: a list of measures, each of a kind."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from lcr_hpc.config.section import Fraction, Positive, Section

RoadClass = Literal["motorway", "a_road", "minor_road", "connector"]
Point = tuple[float, float]


class LinkSelection(Section):
    """Directed links of the road network: those for which everything that is given holds."""

    roads: tuple[str, ...] = Field((), description="Names of roads, as the network's feed has them (M62, Queens Drive)")
    road_classes: tuple[RoadClass, ...] = Field((), description="Classes of road")
    links: tuple[int, ...] = Field((), description="Ids of links, as the network's feed has them")
    node_pairs: tuple[tuple[int, int], ...] = Field(
        (), description="From and to, ids of nodes: one direction each; name both for a whole street"
    )
    bus_routes: tuple[str, ...] = Field((), description="Names of bus routes: all links that they drive on")
    polygon: tuple[Point, ...] | None = Field(
        None, min_length=3, description="Corners, easting and northing in EPSG:27700: links whose midpoint is inside"
    )
    centre: Point | None = Field(None, description="Easting and northing in EPSG:27700, with `radius_m`")
    radius_m: Positive | None = Field(None, description="Links whose midpoint is within this of `centre`")

    @model_validator(mode="after")
    def _something(self) -> LinkSelection:
        if (self.centre is None) != (self.radius_m is None):
            raise ValueError("`centre` and `radius_m` belong together; give both, or a `polygon`")
        if not self.model_dump(exclude_defaults=True):
            raise ValueError(
                "selects nothing; give some of roads, road_classes, links, node_pairs, bus_routes, polygon, or centre "
                "and radius_m"
            )
        return self


class ZoneSelection(Section):
    """A part of the map: small areas, a polygon, or a circle."""

    areas: tuple[str, ...] = Field((), description="ONS codes of small areas; their boundaries together")
    polygon: tuple[Point, ...] | None = Field(None, min_length=3, description="Corners in EPSG:27700")
    centre: Point | None = Field(None, description="Easting and northing in EPSG:27700, with `radius_m`")
    radius_m: Positive | None = Field(None, description="Everything within this of `centre`")

    @model_validator(mode="after")
    def _one_way(self) -> ZoneSelection:
        if (self.centre is None) != (self.radius_m is None):
            raise ValueError("`centre` and `radius_m` belong together; give both, or a `polygon`, or `areas`")
        if (bool(self.areas) + (self.polygon is not None) + (self.centre is not None)) != 1:
            raise ValueError("wants exactly one of `areas`, `polygon`, or `centre` with `radius_m`")
        return self


class Measure(Section):
    """What all measures have."""

    title: str = Field("", description="What people call it, for the report")
    periods: tuple[str, ...] | None = Field(
        None, description="Labels of the periods in which it holds; null = in all of them"
    )


class Closure(Measure):
    """Links that nobody may use, or that some classes may not."""

    kind: Literal["closure"]
    links: LinkSelection
    classes: tuple[str, ...] | None = Field(None, description="Classes that are barred; null = all")


class SpeedLimit(Measure):
    """A highest speed: the free-flow time of faster links grows to it."""

    kind: Literal["speed_limit"]
    links: LinkSelection
    max_km_h: Positive


class ChargingZone(Measure):
    """A charge on each link that leads into a zone; those who never leave it do not pay."""

    kind: Literal["charging_zone"]
    zone: ZoneSelection
    charge_gbp: Annotated[float, Field(ge=0)] = Field(description="Each time that a vehicle enters")
    exempt: tuple[str, ...] = Field((), description="Classes that do not pay")


class BusPriority(Measure):
    """Priority for buses on corridors: a lane of their own, or green time."""

    kind: Literal["bus_priority"]
    links: LinkSelection
    treatment: Literal["lane", "green_time"] = Field(
        description="lane: buses drive at free flow, and the rest lose a lane where there are two or more; green_time: "
        "buses are spared a share of the delay, and the rest lose nothing"
    )
    delay_spared: Fraction = Field(
        0.5, description="green_time: share of the road's delay that buses are spared: an assumption to be given"
    )


class EmergencyVehicles(Measure):
    """Vehicles that pass a part of the queue: minutes to the nearest emergency department."""

    kind: Literal["emergency_vehicles"]
    delay_share: Fraction = Field(description="Share of other vehicles' delay that they suffer: 1 = as a car, 0 = none")
    speed_factor: Positive = Field(1.0, description="Their speed on an empty road, over that of the base's cars")
    use_bus_lanes: bool = Field(True, description="Whether they have no delay where a measure lays a bus lane")
    pass_closures: bool = Field(False, description="Whether closed links are open to them")


class ModeShift(Measure):
    """Travellers who choose anew between car and bus: an incremental logit on the base's skims."""

    kind: Literal["mode_shift"]
    utility_per_min: Annotated[float, Field(lt=0)] = Field(description="Utility of a minute of travel, below 0")
    bus_share: Annotated[float, Field(ge=0, lt=1)] = Field(
        description="Share of persons who go by bus today, the same for every pair of zones: an assumption"
    )
    persons_per_car: Annotated[float, Field(ge=1)] = Field(description="Persons in a vehicle of the demand")
    bus_minutes_per_car_minute: Positive = Field(1.5, description="Time of a bus journey over the car's: an assumption")
    bus_time_factor: Annotated[float, Field(ge=0)] = Field(1.0, description="Bus time after over before; 1 = no change")
    bus_minutes_change: float = Field(0.0, description="Minutes that a bus journey takes longer, waiting; below 0 less")
    car_minutes_change: float = Field(0.0, description="Minutes that a car journey takes longer; parking, for one")
    classes: tuple[str, ...] | None = Field(None, description="Classes whose travellers choose; null = all")


AnyMeasure = Annotated[
    Closure | SpeedLimit | ChargingZone | BusPriority | EmergencyVehicles | ModeShift,
    Field(discriminator="kind"),
]


class VehicleClassConfig(Section):
    """A class of vehicles: its part of the demand, its room on the road and what time is worth to it."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    share: Annotated[float, Field(gt=0, le=1)] = Field(description="Share of every trip's vehicles; all sum to 1")
    value_of_time_gbp_h: Positive | None = Field(
        None, description="£ an hour of a vehicle; needed where a charging zone charges the class"
    )
    pcu: Positive = Field(1.0, description="Passenger-car units of a vehicle")
    toll_weight: Fraction = Field(1.0, description="Share of charges that it pays")
    prohibited: tuple[RoadClass, ...] = Field((), description="Classes of road that it may not use")
