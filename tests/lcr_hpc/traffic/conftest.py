from __future__ import annotations

from pathlib import Path

import pytest

BRAESS_NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 4
<FIRST THRU NODE> 1
<NUMBER OF LINKS> 5
<END OF METADATA>

~\tinit_node\tterm_node\tcapacity\tlength\tfree_flow_time\tb\tpower\tspeed\ttoll\tlink_type\t;
\t1\t3\t1\t100\t0.00000001\t1000000000\t1\t0\t0\t1\t;
\t1\t4\t1\t100\t50\t0.02\t1\t0\t0\t1\t;
\t3\t2\t1\t100\t50\t0.02\t1\t0\t0\t1\t;
\t3\t4\t1\t100\t10\t0.1\t1\t0\t0\t1\t;
\t4\t2\t1\t100\t0.00000001\t1000000000\t1\t0\t0\t1\t;
"""
BRAESS_TRIPS = """<NUMBER OF ZONES> 2
<TOTAL OD FLOW> 6.0
<END OF METADATA>

Origin 1
    1 :    0.0;    2 :    6.0;
"""


@pytest.fixture
def braess(tmp_path: Path) -> tuple[Path, Path]:
    """Write Braess's network: Braess, Über ein Paradoxon aus der Verkehrsplanung, Unternehmensforschung 12 (1968)."""
    net, trips = tmp_path / "Braess_net.tntp", tmp_path / "Braess_trips.tntp"
    net.write_text(BRAESS_NET)
    trips.write_text(BRAESS_TRIPS)
    return net, trips
