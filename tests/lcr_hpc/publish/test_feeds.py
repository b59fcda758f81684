"""The audit of the feeds in a release: what its tier lets it speak of, and how the report shows it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from pyshacl import validate
from rdflib import DCAT, DCTERMS, PROV, RDF, Graph, Literal, URIRef

from lcr_hpc.config import parse_config
from lcr_hpc.publish.gate import pass_gate
from lcr_hpc.publish.inputs import Inputs
from lcr_hpc.publish.products import released_tables
from lcr_hpc.publish.report.feeds import feed_section
from lcr_hpc.publish.stage import run_publish
from lcr_hpc.publish.write import conform
from lcr_hpc.spine.stage import run_ingest, run_twin
from lcr_hpc.store.layout import Layout
from tests.shapes import DCAT_SHAPES


@pytest.fixture(scope="module")
def spine(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    config = parse_config({"name": "f", "twin": {"areas": 24, "geography": "generated"}}, where="a test")
    layout = Layout(tmp_path_factory.mktemp("feeds"), config.night)
    run_twin(config, layout)
    run_ingest(config, layout)
    return layout


def _audit(layout: Layout, tier: str) -> pd.DataFrame:
    table = next(t for t in released_tables(layout, tier) if t.name == "feed_audit")
    cleared = pass_gate(layout, tier, [table])
    assert cleared.tier_of("feed_audit") == tier
    return conform(table, table.build(Inputs(layout, table.uses, cleared.manifests)))


def test_an_open_release_does_not_speak_of_shared_feeds(spine: Layout):
    assert set(_audit(spine, "open")["feed"]) == {"counts", "air", "weather"}
    assert set(_audit(spine, "shared")["feed"]) == {"counts", "air", "weather", "energy"}


def test_the_report_shows_each_feed_in_each_district(spine: Layout):
    table = _audit(spine, "open")
    section = feed_section(table)
    assert [r["name"] for r in section["rows"]][:3] == ["counts", "air: NOx", "air: PM2.5"]
    assert all(len(r["cells"]) == 1 + len(section["districts"]) for r in section["rows"])
    counts = table.query("feed == 'counts' and district == 'all'").iloc[0]
    assert section["rows"][0]["cells"][0]["bar"] == round(100 * counts["good_share"], 1)
    assert "no feed has as many" in section["quiet"]
    late = table.assign(verdict=["late"] + ["good"] * (len(table) - 1))
    assert feed_section(late)["problems"] == ["counts: late in the whole region"]


@pytest.mark.filterwarnings("ignore")  # rdflib and pyshacl warn of themselves
def test_a_release_is_a_dcat_catalogue_of_its_tables(region, tmp_path: Path):
    config = parse_config({"name": "g"}, where="a test")
    place = run_publish(config, region.write(tmp_path))
    graph = Graph().parse(place / "catalogue.jsonld", format="json-ld")
    conforms, _, said = validate(graph, shacl_graph=Graph().parse(data=DCAT_SHAPES, format="turtle"))
    assert conforms, said
    files = {Path(str(u)).name for u in graph.objects(None, DCAT.downloadURL)}
    catalogue = json.loads((place / "catalogue.json").read_text())
    documents = {"report.html", "summary.json", "catalogue.jsonld"}
    assert files == set(catalogue["files"]) - documents and files <= {p.name for p in place.iterdir()}
    areas = next(
        s for s in graph.subjects(DCTERMS.alternative, Literal("areas")) if (s, RDF.type, DCAT.Dataset) in graph
    )
    behind = {str(graph.value(d, DCTERMS.alternative)) for d in graph.objects(areas, PROV.wasDerivedFrom)}
    assert behind == set(catalogue["files"]["areas.csv"]["datasets"])
    assert graph.value(areas, DCTERMS.accessRights) == URIRef(
        "http://publications.europa.eu/resource/authority/access-right/PUBLIC"
    )
