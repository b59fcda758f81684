"""The report: every part, values on hover, and nothing to fetch."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from lcr_hpc.publish.report import palette
from lcr_hpc.publish.report.charts import gradient_charts, nice_ticks
from lcr_hpc.publish.report.classes import quantile_classes
from lcr_hpc.publish.report.geometry import polygon_path, sheet_for, simplify
from lcr_hpc.publish.report.words import figure, interval, large, listing, mass, percent


class Page(HTMLParser):
    """Tags with their attributes, and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [a for t, a in self.tags if t == tag and all(a.get(k) == v for k, v in wanted.items())]


@pytest.fixture(scope="module")
def text(snapshot: Path) -> str:
    return (snapshot / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def _data(text: str, name: str) -> dict:
    part = text[text.index(f'id="map-{name}"') :]
    return json.loads(re.search(r'<script type="application/json" class="data">(.*?)</script>', part, re.S)[1])


def test_it_fetches_nothing(text: str, page: Page):
    for tag, attributes in page.tags:
        for name in ("src", "href", "srcset", "poster", "data", "action", "xlink:href", "background"):
            value = attributes.get(name)
            if value is not None:
                assert re.fullmatch(r"#[\w-]+|[\w.]+", value), f"{tag} {name}={value}"
        assert tag not in {"link", "iframe", "object", "embed", "img", "image", "use", "base"}
    code = "".join(re.findall(r"<style>(.*?)</style>|<script>(.*?)</script>", text, re.S)[0])
    styles = " ".join(a.get("style") or "" for _, a in page.tags)
    for word in (
        "url(",
        "@import",
        "fetch(",
        "XMLHttpRequest",
        "import(",
        "WebSocket",
        "sendBeacon",
        "http:",
        "https:",
    ):
        assert word not in code, word
        assert word not in styles, word
    script = re.search(r"<script>(.*?)</script>", text, re.S)[1]
    assert not re.search(r"fetch\(|XMLHttpRequest|import\(|WebSocket|sendBeacon|https?:", script)
    policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"]
    assert policy.startswith("default-src 'none'")


def test_every_section_is_there(page: Page):
    headings = {
        "natures",
        "headline",
        "maps-title",
        "gradients",
        "districts",
        "periods",
        "caveats",
        "quality",
        "provenance",
    }
    assert headings <= {a.get("id") for _, a in page.tags}
    assert len(page.all("figure", **{"class": "map"})) == 4
    assert len(page.all("figure", **{"class": "chart"})) == 4
    assert page.all("html")[0]["lang"] == "en-GB"
    assert len(page.all("h1")) == 1


def test_it_says_first_what_is_real_and_what_is_not(text: str):
    top = text[: text.index("Headline figures")]
    assert "These results rest partly on synthetic inputs" in top
    for word in ("Boundaries of LSOA 2011", "Road network", "Vehicle trips"):
        assert word in top
    assert top.index("Boundaries") < top.index('class="nature synthetic"') < top.index("Road network")
    badges = re.findall(r'class="badge">([^<]*)<', text)
    assert badges[0] == "Modelled from 1 real and 4 synthetic datasets"
    assert len(badges) == 4 + 5


def test_markup_in_an_attribution_stays_text(text: str):
    assert "lcr-hpc &lt;twin&gt;" in text
    assert "<twin>" not in text
    assert "https://ons.example" in text


def test_areas_have_their_values_on_hover(text: str, snapshot: Path):
    areas = pd.read_csv(snapshot / "areas.csv")
    data = _data(text, "air")
    assert data["kind"] == "areas"
    assert data["names"][7] == "Place 007A, Aintree"
    assert data["fields"][0]["values"] == areas["pm2_5_ug_m3"].round(2).tolist()
    assert data["fields"][0]["units"] == "µg/m³"
    assert [layer["label"] for layer in data["layers"]] == ["PM2.5", "NOₓ as NO₂"]
    assert all(len(layer["classes"]) == len(areas) for layer in data["layers"])
    # Without the script, a title of each area says the value of the layer shown.
    assert f"<title>Place 007A, Aintree: {areas['pm2_5_ug_m3'][7]:.2f} µg/m³</title>" in text
    health = _data(text, "health")
    assert [layer["label"] for layer in health["layers"]] == ["Life expectancy", "Attributable deaths", "Deprivation"]
    assert health["fields"][0]["values"][-1] is None
    assert health["layers"][0]["classes"][-1] == "-"
    assert "Place 029A, Childwall: no value" in text


def test_lines_and_cells_have_a_value_for_each_shape_drawn(text: str, page: Page):
    for name in ("traffic", "emissions"):
        data = _data(text, name)
        part = text[text.index(f'id="map-{name}"') :]
        marks = re.search(r'<g class="marks">(.*?)</g>', part, re.S)[1]
        drawn = sum(d.count("M") for d in re.findall(r' d="([^"]*)"', marks))
        assert drawn == len(data["name"]) > 0
        assert all(len(f["values"]) == drawn for f in data["fields"])
    traffic = _data(text, "traffic")
    # 49 pairs of neighbours, both directions as one line; connectors are not drawn.
    assert len(traffic["name"]) == 49
    assert set(traffic["fields"][2]["words"]) >= {"08"}


def test_maps_and_charts_can_be_read_without_eyes_or_mouse(page: Page):
    for svg in page.all("svg", role="img"):
        assert svg["aria-label"]
    dots = page.all("g", **{"class": "dot"})
    assert len(dots) == 39  # one decile of one attribute has no place
    assert all(d["tabindex"] == "0" and d["aria-label"].startswith("Decile ") for d in dots)
    assert all(t.get("scope") in ("col", "row") for t in page.all("th"))
    assert all(b.get("type") == "button" for b in page.all("button"))


def test_on_a_phone_every_value_of_a_wide_table_says_what_it_is(text: str):
    tables = re.findall(r'<table class="(?:\w+ )?stack">(.*?)</table>', text, re.S)
    assert len(tables) >= 5
    for table in tables:
        columns = re.findall(r'<th scope="col">([^<]*)</th>', table)
        rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table.partition("<tbody>")[2], re.S)
        for row in rows:
            assert re.findall(r'<td[^>]* data-of="([^"]*)"', row) == columns[1:]
            assert row.count("<td") == len(columns) - 1


