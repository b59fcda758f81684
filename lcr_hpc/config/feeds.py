"""Settings of what lands: the files of the spine, and the twin that stands in for those that are not there."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lcr_hpc.config.section import Positive, Section


class FeedConfig(Section):
    """A file that takes the place of the twin's feed."""

    path: str = Field(description="File; ${NAME} is taken from the environment, ${NAME:-text} with a default")
    title: str = Field(description="Title for the catalogue and the report")
    nature: Literal["real", "modelled", "synthetic"] = Field(description="What kind of numbers these are")
    licence: str = Field(description="Licence, as the owner states it")
    attribution: str = Field(description="Who must be named where results are shown")
    tier: Literal["open", "shared", "closed"] = Field("open", description="Access tier")
    owner: str = Field("", description="Who owns the data; by default the attribution")
    contact: str = Field("", description="Who answers questions on it: a name, an e-mail address or a web page")
    identifier: str = Field(
        "",
        pattern=r"^(|https?://\S+|urn:\S+)$",
        description="Its persistent URI, a DOI above all; by default one is made",
    )
    year: int | None = Field(None, ge=1900, le=2100, description="Year of a table of figures that does not say it")
    unit: Literal["t CO2", "t C"] | None = Field(
        None,
        description="What the values of `point_sources` count: CO2 (the default), or the carbon in it, as the national "
        "inventory's maps do",
    )


class SpineConfig(Section):
    """Which feeds land in the stores."""

    contact: str = Field(
        "", description="Who answers questions on datasets that name nobody: a name, an e-mail address or a web page"
    )
    feeds: dict[str, FeedConfig] = Field(
        default_factory=dict, description="Files in place of the twin's, by dataset: boundaries, lookup, population, …"
    )


class TwinConfig(Section):
    """The synthetic Digital Spine of a Liverpool-like city region."""

    areas: int = Field(989, ge=20, description="Small areas; with real geography the first so many around the centre")
    days: int = Field(1, ge=1, le=366, description="Days of observations that end with the night")
    seed: int = Field(2040, ge=0, description="Seed of every random number of the twin")
    geography: Literal["auto", "real", "generated"] = Field(
        "auto",
        description="real: the LSOAs of the extra [twin]; generated: a disc of made-up areas; auto: real if installed",
    )
    daily_trips_per_person: Positive = Field(1.1, description="Vehicle trips per resident on a weekday")
    scale_to_road_traffic: bool = Field(
        False,
        description="Multiply all demand with one factor, so that a rough loading has the region's published "
        "vehicle-km of the night's year (`spine.feeds.road_traffic`); no district's own figure is used",
    )
