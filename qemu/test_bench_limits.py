# SPDX-License-Identifier: GPL-2.0-or-later
"""The limits of `make bench`: they are counts, so they hold or do not."""
import pytest

import bench


@pytest.mark.parametrize("measurement", bench.MEASUREMENTS, ids=lambda m: m.__name__)
@pytest.mark.quick(*(m.__name__ for m in bench.MEASUREMENTS if m is not bench.costly_groups))
def test_limits(measurement, built):
    rows = bench.measure(measurement)
    if not rows:
        pytest.skip("no real images")
    exceeded = [str(row) for row in rows if not row.kept]
    assert not exceeded, "\n".join(exceeded)
    assert any(row.limit for row in rows)