def test_the_gradient_is_told_with_its_interval(text: str):
    assert "From the most to the least deprived end, life expectancy at birth rises by 9.4 years" in text
    assert "rises by 9.4 years (95 % interval 8.1 to 10.7)." in text
    assert "NOx concentration falls by 4.10 µg/m³ (95 % interval 2.20 to 6.00)." in text
    assert "an interval that spans zero." in text
    assert "There is no slope index for mortality attributable to PM2.5" in text


def test_caveats_and_quality_come_from_the_night(text: str):
    for word in (
        "were it the mean of the year",
        "1.08 (1.06 to 1.09) per 10 µg/m³",
        "75.0 % cars, 15.0 % vans, 9.5 % lorries and 0.5 % buses on motorways",
        "7.35 µg/m³ of PM2.5 and 14.2 µg/m³ of NOₓ",
        "every period reached it",
        "Every trip between areas has a path",
        "GEH below 5",
        "suppressed or missing in 1 MSOA",
        "2 hours had less wind than 1",
        "1 hour had no whole weather",
        "farther than 3",
    ):
        assert word in text.replace("were\nit", "were it"), word


def test_provenance_names_terms_and_fingerprints(text: str, snapshot: Path):
    catalogue = json.loads((snapshot / "catalogue.json").read_text())
    part = text[text.index('id="provenance"') :]
    for store in catalogue["stores"].values():
        assert store["fingerprint"][:12] in part
    assert "OGL v3" in part
    assert "demand <code>" in part


def test_it_is_small(snapshot: Path):
    assert (snapshot / "report.html").stat().st_size < 150_000


RAMPS = ("CONGESTION", "EMISSION", "AIR", "DEATHS", "LIVES", "DEPRIVATION")


@pytest.mark.parametrize("name", RAMPS)
@pytest.mark.parametrize("n", [5, 7])
def test_colours_get_darker_in_steps_that_every_eye_sees(name: str, n: int):
    colours = palette.colours(getattr(palette, name), n)
    light = [palette.luminance(c) for c in colours]
    assert all(a > b for a, b in pairwise(light))
    assert all(palette.contrast(a, b) > 1.2 for a, b in pairwise(colours))
    assert palette.contrast(colours[0], colours[-1]) > 5


def test_contrast_is_the_published_one():
    assert palette.contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert palette.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


def test_text_colours_are_legible():
    css = (Path(palette.__file__).parent / "report.css").read_text()
    named = dict(re.findall(r"--([a-z]+):(#[0-9a-f]{3,6})", css))
    grounds = ["#ffffff", named["ground"]]
    for name in ("ink", "soft", "accent", "real", "modelled", "synthetic"):
        assert all(palette.contrast(named[name], g) >= 4.5 for g in grounds), name


def test_classes_share_out_the_places_at_breaks_one_can_read():
    values = np.linspace(8.0, 9.0, 700)
    classes = quantile_classes(values)
    assert len(classes.labels) == len(classes.breaks) + 1 == 7
    counts = np.bincount(classes.of(values))
    assert counts.min() >= 70
    assert classes.of(np.array([np.nan, 7.0, 99.0])).tolist() == [-1, 0, 6]
    assert quantile_classes(np.full(5, 3.0)).breaks == ()
    assert quantile_classes(np.array([np.nan])).labels == ("no value",)
    assert len(quantile_classes(np.array([1.0, 2.0, 2.0, 2.0])).labels) <= 3
    # A long tail takes no classes away: six of seven lie below a hundredth of the largest value.
    tail = np.concatenate([np.linspace(0.011, 0.099, 699), [10.4]])
    assert len(quantile_classes(tail).labels) == 7


