"""Prices and costs that a scenario is appraised with: always given with their source, part of no night's result."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from lcr_hpc.config.section import Section

Gbp = Annotated[float, Field(ge=0)]


class PriceConfig(Section):
    """What one unit is worth, as somebody published it."""

    gbp: Gbp = Field(description="£ a unit: a vehicle-hour, its passengers' time included, or a life year")
    price_year: int = Field(description="Year of these pounds; 2022, as the carbon values': no deflator is at hand")
    source: str = Field(min_length=1, description="Where it is published; printed with the result")


class CostConfig(Section):
    """What a scenario costs to build and to run."""

    once_gbp: dict[int, float] = Field(default_factory=dict, description="£ by calendar year: building, renewal")
    every_year_gbp: float = Field(0.0, description="£ in each year of the appraisal: running; below 0 = a saving")
    price_year: int = Field(description="Year of these pounds; 2022, as the carbon values'")
    source: str = Field(min_length=1, description="Who says so; printed with the result")


class AppraisalConfig(Section):
    """Costs and benefits of a scenario against the base: `lcr appraise`."""

    first_year: int | None = Field(
        None,
        ge=2020,
        le=2050,
        description="Year in which the scenario opens, and to which all is discounted; null = the night's",
    )
    last_year: int = Field(2040, ge=2020, le=2050, description="Last year that counts; carbon has a value up to 2050")
    value_of_time: PriceConfig | None = Field(
        None, description="£ a vehicle-hour; null = hours are counted and not valued: no source is among the tables"
    )
    value_of_life_year: PriceConfig | None = Field(
        None, description="£ a life year; null = life years are counted and not valued: no source is among the tables"
    )
    cost: CostConfig | None = Field(None, description="What the scenario costs; null = none given, and no ratio")
    cause: str | None = Field(
        None,
        description="Cause of the burden whose life years count, as `health` names it; null = its first: causes "
        "of two pollutants are never added up",
    )

    @model_validator(mode="after")
    def _years_in_order(self) -> AppraisalConfig:
        if self.first_year is not None and self.last_year < self.first_year:
            raise ValueError(f"last_year {self.last_year} is before first_year {self.first_year}")
        return self
