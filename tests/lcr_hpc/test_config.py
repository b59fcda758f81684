"""Settings: overrides only, all problems at once, the nearest name for a slip."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from lcr_hpc.config import Config, dump_config, load_config, parse_config
from lcr_hpc.errors import ConfigError


def _write(tmp_path: Path, text: str, name: str = "mine.yaml") -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_holds_overrides_only_and_names_the_run(tmp_path: Path):
    config = load_config(_write(tmp_path, "carbon:\n  grid_cell_m: 250\n"))
    assert config.name == "mine"
    assert config.carbon.grid_cell_m == 250
    assert config.traffic == Config().traffic


def test_an_empty_file_is_the_default(tmp_path: Path):
    assert load_config(_write(tmp_path, "")).traffic == Config().traffic


def test_what_is_dumped_reads_back_the_same(tmp_path: Path):
    config = parse_config({"name": "a", "night": "2024-02-29", "twin": {"areas": 40}})
    assert load_config(_write(tmp_path, dump_config(config))) == config


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("carbn: {}\n", "`carbn` is no setting; did you mean `carbon`?"),
        ("carbon:\n  cutof_m: 1\n", "`carbon.cutof_m` is no setting; did you mean `cutoff_m`?"),
        ("spine:\n  feeds:\n    boundaries: {pth: x}\n", "did you mean `path`?"),
        ("carbon:\n  zzz: 1\n", "the section has: "),
        ("- 1\n", "found list at the top"),
        ("a: [\n", "is not readable YAML"),
        ("night: 2025-13-01\n", "month must be in 1..12"),
        ("night: soon\n", "`night`"),
        ("traffic:\n  periods: [{label: a, day_types: [weekday], hours: [0]}]\n", "of a weekday exactly once"),
        ("carbon:\n  vehicle_mix: {motorway: {car: 0.5}}\n", "motorway sums to 0.5000"),
        ("carbon:\n  cutoff_m: .nan\n", "`carbon.cutoff_m`"),
        ("name: ../up\n", "`name`"),
    ],
)
def test_a_slip_is_named(tmp_path: Path, text: str, says: str):
    with pytest.raises(ConfigError) as caught:
        load_config(_write(tmp_path, text))
    assert says in str(caught.value)
    assert caught.value.exit_code == 2


def test_all_problems_are_reported_at_once():
    with pytest.raises(ConfigError) as caught:
        parse_config({"twin": {"areas": 2}, "traffic": {"relative_gap": -1}, "healt": {}})
    assert all(name in str(caught.value) for name in ("twin.areas", "traffic.relative_gap", "did you mean `health`"))


def test_paths_take_environment_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    terms = "title: t, nature: real, licence: l, attribution: a"
    feed = "spine:\n  feeds:\n    lookup: {path: '${LCR_X:-/d}/f.csv', " + terms + "}\n"
    file = _write(tmp_path, feed)
    assert load_config(file).spine.feeds["lookup"].path == "/d/f.csv"
    monkeypatch.setenv("LCR_X", "/e")
    assert load_config(file).spine.feeds["lookup"].path == "/e/f.csv"
    with pytest.raises(ConfigError, match="LCR_NOT_SET"):
        load_config(_write(tmp_path, feed.replace("LCR_X:-/d", "LCR_NOT_SET")))


def test_settings_do_not_change_once_made():
    with pytest.raises(ValidationError):
        Config().twin.areas = 5  # type: ignore[misc]


def test_a_missing_file_is_said(tmp_path: Path):
    with pytest.raises(ConfigError, match="no config file"):
        load_config(tmp_path / "none.yaml")


def test_every_config_that_comes_with_the_project_is_readable(repo: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LCR_TEST_DATA", "/data")
    files = sorted((repo / "configs").glob("*.yaml"))
    assert {"default.yaml", "nightly.yaml", "tiny.yaml"} <= {f.name for f in files}
    assert all(load_config(file).name for file in files)


def test_a_config_lies_over_the_one_that_it_extends(tmp_path):
    (tmp_path / "base.yaml").write_text("{twin: {areas: 24, seed: 7}, carbon: {fleet_year: 2030}}")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "shut.yaml").write_text("{extends: ../base.yaml, scenario: shut, twin: {seed: 8}}")
    config = load_config(tmp_path / "more" / "shut.yaml")
    assert (config.name, config.scenario) == ("base", "shut")  # the root is the base's
    assert (config.twin.areas, config.twin.seed, config.carbon.fleet_year) == (24, 8, 2030)
    (tmp_path / "a.yaml").write_text("extends: b.yaml")
    (tmp_path / "b.yaml").write_text("extends: a.yaml")
    with pytest.raises(ConfigError, match="leads back to a file that extends it"):
        load_config(tmp_path / "a.yaml")
    (tmp_path / "b.yaml").write_text("extends: gone.yaml")
    with pytest.raises(ConfigError, match=r"no config file .*gone.yaml, which .*b.yaml extends"):
        load_config(tmp_path / "b.yaml")
    (tmp_path / "b.yaml").write_text("extends: [1]")
    with pytest.raises(ConfigError, match=r"`extends` is \[1\], wanted the path"):
        load_config(tmp_path / "b.yaml")


def test_changes_are_a_scenario_s():
    shut = {"changes": [{"kind": "closure", "links": {"links": [1]}}]}
    with pytest.raises(ConfigError, match="give it a name, `scenario: bypass`"):
        parse_config({"traffic": shut})
    assert parse_config({"scenario": "shut", "traffic": shut}).traffic.changes[0].kind == "closure"
    slips = [{"kind": "closure", "links": {"roed": ["M62"]}}, {"kind": "speed_limit", "links": {"links": [1]}}]
    with pytest.raises(ConfigError, match=r"(?s)did you mean `roads`.*max_km_h"):
        parse_config({"scenario": "shut", "traffic": {"changes": slips}})
