"""What a stage asks a cluster for."""

from __future__ import annotations

import pytest

from lcr_hpc.config import Config
from lcr_hpc.night.needs import memory_mb, runtime_min
from lcr_hpc.night.stages import STAGES


def _config(factor: float) -> Config:
    return Config.model_validate({"twin": {"areas": round(Config().twin.areas * factor)}})


@pytest.mark.parametrize("stage", STAGES)
def test_a_small_night_asks_for_no_less_than_the_default_and_each_attempt_for_twice_as_much(stage):
    small, default = _config(0.05), Config()
    assert memory_mb(stage, small) == memory_mb(stage, default)
    assert runtime_min(stage, small) == runtime_min(stage, default)
    assert memory_mb(stage, default, 3) == 4 * memory_mb(stage, default)
    assert runtime_min(stage, default, 2) == 2 * runtime_min(stage, default)


def test_memory_grows_with_areas_and_time_with_work():
    twice = _config(2.0)
    assert memory_mb("health", twice) == 2 * memory_mb("health", Config())
    assert runtime_min("traffic", twice) == 4 * runtime_min("traffic", Config())  # areas², of the same periods
    assert runtime_min("health", twice) == 2 * runtime_min("health", Config())
