"""The gate: nothing leaves above its tier, and what cannot be judged stays in."""

from __future__ import annotations

import json

import pytest

from lcr_hpc.config import parse_config
from lcr_hpc.errors import ReleaseError
from lcr_hpc.publish.gate import pass_gate
from lcr_hpc.publish.stage import run_publish
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.slabs import write_slab
from tests.lcr_hpc.publish.conftest import Region, at_tier


def test_an_open_night_passes_with_its_lineage(written: Layout):
    cleared = pass_gate(written, "open")
    assert set(cleared.manifests) == {"areas", "network", "demand", "air", "mortality", "traffic", "carbon", "health"}
    assert cleared.datasets["traffic_periods"] == ("demand", "network")
    assert "mortality" in cleared.datasets["inequality"]
    assert cleared.tier_of("links") == "open"


@pytest.mark.parametrize(
    ("dataset", "store", "chain", "files"),
    [
        ("demand", "demand", "demand → traffic → carbon", "links.parquet"),
        ("mortality", "mortality", "mortality → health", "inequality.csv"),
        ("population", "areas", "areas", "areas.parquet, areas.csv"),
    ],
)
def test_a_stricter_dataset_is_refused_with_product_and_chain(region, tmp_path, dataset, store, chain, files):
    at_tier(region, dataset, store, "closed")
    layout = region.write(tmp_path)
    with pytest.raises(ReleaseError) as refused:
        run_publish(parse_config({"publish": {"tier": "shared"}}), layout)
    message = str(refused.value)
    assert refused.value.exit_code == 2
    assert f"dataset `{dataset}`" in message
    assert chain in message
    assert files in message
    assert "`closed`" in message
    assert not layout.published.exists()


def test_a_shared_dataset_passes_a_shared_release_only(region, tmp_path):
    at_tier(region, "mortality", "mortality", "shared")
    layout = region.write(tmp_path)
    assert pass_gate(layout, "shared").tier_of("inequality") == "shared"
    assert pass_gate(layout, "shared").tier_of("traffic_periods") == "open"
    with pytest.raises(ReleaseError, match=r"publish\.tier: shared"):
        pass_gate(layout, "open")


def test_an_unknown_tier_is_refused_even_at_the_widest_release(region, tmp_path):
    at_tier(region, "air", "air", "secret")
    with pytest.raises(ReleaseError, match="`secret` is none of open, shared, closed"):
        pass_gate(region.write(tmp_path), "closed")


@pytest.mark.parametrize("store", ["health", "demand"])
def test_a_missing_manifest_is_refused_wherever_in_the_chain(region, tmp_path, store):
    layout = region.write(tmp_path)
    layout.manifest(store).unlink()
    with pytest.raises(ReleaseError, match=f"{store} cannot be judged"):
        pass_gate(layout, "open")


def test_a_store_whose_manifest_names_no_dataset_is_refused(region, tmp_path):
    region.sources = {k: {} for k in region.sources}
    with pytest.raises(ReleaseError, match="network: its manifest names no dataset"):
        pass_gate(region.write(tmp_path), "open")


def test_a_dataset_declared_stricter_later_counts_without_a_new_run(region, tmp_path):
    layout = region.write(tmp_path)
    manifest = json.loads(layout.manifest("demand").read_text())
    manifest["sources"]["demand"]["tier"] = "closed"
    layout.manifest("demand").write_text(json.dumps(manifest))
    with pytest.raises(ReleaseError, match="demand → traffic"):
        pass_gate(layout, "open")


def test_a_dataset_declared_looser_later_does_not_free_numbers_made_before(region, tmp_path):
    at_tier(region, "demand", "demand", "closed")
    layout = region.write(tmp_path)
    manifest = json.loads(layout.manifest("demand").read_text())
    manifest["sources"]["demand"]["tier"] = "open"
    layout.manifest("demand").write_text(json.dumps(manifest))
    with pytest.raises(ReleaseError, match="demand → traffic"):
        pass_gate(layout, "open")


def test_a_store_changed_after_its_manifest_is_refused(region, tmp_path):
    layout = region.write(tmp_path)
    write_slab(layout.store("health"), "health", {}, {"sii": [1.0, 2.0, 3.0, 4.0]})
    with pytest.raises(ReleaseError, match="health: sii changed after its manifest was written"):
        pass_gate(layout, "open")


def test_stores_that_no_longer_fit_each_other_are_refused(region, tmp_path):
    layout = region.write(tmp_path)
    other = Region(seed=4)
    other.write(tmp_path / "other")
    for suffix in (".json", ".zarr"):
        ours, theirs = (x._home("network") / f"network{suffix}" for x in (layout, other.layout))
        ours.rename(ours.with_suffix(f"{suffix}.old"))
        theirs.rename(ours)
    with pytest.raises(ReleaseError, match="traffic was made from network"):
        pass_gate(layout, "open")
