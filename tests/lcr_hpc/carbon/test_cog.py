from __future__ import annotations

import numpy as np
import pytest

from lcr_hpc.carbon.cog import write_cog
from lcr_hpc.errors import InputError
from tests.reference import tiff

X, Y = 330_000.0 + 100.0 * np.arange(601), 380_000.0 + 100.0 * np.arange(301)


@pytest.fixture
def written(tmp_path):
    bands = {"CO2": np.arange(300 * 600.0).reshape(300, 600), "NOx <as NO2>": np.full((300, 600), 2.5)}
    write_cog(tmp_path / "grid.tif", bands, X, Y, "kg/day")
    return tmp_path / "grid.tif", bands


def test_every_cell_comes_back_north_up(written):
    path, bands = written
    tags, found = tiff.read(path)
    assert found[0] == pytest.approx(bands["CO2"][::-1], rel=1e-7)
    assert (found[1] == 2.5).all()
    assert tags[33550] == (100.0, 100.0, 0.0)
    assert tags[33922] == (0.0, 0.0, 0.0, 330_000.0, 410_000.0, 0.0)  # its north-west corner
    assert tags[34735][-1] == 27700
    assert tags[42112][0].count(b"NOx &lt;as NO2&gt;") == 1


def test_overviews_hold_means(written):
    path, bands = written
    assert [(t[257][0], t[256][0], t[254][0]) for t in tiff.directories(path)] == [
        (300, 600, 0), (150, 300, 1), (75, 150, 1),
    ]  # fmt: skip
    for level in (1, 2):
        assert tiff.read(path, level)[1][0].mean() == pytest.approx(bands["CO2"].mean(), rel=1e-6)
    assert tiff.read(path, 1)[1][0, 0, 0] == pytest.approx(bands["CO2"][-2:, :2].mean())


def test_an_odd_edge_is_the_mean_of_what_is_there(tmp_path):
    band = np.zeros((1, 513))
    band[0, -1] = 8.0
    write_cog(tmp_path / "grid.tif", {"a": band}, np.arange(514.0), np.arange(2.0), "1")
    assert tiff.read(tmp_path / "grid.tif", 1)[1][0, 0, -1] == 8.0


def test_the_layout_is_the_cloud_optimised_one(written):
    path, _ = written
    found = tiff.directories(path)
    assert found[0][0] == (8,)
    assert [t[0][0] for t in found] == sorted(t[0][0] for t in found)
    firsts = [t[324][0] for t in found]
    assert firsts == sorted(firsts, reverse=True)  # the coarsest overview first, the whole grid last
    assert firsts[-1] > found[-1][0][0]


def test_bytes_depend_on_the_values_alone(written, tmp_path):
    path, bands = written
    write_cog(tmp_path / "again.tif", bands, X, Y, "kg/day")
    assert path.read_bytes() == (tmp_path / "again.tif").read_bytes()


def test_uneven_cells_and_other_shapes_are_refused(tmp_path):
    with pytest.raises(InputError, match="square cells of one size"):
        write_cog(tmp_path / "a.tif", {"a": np.zeros((1, 2))}, np.array([0.0, 1.0, 3.0]), np.array([0.0, 1.0]), "1")
    with pytest.raises(InputError, match=r"bands a are not of the edges' shape \(1, 2\)"):
        write_cog(tmp_path / "a.tif", {"a": np.zeros((2, 2))}, np.arange(3.0), np.arange(2.0), "1")
    assert not (tmp_path / "a.tif").exists()
