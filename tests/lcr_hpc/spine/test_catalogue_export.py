"""The catalogue for others: DCAT-3 that an RDF library reads and SHACL shapes accept, DataCite by its own schema."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from datacite import schema45
from pyshacl import validate
from rdflib import DCAT, DCTERMS, PROV, RDF, Graph, Literal, Namespace, URIRef

from lcr_hpc.config import parse_config
from lcr_hpc.spine.catalogue import read_catalogue, read_entry, show_dataset, write_entry
from lcr_hpc.spine.export import export_catalogue, write_export
from lcr_hpc.spine.stage import run_ingest, run_twin
from lcr_hpc.store.layout import Layout
from tests.shapes import DCAT_SHAPES

pytestmark = pytest.mark.filterwarnings("ignore")  # rdflib and pyshacl warn of themselves
SPDX = Namespace("http://spdx.org/rdf/terms#")
BASE = "https://spine.example/"


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    values = {"name": "d", "twin": {"areas": 24, "geography": "generated"}, "spine": {"contact": "data@lcr.example"}}
    config = parse_config(values, where="a test")
    layout = Layout(tmp_path_factory.mktemp("dcat"), config.night)
    run_twin(config, layout)
    run_ingest(config, layout)
    air = layout.incoming / "services"
    write_entry(air, read_entry(air).model_copy(update={"tier": "closed"}))
    return layout


@pytest.fixture(scope="module")
def graph(landed: Layout) -> Graph:
    return Graph().parse(data=export_catalogue(landed, "dcat", BASE), format="json-ld")


def test_it_has_the_mandatory_properties(landed: Layout, graph: Graph):
    conforms, _, said = validate(graph, shacl_graph=Graph().parse(data=DCAT_SHAPES, format="turtle"))
    assert conforms, said
    datasets = set(graph.subjects(RDF.type, DCAT.Dataset))
    assert len(datasets) == len(set(graph.objects(None, DCAT.dataset))) == len(read_catalogue(landed.incoming))
    # The shapes can fail.
    graph_without = Graph() + graph
    graph_without.remove((None, DCTERMS.title, None))
    assert not validate(graph_without, shacl_graph=Graph().parse(data=DCAT_SHAPES, format="turtle"))[0]


def test_terms_and_files_of_a_dataset(landed: Layout, graph: Graph):
    energy = URIRef(read_entry(landed.incoming / "energy").persistent)
    assert graph.value(energy, DCTERMS.accessRights).endswith("/access-right/RESTRICTED")
    assert graph.value(energy, DCTERMS.accrualPeriodicity).endswith("/frequency/DAILY")
    assert (graph.value(energy, DCAT.contactPoint), None, URIRef("mailto:data@lcr.example")) in graph
    period = graph.value(energy, DCTERMS.temporal)
    assert [str(graph.value(period, DCAT[p])) for p in ("startDate", "endDate")] == ["2025-10-14", "2025-10-15"]
    assert "seed = 2040" in str(graph.value(graph.value(energy, PROV.wasGeneratedBy), _LABEL))
    assert {str(s) for s in graph.objects(energy, DCTERMS.conformsTo)} == {f"{BASE}contracts/energy.json#electricity"}
    for d in graph.objects(energy, DCAT.distribution):
        file = landed.root / "spine" / str(graph.value(d, DCAT.accessURL)).removeprefix(BASE)
        assert int(graph.value(d, DCAT.byteSize)) == file.stat().st_size
        digest = graph.value(graph.value(d, SPDX.checksum), SPDX.checksumValue)
        assert str(digest).lower() == hashlib.sha256(file.read_bytes()).hexdigest()


_LABEL = URIRef("http://www.w3.org/2000/01/rdf-schema#label")


def test_a_closed_dataset_is_listed_with_its_terms_and_nothing_of_it(landed: Layout, graph: Graph):
    closed = URIRef(read_entry(landed.incoming / "services").persistent)
    assert graph.value(closed, DCTERMS.accessRights).endswith("/access-right/NON_PUBLIC")
    assert (closed, DCTERMS.title, Literal("Surgeries, hospitals and jobs (generated)", lang="en")) in graph
    for hidden in (DCAT.distribution, DCTERMS.temporal, PROV.wasGeneratedBy):
        assert graph.value(closed, hidden) is None
    assert "services.csv" not in export_catalogue(landed, "dcat")
    assert "bytes" not in json.dumps([r for r in json.loads(export_catalogue(landed, "datacite"))
                                      if r["titles"][0]["title"].startswith("Surgeries")])  # fmt: skip


def test_datacite_by_its_own_schema(landed: Layout):
    records = json.loads(export_catalogue(landed, "datacite"))
    assert len(records) == len(read_catalogue(landed.incoming))
    for record in records:
        schema45.validator.validate(record)
    assert {r["publicationYear"] for r in records if r["titles"][0]["title"].startswith("Traffic")} == {"2025"}


def test_the_identifier_is_that_of_the_dataset_and_not_of_the_night(tmp_path: Path):
    found = {}
    for name, more in (("a", {}), ("b", {"night": "2025-11-20"}), ("c", {"twin": {"seed": 7}})):
        twin = {"areas": 24, "geography": "generated"} | more.pop("twin", {})
        config = parse_config({"name": name, "twin": twin, **more}, where="a test")
        layout = Layout(tmp_path / name, config.night)
        run_twin(config, layout)
        found[name] = read_entry(layout.incoming / "weather").persistent
    assert found["a"] == found["b"] != found["c"] and found["a"].startswith("urn:uuid:")


def test_one_entry_for_a_program_and_a_folder_for_a_server(landed: Layout, tmp_path: Path):
    told = json.loads(show_dataset(landed.incoming, "weather", as_json=True))
    wanted = ("identifier", "uri", "title", "owner", "contact", "licence", "tier", "purpose", "rhythm", "coverage",
              "tables", "nature")  # fmt: skip
    assert all(told[w] for w in wanted) and told["contact"] == "data@lcr.example"
    file = write_export(landed, "dcat", "", tmp_path)
    assert file.name == "catalogue.jsonld"
    here = Graph().parse(file, format="json-ld")
    for standard in here.objects(None, DCTERMS.conformsTo):
        if "contracts/" in str(standard):  # relative to the document, wherever it lies
            path = Path(str(standard).removeprefix("file://").partition("#")[0])
            assert json.loads(path.read_text())["resources"]
