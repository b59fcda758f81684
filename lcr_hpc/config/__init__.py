"""Every setting of a night, as frozen models; configs/default.yaml and schema.json are made from them.

A config file holds overrides only. Sections are what decides a rerun: a changed `carbon` section re-runs
carbon and what follows, never traffic. `compute` says how to run, not what: it is part of no result.
"""

from lcr_hpc.config.appraisal import AppraisalConfig, CostConfig, PriceConfig
from lcr_hpc.config.carbon import CarbonConfig, PathwayConfig
from lcr_hpc.config.changes import (
    AnyMeasure,
    BusPriority,
    ChargingZone,
    Closure,
    EmergencyVehicles,
    LinkSelection,
    ModeShift,
    SpeedLimit,
    VehicleClassConfig,
    ZoneSelection,
)
from lcr_hpc.config.feeds import FeedConfig, SpineConfig, TwinConfig
from lcr_hpc.config.folders import coefficients_dir, project_dir
from lcr_hpc.config.health import HealthConfig
from lcr_hpc.config.load import BASE, Config, config_schema, dump_config, load_config, parse_config
from lcr_hpc.config.running import ComputeConfig, NightlyConfig, PublishConfig, SlurmWorkersConfig
from lcr_hpc.config.traffic import PeriodConfig, TrafficConfig

__all__ = [
    "BASE",
    "AnyMeasure",
    "AppraisalConfig",
    "BusPriority",
    "CarbonConfig",
    "ChargingZone",
    "Closure",
    "ComputeConfig",
    "Config",
    "CostConfig",
    "EmergencyVehicles",
    "FeedConfig",
    "HealthConfig",
    "LinkSelection",
    "ModeShift",
    "NightlyConfig",
    "PathwayConfig",
    "PeriodConfig",
    "PriceConfig",
    "PublishConfig",
    "SlurmWorkersConfig",
    "SpeedLimit",
    "SpineConfig",
    "TrafficConfig",
    "TwinConfig",
    "VehicleClassConfig",
    "ZoneSelection",
    "coefficients_dir",
    "config_schema",
    "dump_config",
    "load_config",
    "parse_config",
    "project_dir",
]
