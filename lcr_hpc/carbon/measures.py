"""What levers do to a base year's emissions: E = activity x intensity x (1 - measure), sector by sector."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.carbon.levers import PathwaySettings
from lcr_hpc.errors import InputError, raise_all

FloatArray = NDArray[np.float64]

ROAD = ("road car", "road van", "road hgv", "road bus")
"""Sectors whose traffic a mode-shift scenario changes, by what drives."""
ENERGY = ("homes gas", "homes electricity", "industry gas", "industry electricity")
CHARGING = "charging"
"""Sector of the electricity of vehicles that levers make electric; nothing in the base."""
_WANTED = {
    "bev": ("road car",),
    "hgv": ("road hgv",),
    "retrofit": ("homes gas",),
    "heat_pumps": ("homes gas", "homes electricity"),
}


@dataclass(frozen=True)
class PathwayBase:
    """Emissions of the base year.

    Attributes
    ----------
    year : int
    districts, sectors : tuple of str
        Sectors named as in `ROAD` and `ENERGY` answer to levers; any other stays as it is.
    co2_kt : float64[district, sector]
        kt a year; electricity where it is used.
    grid_kg_kwh, gas_kg_kwh : float
        kg CO2e of a kWh of electricity and of gas that `co2_kt` was computed with.
    road_fuel_kg_kwh : float
        kg CO2 of a kWh of road fuel.
    mode_shift_kt : float64[district, sector], optional
        The base year with the traffic of the mode-shift scenario, as the traffic and carbon models found it; sectors
        other than roads are not read.
    """

    year: int
    districts: tuple[str, ...]
    sectors: tuple[str, ...]
    co2_kt: FloatArray
    grid_kg_kwh: float
    gas_kg_kwh: float
    road_fuel_kg_kwh: float
    mode_shift_kt: FloatArray | None = None

    def __post_init__(self) -> None:
        shape = (len(self.districts), len(self.sectors))
        problems = []
        for name, values in (("co2_kt", self.co2_kt), ("mode_shift_kt", self.mode_shift_kt)):
            if values is None:
                continue
            if values.shape != shape:
                problems.append(f"{name}: found shape {values.shape}, wanted [district, sector] {shape}")
                continue
            for d, s in np.argwhere(~np.isfinite(values)):
                problems.append(f"{name}: no number for {self.sectors[s]} in {self.districts[d]}")
        for name in ("grid_kg_kwh", "gas_kg_kwh", "road_fuel_kg_kwh"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) > 0.0):
                problems.append(f"{name}: found {getattr(self, name)}; wanted kg of a kWh, above 0")
        if len(set(self.sectors)) < len(self.sectors) or CHARGING in self.sectors:
            problems.append(f"sectors {', '.join(self.sectors)}: wanted each once, and no `{CHARGING}`")
        raise_all(problems, InputError, title="the base of a pathway cannot be used")

    @property
    def untouched(self) -> tuple[str, ...]:
        """Sectors that no lever reaches."""
        reached = {"road car", "road van", "road hgv", *(s for s in ENERGY if s != "industry gas")}
        if self.mode_shift_kt is not None:
            reached |= set(ROAD)
        return tuple(s for s in self.sectors if s not in reached)


def check_levers(base: PathwayBase, settings: PathwaySettings) -> None:
    """Refuse levers that the base cannot answer to.

    Raises
    ------
    InputError
        A lever whose sector the base does not have, a mode shift without its scenario, another base year.
    """
    problems = []
    if base.year != settings.base_year:
        problems.append(f"the base is of {base.year}, the settings' base_year is {settings.base_year}")
    for name, knots in settings.levers.items():
        if not any(value > 0.0 for given in knots.values() for value in given):
            continue
        missing = [s for s in _WANTED.get(name, ()) if s not in base.sectors]
        if missing:
            problems.append(f"lever {name}: the base has no sector {', '.join(missing)}")
        if name == "mode_shift" and base.mode_shift_kt is None:
            problems.append(
                "lever mode_shift: it changes demand, so the traffic model must run the scenario first; give the "
                "base's mode_shift_kt, the road emissions of that scenario"
            )
    raise_all(problems, InputError, title="levers that cannot be pulled")


def emissions(
    base: PathwayBase, co2_kt: FloatArray, mode_shift_kt: FloatArray | None, path: dict[str, FloatArray]
) -> FloatArray:
    """Emissions by year and sector with the levers pulled.

    Parameters
    ----------
    base : PathwayBase
        For its sectors and intensities.
    co2_kt, mode_shift_kt : float64[sector]
        Of one district, or of all together.
    path : dict of str to float64[row, year]
        From `lever_paths`.

    Returns
    -------
    float64[row, year, sector + 1]
        kt a year, charging last. Where no lever is pulled, the base to the last bit.
    """
    rows, years = np.broadcast_shapes(*(p.shape for p in path.values()))
    out = np.zeros((rows, years, len(base.sectors) + 1))
    grid = base.grid_kg_kwh * (1.0 - path["grid"])
    scale = dict.fromkeys(ROAD, path["road_base"]) | dict.fromkeys(ENERGY, path["energy_base"])
    start: dict[str, FloatArray] = {}
    for k, sector in enumerate(base.sectors):
        level = np.full((rows, years), co2_kt[k])
        if sector in ROAD and mode_shift_kt is not None:
            level = level + path["mode_shift"] * (mode_shift_kt[k] - co2_kt[k])
        start[sector] = level * scale[sector] if sector in scale else level

    left = dict(start)
    electric_kt = np.zeros((rows, years))
    for sector, lever in (("road car", "bev"), ("road van", "bev"), ("road hgv", "hgv")):
        if sector in start:
            left[sector] = start[sector] * (1.0 - path[lever])
            electric_kt = electric_kt + start[sector] * path[lever]
    if "homes gas" in start:
        gas = start["homes gas"] * (1.0 - path["retrofit"])
        left["homes gas"] = gas * (1.0 - path["heat_pumps"])
        heat = gas * path["heat_pumps"] / base.gas_kg_kwh * path["boiler_efficiency"]
    for sector in ("homes electricity", "industry electricity"):
        if sector in start:
            left[sector] = start[sector] * (1.0 - path["grid"])
    if "homes gas" in start and "homes electricity" in start:
        left["homes electricity"] = left["homes electricity"] + heat / path["heat_pump_performance"] * grid
    for k, sector in enumerate(base.sectors):
        out[:, :, k] = left[sector]
    out[:, :, -1] = electric_kt / base.road_fuel_kg_kwh * path["electric_drive_ratio"] * grid
    return out
