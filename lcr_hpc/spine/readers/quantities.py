"""What the air, the weather and roads are measured in, and which values are plausible."""

from __future__ import annotations

from typing import NamedTuple


class Quantity(NamedTuple):
    """A variable, its unit and its plausible values."""

    name: str
    unit: str
    low: float
    high: float

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest plausible value."""
        return self.low, self.high


_UG = "ug m-3"
PARTICLES = {n: Quantity(n, _UG, 0.0, 2_000.0) for n in ("PM1.0", "PM2.5", "PM10")}
GASES = {n: Quantity(n, _UG, 0.0, 5_000.0) for n in ("NOx", "NO", "NO2", "O3", "SO2")}
POLLUTANTS = PARTICLES | GASES | {"CO": Quantity("CO", "mg m-3", 0.0, 200.0)}
WEATHER = {
    q.name: q
    for q in (
        Quantity("wind_speed", "m s-1", 0.0, 60.0),
        Quantity("wind_from", "degree", 0.0, 360.0),
        Quantity("air_temperature", "degC", -40.0, 45.0),
        Quantity("relative_humidity", "%", 0.0, 100.0),
        Quantity("mixing_height", "m", 10.0, 5_000.0),
    )
}
BOX = {
    "Temperature": Quantity("box_temperature", "degC", -40.0, 60.0),
    "Humidity": Quantity("box_humidity", "%", 0.0, 100.0),
}
"""Inside the housing of a low-cost sensor"""
ROADS = {
    "veh/h": Quantity("flow", "veh/h", 0.0, 12_000.0),
    "veh": Quantity("count", "veh", 0.0, 12_000.0),
    "km/h": Quantity("speed", "km/h", 0.0, 250.0),
    "mph": Quantity("speed", "mph", 0.0, 155.0),
}
"""By unit"""
ELECTRICITY = Quantity("electricity", "kWh", 0.0, 1e6)
"""Of an area in half an hour: more than the whole region draws is out of range"""
