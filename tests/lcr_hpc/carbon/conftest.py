from __future__ import annotations

import pytest

from tests.lcr_hpc.carbon.region import Region


@pytest.fixture
def region() -> Region:
    return Region()
