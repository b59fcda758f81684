"""The DAFNI definition, the program that reads its parameters and the config speak of the same things."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import yaml

from lcr_hpc.config import parse_config


@pytest.fixture(scope="module")
def program(repo: Path):
    spec = importlib.util.spec_from_file_location("dafni_run", repo / "slurm" / "container" / "dafni_run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def parameters(repo: Path) -> list[dict]:
    definition = yaml.safe_load((repo / "slurm" / "container" / "dafni.yaml").read_text())
    return definition["spec"]["inputs"]["parameters"]


def test_every_parameter_is_read(program, parameters):
    assert {p["name"] for p in parameters} == set(program.PARAMETERS)


def test_defaults_and_limits_are_settings_that_the_config_takes(program, parameters, tmp_path):
    for wanted in ("default", "min", "max"):
        said = {p["name"]: str(p[wanted]) for p in parameters if wanted in p}
        parse_config(program.settings(tmp_path, said))


def test_defaults_are_those_of_the_config(program, parameters, tmp_path):
    said = {p["name"]: str(p["default"]) for p in parameters}
    assert parse_config(program.settings(tmp_path, said)) == parse_config({})


def test_parameters_come_on_top_of_the_file(program, tmp_path):
    (tmp_path / "mine.yaml").write_text("twin: {areas: 50, seed: 7}\n")
    assert program.settings(tmp_path, {"AREAS": "60"}) == {"twin": {"areas": 60, "seed": 7}}


def test_two_files_or_a_word_for_a_number_end_with_what_was_wanted(program, tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        program.settings(tmp_path, {"AREAS": "many"})
    assert "AREAS is 'many', wanted a number" in capsys.readouterr().err
    for name in ("a.yaml", "b.yml"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(SystemExit, match="2"):
        program.settings(tmp_path, {})
    said = capsys.readouterr().err
    assert "found 2 YAML files in" in said and said.endswith("wanted one: a.yaml, b.yml\n")


def test_both_recipes_install_the_same_way(repo: Path):
    recipes = [(repo / "slurm" / "container" / name).read_text() for name in ("lcr-hpc.def", "Dockerfile")]
    assert all("install.sh" in r and "debian:bookworm-slim" in r and "lcr-hpc.tar" in r for r in recipes)
