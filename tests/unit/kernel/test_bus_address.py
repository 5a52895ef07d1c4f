from __future__ import annotations

import pytest

from kernel.bus.address import BusUnavailable


@pytest.mark.parametrize("address", ["redis://:hunter2@192.0.2.1:6379/0", "redis://192.0.2.1?password=hunter2&db=0"])
def test_a_bus_that_is_away_does_not_tell_its_password(address: str) -> None:
    """The services print this error as it is, past the log's redaction."""
    error = BusUnavailable(address, f"Error connecting to {address}")
    assert "hunter2" not in str(error)
    assert "192.0.2.1" in str(error)
