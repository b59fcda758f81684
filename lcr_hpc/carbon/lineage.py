"""What must be said of the coefficients wherever the carbon model's numbers go."""

from __future__ import annotations

from pathlib import Path

from lcr_hpc.config import coefficients_dir
from lcr_hpc.store.manifest import Source, fingerprint_file

TABLES = (
    "briggs_urban_sigma",
    "carbon_values_desnz2023",
    "cold_mileage_emep2023",
    "cold_ratio_emep2023",
    "discount_rates_green_book",
    "electric_car_tag",
    "electric_share_lcr",
    "energy_co2_desnz",
    "energy_lcr",
    "fleet_average_exhaust_naei2014",
    "fuel_co2_desnz2023",
    "fuel_consumption_tag",
    "fuel_split_lcr",
    "no2_derwent_middleton",
    "nonexhaust_pm",
    "pasquill_obukhov",
    "territorial_co2_lcr",
    "vehicle_types",
    "vehicle_types_aadf_leeds2019",
)
"""Tables that the stage computes with."""

SOURCES = {
    "emission-curves": Source(
        title="Fleet-average emission curves: NAEI 2014 (urban UK fleet), DfT TAG, DESNZ 2023, EMEP/EEA (wear, cold)",
        nature="modelled",
        tier="open",
        licence="Open Government Licence v3.0; EMEP/EEA guidebook with attribution",
        attribution="Contains public sector information of Defra, DfT and DESNZ, OGL v3.0; European Environment Agency",
    ),
    "vehicle-mix": Source(
        title="Vehicle mix by road class: an assumption; kinds of goods vehicle as counted in Leeds, 2019",
        nature="modelled",
        tier="open",
        licence="Open Government Licence v3.0",
        attribution="Department for Transport, road traffic statistics, OGL v3.0",
    ),
    "district-energy": Source(
        title="Gas and electricity of the six districts: DESNZ sub-national energy 2023 and conversion factors",
        nature="real",
        tier="open",
        licence="Open Government Licence v3.0",
        attribution="Contains public sector information of DESNZ and ONS, OGL v3.0",
    ),
    "carbon-values": Source(
        title="Carbon values of DESNZ 2023 and discount rates of HM Treasury's Green Book",
        nature="real",
        tier="open",
        licence="Open Government Licence v3.0",
        attribution="Contains public sector information of DESNZ and HM Treasury, OGL v3.0",
    ),
    "pathway-levers": Source(
        title="Levers and parameters of the pathway to net zero: assumptions of the configuration",
        nature="modelled",
        tier="open",
        licence="this project's",
        attribution="lcr-hpc",
    ),
}
"""Sources that enter with the coefficients, by catalogue identifier."""


def table_fingerprints(folder: Path | None = None) -> dict[str, str]:
    """SHA-256 of each coefficient table that the stage computes with."""
    home = folder or coefficients_dir()
    return {f"coefficients/{name}.csv": fingerprint_file(home / f"{name}.csv") for name in TABLES}
