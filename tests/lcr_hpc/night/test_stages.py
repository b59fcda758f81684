"""Targets and outputs of the stages."""

from __future__ import annotations

import datetime as dt

import pytest

from lcr_hpc.config import Config
from lcr_hpc.errors import ConfigError, InputError, RunError
from lcr_hpc.night import resume_night
from lcr_hpc.night.calls import find_profile
from lcr_hpc.night.execute import calls_of
from lcr_hpc.night.plan import _explain
from lcr_hpc.night.request import Request, absolute_feeds, check, read_request, write_request
from lcr_hpc.night.stages import STAGES, last_stage, lost_stages, stage_outputs
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.variables import MODEL_STORES, SPINE_STORES

FEED = {"title": "t", "nature": "real", "licence": "OGL", "attribution": "ONS"}


@pytest.fixture
def layout(tmp_path):
    return Layout(tmp_path, dt.date(2025, 10, 15))


@pytest.mark.parametrize(
    ("targets", "stage"),
    [((), "publish"), (("night",), "publish"), (("spine",), "ingest"), (("carbon", "traffic"), "carbon")],
)
def test_targets_name_the_last_stage(targets, stage):
    assert last_stage(targets) == stage


def test_an_unknown_target_lists_what_there_is():
    with pytest.raises(InputError, match="no target `trafic`; there are: spine, feeds"):
        last_stage(("trafic",))


def test_the_spine_is_called_before_the_rest():
    assert calls_of(STAGES) == [("feeds", "ingest"), ("traffic", "carbon", "health", "publish")]
    assert calls_of(("feeds",)) == [("feeds",)]


def test_every_stage_has_outputs_of_its_own(layout):
    outputs = [path for stage in STAGES for path in stage_outputs(layout, stage)]
    assert len(outputs) == len(set(outputs)) == 1 + len(SPINE_STORES) + len(MODEL_STORES) + 1


def test_a_store_that_is_gone_is_noticed(layout):
    layout.manifest("carbon").parent.mkdir(parents=True)
    layout.manifest("carbon").touch()
    assert lost_stages(layout) == ["carbon"]
    layout.store("carbon").mkdir()
    assert lost_stages(layout) == []
    (layout.night_dir / "publish.json").write_text('{"snapshot": "2025-10-15"}')
    assert lost_stages(layout) == ["publish"]
    (layout.published / "2025-10-15").mkdir(parents=True)
    assert lost_stages(layout) == []


def test_profiles_are_found_by_name_and_by_folder(tmp_path):
    assert find_profile("local").name == "local"
    (tmp_path / "config.yaml").write_text("executor: local\n")
    assert find_profile(str(tmp_path)) == tmp_path
    with pytest.raises(ConfigError, match=r"no profile `locl`; there are: .*local"):
        find_profile("locl")


def test_a_request_is_kept_for_resume_with_feeds_by_their_whole_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lookup.csv").touch()
    config = Config.model_validate({"spine": {"feeds": {"lookup": {"path": "lookup.csv", **FEED}}}})
    check(config, Request())
    assert absolute_feeds(config).spine.feeds["lookup"].path == str(tmp_path / "lookup.csv")
    missing = Config.model_validate({"spine": {"feeds": {"point_sources": {"path": "none.csv", **FEED}}}})
    with pytest.raises(InputError, match=r"`spine.feeds.point_sources.path`: no file none.csv"):
        check(missing, Request())
    request = Request("slurm", 3, ("carbon",))
    write_request(tmp_path / "run", config, request)
    assert read_request(tmp_path / "run") == request
    assert read_request(tmp_path / "nowhere") == Request()


def test_all_missing_feeds_are_named_at_once(tmp_path):
    feeds = {name: {"path": str(tmp_path / name), **FEED} for name in ("lookup", "population")}
    with pytest.raises(InputError, match=r"(?s)feeds.lookup.path.*feeds.population.path"):
        check(Config.model_validate({"spine": {"feeds": feeds}}), Request())


def test_nothing_begun_is_nothing_to_resume(tmp_path):
    with pytest.raises(RunError, match="no run was begun"):
        resume_night(root=tmp_path)


def test_reasons_in_a_persons_words(layout):
    def explain(stage, told, planned=()):
        return _explain(stage, told, layout, ["health"], list(planned))

    manifest = layout.manifest("areas")
    assert explain("carbon", "Params have changed since last execution: {…}") == (True, "its settings changed")
    assert explain("feeds", "Missing output files: /x/feeds.json") == (True, "it has not run yet")
    assert explain("carbon", f"Updated input files: {manifest}") == (True, "its input changed: areas.json")
    assert explain("health", "Forced execution") == (True, "its store is gone")
    told = f"Input files updated by another job: {manifest}"
    assert explain("carbon", told) == (False, "only if ingest gives something else than before")
