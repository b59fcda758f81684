"""Settings of the carbon stage: emissions, air, territory, and the pathway to net zero."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from lcr_hpc.config.section import Fraction, Positive, Section

Lever = Literal["bev", "mode_shift", "retrofit", "heat_pumps", "grid", "hgv"]
Range = tuple[float, float, float]


def _assumed_levers() -> dict[Lever, dict[int, Range]]:
    """An illustration: no official path is among the data at hand."""
    return {
        "bev": {2030: (0.2, 0.3, 0.4), 2040: (0.6, 0.8, 0.95)},
        "retrofit": {2040: (0.1, 0.2, 0.3)},
        "heat_pumps": {2030: (0.03, 0.08, 0.15), 2040: (0.2, 0.4, 0.7)},
        "grid": {2030: (0.4, 0.6, 0.8), 2040: (0.7, 0.85, 0.97)},
        "hgv": {2030: (0.01, 0.03, 0.08), 2040: (0.1, 0.3, 0.6)},
    }


class PathwayConfig(Section):
    """The way to net zero: an ensemble of pathways whose base is the night's year."""

    end_year: int = Field(2040, ge=2021, le=2050, description="Last year; carbon has a value up to 2050")
    levers: dict[Lever, dict[int, Range]] = Field(
        default_factory=_assumed_levers,
        description="Low, likeliest and high share by lever and year, 0 in the night's year, straight between the "
        "years: the defaults are assumptions that illustrate, not plans; {} = none is pulled",
    )
    scenario: str | None = Field(
        None,
        pattern=r"^[a-z0-9][a-z0-9_-]*$",
        description="Scenario of the traffic model, run before in the same root, that the lever mode_shift goes a "
        "share of the way to; null = none",
    )
    scenario_night: dt.date | None = Field(
        None,
        description="Night of that scenario, and of the base that its roads are held against; null = this night",
    )
    parameters: dict[str, Range] = Field(
        default_factory=dict,
        description="Low, likeliest and high of heat_pump_performance, boiler_efficiency, electric_drive_ratio, "
        "road_base, energy_base in place of the model's assumptions",
    )
    budget_kt: float | None = Field(None, description="Carbon budget of the years after the night's, kt; null = none")
    members: int = Field(10_000, ge=16, le=200_000, description="Pathways in the ensemble")
    seed: int = Field(2040, ge=0, description="Seed of the ensemble's design")


class CarbonConfig(Section):
    """Emissions and concentrations of road traffic."""

    fleet_year: int = Field(
        2025, description="Year of the fleet-average emission curves: 2016, 2018, 2020, 2022, 2025 or 2030"
    )
    vehicle_mix: dict[str, dict[str, Fraction]] = Field(
        default_factory=lambda: {
            "motorway": {"car": 0.747, "lgv": 0.150, "hgv": 0.100, "bus": 0.003},
            "a_road": {"car": 0.810, "lgv": 0.133, "hgv": 0.049, "bus": 0.008},
            "minor_road": {"car": 0.861, "lgv": 0.117, "hgv": 0.009, "bus": 0.013},
            "connector": {"car": 0.861, "lgv": 0.117, "hgv": 0.009, "bus": 0.013},
        },
        description="Share of each vehicle class in the flow by road class, summing to 1. The default is what "
        "DfT counted in Leeds in 2019 (AADF): an assumption here",
    )
    grid_cell_m: Positive = Field(100.0, description="Side of a cell of the emission grid")
    dispersion: Literal["rline-tabulated", "rline", "briggs"] = Field(
        "rline-tabulated",
        description="Method of the day: R-LINE tabulated, R-LINE in full (tens of times slower), or a simple plume. "
        "The annual mean is R-LINE's always",
    )
    roughness_m: Annotated[float, Field(gt=0, le=1.5)] = Field(
        0.5, description="Roughness length of the town: 0.5 open suburbs, 1 dense streets"
    )
    receptor_grid_m: Annotated[float, Field(ge=20)] | None = Field(
        None, description="Side of a cell of a grid of receptors beside the population points; null = none"
    )
    far_field_opening: Annotated[float, Field(ge=0, le=0.5)] = Field(
        0.1, description="Annual mean: a square of roads within this share of its distance counts as one source"
    )
    cutoff_m: Positive = Field(
        10000.0, description="Roads farther than this from a receptor are left out of the day's increment"
    )
    source_height_m: Positive = Field(1.0, description="Height of the road source")
    initial_sigma_z_m: Positive = Field(2.0, description="Vertical spread at the road, by vehicle wakes")
    minimum_wind_m_s: Positive = Field(1.0, description="Calm hours are computed at this wind speed, and counted")
    energy_year: int = Field(
        2023, description="Year of the CO2e of gas and electricity in the territorial total, as energy_co2_desnz.csv"
    )
    power_sectors: tuple[str, ...] = Field(
        ("Major power producers", "Minor power producers"),
        description="Sectors of the large installations (`spine.feeds.point_sources`) that the territorial total "
        "leaves out: electricity is counted where it is used",
    )
    pathway: PathwayConfig = PathwayConfig()
    background_ug_m3: dict[str, float] = Field(
        default_factory=dict,
        description="Background by pollutant where the air feed has none; empty = the feed must have it",
    )

    @model_validator(mode="before")
    @classmethod
    def _say_where_settings_went(cls, given: Any) -> Any:
        if isinstance(given, dict) and "point_sources" in given:
            raise ValueError(
                "point_sources is a feed: name the file under `spine.feeds.point_sources`, with its `unit`; its "
                "`leave_out` is `carbon.power_sectors`"
            )
        return given

    @field_validator("vehicle_mix")
    @classmethod
    def _shares_sum_to_one(cls, mix: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        wrong = [f"{road} sums to {sum(s.values()):.4f}" for road, s in mix.items() if abs(sum(s.values()) - 1) > 1e-9]
        if wrong:
            raise ValueError("the shares of each road class must sum to 1: " + ", ".join(wrong))
        return mix
