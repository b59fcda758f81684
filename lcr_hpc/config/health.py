"""Settings of the health stage."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lcr_hpc.config.section import Names, Positive, Section


class HealthConfig(Section):
    """Burden and inequality."""

    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    relative_risk: Annotated[Names, Field(min_length=1)] = Field(
        ("PM2.5 all-cause 30+", "NO2 all-cause adults"),
        description="Rows of configs/coefficients/relative_risk.csv, a cause each, never added; the maps show the "
        "first. A row of one cause of death needs the feed `deaths_by_cause`",
    )
    rank_by: Annotated[Names, Field(min_length=1)] = Field(
        ("deprivation_rank",),
        description="What areas are ranked by, lowest first, for tenths, slope and concentration index: "
        "deprivation_rank, another rank of the feed `deprivation` (Income_rank), population_density, share_under_16, "
        "share_65_over, a published indicator; `-NAME` = highest first, `NAME per resident`",
    )
    counterfactual_ug_m3: Annotated[float, Field(ge=0)] = Field(
        0.0, description="Concentration below which no burden is counted, of each cause's pollutant"
    )
    draws: int = Field(1000, ge=2, le=100_000, description="Joint draws of risk, exposure and baseline")
    seed: int = Field(2040, ge=0, description="Seed of the draws")
    exposure_error: Annotated[float, Field(ge=0, le=2)] = Field(
        0.1, description="Relative standard error of an area's concentration, drawn per area: an assumption"
    )
    access_hours: tuple[Annotated[int, Field(ge=0, le=23)], ...] = Field(
        (8, 13, 18), min_length=1, description="Local clock hours whose travel times access is computed from"
    )
    access_method: Literal["2sfca", "e2sfca", "3sfca", "raam"] = Field(
        "e2sfca",
        description="Floating catchment; e2sfca and 3sfca with a Gaussian of a third of the reach: an assumption",
    )
    reach_min: dict[str, Positive] = Field(
        default_factory=lambda: {"gp": 15.0, "hospital": 30.0, "emergency": 30.0, "employment": 45.0},
        description="Minutes by car within which a service is in reach (raam: minutes to avoid the mean crowding); a "
        "kind that is left out is not computed",
    )
