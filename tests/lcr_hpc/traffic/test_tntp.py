from __future__ import annotations

import numpy as np
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.traffic import read_tntp


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def problems(braess) -> list[str]:
    with pytest.raises(InputError) as error:
        read_tntp(*braess)
    text = str(error.value)
    return [line[4:] for line in text.splitlines()[1:]] if "\n" in text else [text]


def test_braess_as_published(braess):
    network, demand = read_tntp(*braess)
    assert (network.n_zones, network.n_nodes, network.n_links, network.first_through_node) == (2, 4, 5, 0)
    assert network.from_node.tolist() == [0, 0, 2, 2, 3]
    assert network.to_node.tolist() == [2, 3, 1, 3, 1]
    assert network.b.tolist() == [1e9, 0.02, 0.02, 0.1, 1e9]
    assert network.link_row.tolist() == [8, 9, 10, 11, 12]
    assert (demand.origin.tolist(), demand.destination.tolist(), demand.trips.tolist()) == ([0], [1], [6.0])


def test_comments_spaces_commas_of_the_wild_are_read(braess):
    net, trips = braess
    edit(net, "~\tinit_node", "~ Tail, Head, ;\n~\tinit_node")
    edit(net, "\t1\t4\t1\t100\t50\t0.02\t1\t0\t0\t1\t;", " 1   4  1 100 50 2.0E-02 1 0 0 1")
    edit(trips, "    1 :    0.0;    2 :    6.0;", "2\t:\t6 ~ a remark")
    edit(trips, "<TOTAL OD FLOW> 6.0\n", "")
    edit(net, "<FIRST", "<NUMBER OF ZONES> 2\n<FIRST")
    net.write_bytes(b"\xef\xbb\xbf" + net.read_bytes().replace(b"\n", b"\r\n"))
    network, demand = read_tntp(*braess)
    assert network.b[1] == 0.02
    assert demand.trips.tolist() == [6.0]


DEFECTS = {
    "negative demand": (1, "6.0;", "-6.0;", "Braess_trips.tntp:6: origin 1 to destination 2 has -6 trips"),
    "no number": (1, "6.0;", "six;", "Braess_trips.tntp:6: no number in `2 :    six;`"),
    "NaN demand": (1, "    6.0;", "nan;", "Braess_trips.tntp:6: origin 1 to destination 2 has nan trips"),
    "blank trips": (1, "    6.0;", ";", "Braess_trips.tntp:6: a blank field in `2 :;`"),
    "blank destination": (1, "2 : ", "  : ", "Braess_trips.tntp:6: a blank field in `:    6.0;`"),
    "pair twice": (
        1,
        "6.0;",
        "3.0;\n 2 : 3.0;",
        "tntp:7: origin 1 to destination 2 appears twice, first on line 6",
    ),
    "missing zone": (1, "2 : ", "7 : ", "Braess_trips.tntp:6: destination is 7, wanted one of the zones 1 to 2"),
    "missing origin": (1, "Origin 1", "Origin 3", "Braess_trips.tntp:6: origin is 3, wanted one of the zones 1 to 2"),
    "no origin": (1, "Origin 1", "Origin", "Braess_trips.tntp:5: `Origin`, wanted `Origin` and the number"),
    "total": (1, "6.0\n<END", "7.0\n<END", "Braess_trips.tntp: <TOTAL OD FLOW> is 7, but the trips sum to 6"),
    "zones": (1, "ZONES> 2", "ZONES> 3", "Braess_trips.tntp: <NUMBER OF ZONES> is 3, but 2 in Braess_net.tntp"),
    "missing node": (
        0,
        "\t3\t4\t1\t",
        "\t3\t9\t1\t",
        "tntp:11: term node is 9, wanted one of the nodes 1 to 4",
    ),
    "half a node": (0, "\t3\t4\t1\t", "\t3\t3.5\t1\t", "Braess_net.tntp:11: term node is 3.5, wanted one of the nodes"),
    "zero capacity": (0, "\t3\t4\t1\t", "\t3\t4\t0\t", "capacity must be finite and above 0; line 11 (0.0)"),
    "NaN capacity": (0, "\t3\t4\t1\t", "\t3\t4\tnan\t", "capacity must be finite and above 0; line 11 (nan)"),
    "infinite time": (0, "\t10\t0.1", "\tinf\t0.1", "free_flow_time must be finite and not negative; line 11 (inf)"),
    "blank field": (0, "\t10\t0.1", "\t\t0.1", "Braess_net.tntp:11: free-flow time is blank, wanted a number"),
    "a field too many": (0, "\t10\t0.1", "\t10\t10\t0.1", "Braess_net.tntp:11: 11 fields, wanted 10"),
    "a word": (0, "\t10\t0.1", "\tten\t0.1", "Braess_net.tntp:11: free-flow time is `ten`, wanted a number"),
    "link count": (0, "LINKS> 5", "LINKS> 6", "Braess_net.tntp: <NUMBER OF LINKS> is 6, but 5 links follow"),
    "node count": (0, "NODES> 4", "NODES> 3", "Braess_net.tntp:9: term node is 4, wanted one of the nodes 1 to 3"),
    "first through node": (0, "NODE> 1", "NODE> 9", "Braess_net.tntp: <FIRST THRU NODE> is 9, wanted 1 to 5"),
    "no header": (0, "<FIRST THRU NODE> 1\n", "", "Braess_net.tntp: no <FIRST THRU NODE> in the header"),
    "no end of header": (0, "<END OF METADATA>\n", "", "Braess_net.tntp: no <END OF METADATA>"),
    "header twice": (
        0,
        "<FIRST",
        "<NUMBER OF ZONES> 3\n<FIRST",
        "Braess_net.tntp:3: <NUMBER OF ZONES> is 3, but 2 above; leave one of them",
    ),
    "header without number": (
        0,
        "ZONES> 2",
        "ZONES> two",
        "tntp:1: <NUMBER OF ZONES> is `two`, wanted a number",
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_named_with_its_line(braess, defect):
    file, old, new, message = DEFECTS[defect]
    edit(braess[file], old, new)
    assert any(message in problem for problem in problems(braess)), problems(braess)


def test_defects_of_both_files_come_at_once(braess):
    chosen = ("negative demand", "zones", "zero capacity", "missing node", "link count")
    for defect in chosen:
        file, old, new, _ = DEFECTS[defect]
        if defect == "zero capacity":
            old, new = "\t1\t4\t1\t", "\t1\t4\t0\t"
        edit(braess[file], old, new)
    found = problems(braess)
    for defect in chosen:
        message = DEFECTS[defect][3].replace("line 11", "line 9")
        assert sum(message in problem for problem in found) == 1
    assert len(found) == len(chosen)


def test_a_missing_file_is_one_message(braess, tmp_path):
    assert problems((braess[0], tmp_path / "none.tntp")) == [
        f"{tmp_path / 'none.tntp'}: cannot be read (No such file or directory); check the name"
    ]


def test_the_fast_and_the_careful_reading_agree(test_data, tmp_path):
    folder = test_data / "tntp" / "Winnipeg"
    net, trips = folder / "Winnipeg_net.tntp", folder / "Winnipeg_trips.tntp"
    _, fast = read_tntp(net, trips)
    remarked = tmp_path / trips.name
    remarked.write_text(trips.read_text() + "\n~ a remark sends the reader line by line\n")
    _, careful = read_tntp(net, remarked)
    assert fast.trips.sum() == pytest.approx(64_784)
    for name in ("indptr", "destination", "trips"):
        assert np.array_equal(getattr(fast, name), getattr(careful, name))
