"""AERMOD's own R-LINE output, where the data are at hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.carbon import line_source_concentration


@pytest.fixture(scope="module")
def golden(test_data):
    met = pd.read_csv(test_data / "carbon" / "rline_aermod_golden_met.csv")
    long = pd.read_csv(test_data / "carbon" / "rline_aermod_golden_subset.csv.gz")
    table = long.pivot(index="hour_key", columns=["x_m", "y_m"], values="conc_ug_m3_for_1_g_per_m_s")
    x, y = np.array(list(table.columns), dtype=float).T
    weather = {
        "ustar_m_s": met["ustar_ms"],
        "obukhov_m": met["obukhov_L_m"],
        "z0_m": met["z0_m"],
        "mixing_height_m": np.maximum(met["zi_conv_m"], met["zi_mech_m"]),
        "wind_speed_m_s": met["wind_speed_ms"],
        "wind_from_deg": met["wind_dir_deg"],
        "reference_height_m": met["z_ref_m"],
        "sigma_v_m_s": met["sigma_v_ms_from_AERMOD_debug"],
    }
    road = {"x0": [0], "y0": [-100], "x1": [0], "y1": [100], "height_m": [1], "width_m": [3.6], "sigma_z0_m": [2]}
    return road, {"x": x, "y": y, "z": np.zeros(x.size)}, weather, table.loc[met["hour_key"]].to_numpy()


# measured: median 0.070 %, 95th percentile 0.456 %; tabulated 0.072 % and 0.516 %
@pytest.mark.parametrize(("method", "median", "p95"), [("rline", 0.001, 0.006), ("rline-tabulated", 0.001, 0.007)])
def test_rline_agrees_with_aermod(golden, method: str, median: float, p95: float):
    road, receptors, weather, published = golden
    error = np.abs(line_source_concentration(road, receptors, weather, [1.0], method) / published - 1)
    assert error.size == 5408
    assert np.median(error) < median
    assert np.percentile(error, 95) < p95


def test_the_tables_change_little(golden):
    road, receptors, weather, _ = golden
    full, tabulated = (
        line_source_concentration(road, receptors, weather, [1.0], m) for m in ("rline", "rline-tabulated")
    )
    error = np.abs(tabulated / full - 1)
    # measured: 0.038 %, 0.31 %
    assert np.median(error) < 0.0008
    assert np.percentile(error, 95) < 0.006
