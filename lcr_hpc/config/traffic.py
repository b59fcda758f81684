"""Settings of the traffic stage."""

from __future__ import annotations

import difflib
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from lcr_hpc.config.changes import AnyMeasure, VehicleClassConfig
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
    classes: tuple[VehicleClassConfig, ...] = Field(
        (), description="Classes of vehicles that divide the demand; none = one class, `all`, of cars"
    )
    changes: tuple[AnyMeasure, ...] = Field(
        (), description="A scenario: measures by which it differs from the base, which must have been run"
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

    @model_validator(mode="after")
    def _classes_and_changes_fit(self) -> TrafficConfig:
        names = [c.name for c in self.classes] or ["all"]
        labels = [p.label for p in self.periods]
        found = [f"classes: two are called {n}" for n in dict.fromkeys(names) if names.count(n) > 1]
        if self.classes and abs((total := sum(c.share for c in self.classes)) - 1.0) > 1e-9:
            found.append(f"classes: the shares must sum to 1; they sum to {total:.6g}")
        for k, measure in enumerate(self.changes):
            where = f"changes.{k} ({measure.kind})"
            for label in measure.periods or ():
                if label not in labels:
                    found.append(f"{where}: no period `{label}`; {nearest(label, labels)}")
            for name in getattr(measure, "classes", None) or getattr(measure, "exempt", None) or ():
                if name not in names:
                    found.append(f"{where}: no class `{name}`; {nearest(name, names)}")
        for kind in ("mode_shift", "emergency_vehicles"):
            if sum(m.kind == kind for m in self.changes) > 1:
                found.append(f"changes: {kind} is there twice; one says it all")
        if found:
            raise ValueError("; ".join(found))
        return self


def nearest(name: str, known: list[str]) -> str:
    """Say what a name may have been meant to be."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean `{close[0]}`?" if close else "there are: " + ", ".join(known)
