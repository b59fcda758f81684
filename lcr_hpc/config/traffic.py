"""Settings of the traffic stage."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from lcr_hpc.config.section import Positive, Section

DayType = Literal["weekday", "saturday", "sunday"]


class PeriodConfig(Section):
    """A part of the local day of some types of day, with one demand."""

    label: str
    day_types: tuple[DayType, ...] = Field(
        min_length=1,
        description="weekday, saturday, sunday (bank holidays are sunday): the first one's demand is assigned, the "
        "others borrow its traffic",
    )
    hours: tuple[int, ...] = Field(description="Local clock hours, 0 to 23")


def _hourly_periods() -> tuple[PeriodConfig, ...]:
    """24 hours of a weekday and 24 of a Sunday, whose traffic Saturdays borrow: no commuters' peaks."""
    days: tuple[tuple[DayType, ...], ...] = (("weekday",), ("sunday", "saturday"))
    return tuple(PeriodConfig(label=f"{d[0]} {h:02d}", day_types=d, hours=(h,)) for d in days for h in range(24))


class TrafficConfig(Section):
    """User equilibrium by period."""

    relative_gap: Positive = Field(1e-5, description="Stop when the exact relative gap is at or below this")
    max_iterations: int = Field(200, ge=1)
    origin_blocks: int | None = Field(
        None, ge=1, description="Blocks of origins: a setting of the problem, never of the machine; null = by its size"
    )
    periods: tuple[PeriodConfig, ...] = Field(
        default_factory=_hourly_periods, description="All are assigned every night; its own day uses those of its type"
    )
    skim_hours: tuple[Annotated[int, Field(ge=0, le=23)], ...] = Field(
        (8,), description="Periods that hold one of these local clock hours get skims, time and distance between zones"
    )

    @model_validator(mode="after")
    def _every_hour_once(self) -> TrafficConfig:
        for day_type in get_args(DayType):
            hours = sorted(h for p in self.periods if day_type in p.day_types for h in p.hours)
            if hours != list(range(24)):
                raise ValueError(
                    f"periods must hold each local clock hour 0 to 23 of a {day_type} exactly once; name `{day_type}` "
                    "in the `day_types` of the periods that stand for it"
                )
        if len({p.label for p in self.periods}) != len(self.periods):
            raise ValueError("period labels must differ")
        return self