def test_outlines_keep_their_shared_edge_when_simplified():
    x = np.linspace(0, 4000, 401)
    seam = np.stack([x, 10.0 * np.sin(x / 20.0)], axis=1)
    south = shapely.polygons(np.concatenate([seam, [[4000, -3000], [0, -3000]]]))
    north = shapely.polygons(np.concatenate([seam, [[4000, 3000], [0, 3000]]]))
    both = np.array([south, north])
    # A region as large as a county is drawn in units of 10 m.
    sheet = dataclasses.replace(sheet_for(both), unit_m=10.0)
    simple = simplify(both, sheet)
    assert shapely.get_num_coordinates(simple).sum() < 0.3 * shapely.get_num_coordinates(both).sum()
    assert shapely.area(shapely.intersection(simple[0], simple[1])) == 0.0
    assert shapely.area(shapely.union_all(simple)) == pytest.approx(4000 * 6000, rel=0.002)


def test_a_path_is_whole_units_from_the_upper_left():
    square = np.array([shapely.box(335_000, 390_000, 336_000, 391_000)])
    sheet = sheet_for(square)
    path = polygon_path(square[0], sheet)
    assert re.fullmatch(r"M\d+ \d+l[-\d ]+z", path)
    first = [int(n) for n in re.findall(r"-?\d+", path)[:2]]
    assert 0 < first[0] < sheet.width
    steps = np.array(re.findall(r"-?\d+", path)[2:], int).reshape(-1, 2)
    assert np.abs(steps).max() == round(1000 / sheet.unit_m)


def test_ticks_are_round_and_span_the_range():
    assert nice_ticks(73.2, 83.4) == [70.0, 75.0, 80.0, 85.0]
    assert nice_ticks(8.42, 9.32) == [8.25, 8.5, 8.75, 9.0, 9.25, 9.5]
    assert nice_ticks(5.0, 5.0)[0] <= 5.0 <= nice_ticks(5.0, 5.0)[-1]
    assert nice_ticks(0.0, 0.0)[0] == 0.0


def test_a_gradient_without_any_value_still_draws():
    row = {"attribute": "nothing", "ranked_by": "deprivation_rank", "units": "years"} | dict.fromkeys(
        ("sii", "sii_lower", "sii_upper"), np.nan
    )
    row |= dict.fromkeys(("rii", "rii_lower", "rii_upper"), np.nan) | {
        "drawn_error": "exposure",
        "sii_draws_lower": np.nan,
        "sii_draws_upper": np.nan,
    }
    row |= dict.fromkeys((f"concentration_index{e}" for e in ("", "_lower", "_upper")), np.nan)
    row |= {f"decile_{d}_{e}": np.nan for d in range(1, 11) for e in ("mean", "lower", "upper")}
    (chart,) = gradient_charts(pd.DataFrame([row]), 0.95)
    assert chart.dots == ()
    assert chart.line is None
    assert chart.sii == chart.concentration == "none"
    assert chart.bars == ()


def test_the_burden_comes_with_its_interval_and_the_grade_of_its_evidence(text: str):
    rows = re.findall(r"<tr><th scope=.row.>((?:Attributable|Years)[^<]*)</th><td>([\d,]+)</td><td>([^<]*)</td>", text)
    assert [name for name, *_ in rows] == [
        "Attributable deaths, PM2.5: all-cause mortality",
        "Years of life lost, PM2.5: all-cause mortality",
    ]
    for _, median, limits in rows:
        low, high = (float(v.replace(",", "")) for v in limits.split(" to "))
        assert low < float(median.replace(",", "")) < high
    assert f'Deaths attributable to PM2.5</span><span class="value">{rows[0][1]}</span>' in text
    assert text.count('<span class="tag">quoted</span> Somebody 2020') == 2
    assert "evidence: quoted" in text


def test_access_is_told_by_period_with_those_who_reach_none(text: str):
    assert "Minutes to the nearest service" in text
    assert text.count("1 area reaches none") == 2


def test_deciles_show_what_is_not_known_of_them(text: str):
    # Exposure of two pollutants and the burden, which has no value in one tenth; life expectancy has no drawn error.
    assert text.count('class="range"') == 29
    assert "Bars: limits over draws of exposure; SII over the same draws −5.10 to −3.10 µg/m³." in text
    assert "Bars: limits over draws of relative risk, exposure and baseline." in text


def test_words():
    assert figure(1234.5) == "1,234"
    assert figure(0.03456) == "0.0346"
    assert figure(-2.5, 1) == "−2.5"
    assert figure(-0.01, 1) == "0.0"
    assert figure(None) == figure(float("nan")) == "–"
    assert large(27_345_678) == "27.3 million"
    assert interval(1, None) == ""
    assert mass(5.25) == "5.25 t"
    assert mass(0.0721) == "72.1 kg"
    assert percent(0.1234) == "12.3 %"
    assert percent(0.0001) == "under 0.1 %"
    assert listing(["a", "b", "c"]) == "a, b and c"
    assert listing([]) == ""
