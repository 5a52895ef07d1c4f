"""Loopback is offered where nothing else is, and to clients on this machine."""

from __future__ import annotations

import aioice.ice
import pytest

from command_api.live import addresses


def test_aioice_still_has_the_function_that_is_replaced() -> None:
    """A new aioice that gathers otherwise would silently lose live view on a machine without a network."""
    addresses.install()
    assert aioice.ice.get_host_addresses is addresses.host_addresses
    assert "get_host_addresses" in aioice.ice.Connection.gather_candidates.__code__.co_names


def test_loopback_is_all_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "_gather_others", lambda _v4, _v6: [])
    assert addresses.host_addresses(True, False) == ["127.0.0.1"]


def test_an_address_that_is_not_ours_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "_gather_others", lambda _v4, _v6: ["203.0.113.9", "127.0.0.2"])
    assert addresses.host_addresses(True, False) == ["127.0.0.2"]


def test_a_local_client_gets_loopback_besides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "_gather_others", lambda _v4, _v6: ["127.0.0.2"])
    token = addresses.client_is_local.set(True)
    try:
        assert addresses.host_addresses(True, False) == ["127.0.0.2", "127.0.0.1"]
    finally:
        addresses.client_is_local.reset(token)


@pytest.mark.parametrize(
    ("address", "local"),
    [("127.0.0.1", True), ("::1", True), ("192.0.2.2", True), ("192.0.2.3", False), ("", False), ("no", False)],
)
def test_which_clients_are_local(address: str, local: bool) -> None:
    assert addresses.is_local(address, ["192.0.2.2"]) is local
