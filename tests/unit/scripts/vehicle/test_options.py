"""The command line and the fault files: what they say, and what they say of mistakes."""

from pathlib import Path

import pytest

from kernel.errors import BadInputError
from scripts.vehicle.cli import _parser, main, make_vehicle, options_from
from scripts.vehicle.edge import Address, parse_address
from scripts.vehicle.faults import Fault, Kind, fault_from_option, faults_from_file
from scripts.vehicle.relay import main as relay_main
from scripts.vehicle.vehicle import Vehicle


def made(*arguments: str) -> Vehicle:
    return make_vehicle(options_from(_parser().parse_args(["--home", "41.7,109.9,1500", *arguments])))


def test_options_reach_the_vehicle() -> None:
    vehicle = made("--sysid", "7", "--profile", "arducopter-3.5", "--param", "RTL_ALT=2500", "--battery", "60",
                   "--wind", "5,270,2", "--loss", "0.1", "--speedup", "10")  # fmt: skip
    assert vehicle.parameters["SYSID_THISMAV"] == 7
    assert vehicle.parameters["RTL_ALT"] == 2500
    assert vehicle.battery.remaining == pytest.approx(0.6)
    assert vehicle.body.wind.steady.east == pytest.approx(5.0)
    assert (vehicle.options.uplink.loss, vehicle.options.speedup) == (0.1, 10.0)
    assert vehicle.options.profile.name == "arducopter-3.5"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--home", "41.7"], "--home 41.7: "),
        (["--home", "95,109"], "--home 95,109: "),
        (["--home", "41.7,109.9", "--param", "NO_SUCH=1"], "--param NO_SUCH: "),
        (["--home", "41.7,109.9", "--param", "RTL_ALT=high"], "--param RTL_ALT=high: "),
        (["--home", "41.7,109.9", "--wind", "strong"], "--wind strong: "),
        (["--home", "41.7,109.9", "--speedup", "0"], "--speedup 0: "),
        (["--home", "41.7,109.9", "--link", "carrier-pigeon"], "--link carrier-pigeon: "),
        (["--home", "41.7,109.9", "--camera", "8554"], "--camera 8554: "),
        (["--home", "41.7,109.9", "--fault", "kind=plague,at_s=1"], "--fault kind=plague,at_s=1: kind: "),
        (["--home", "41.7,109.9", "--fault", "kind=silence"], "exactly one of at_s, airborne_s, seq"),
        (["--home", "41.7,109.9", "--signing-key", "nowhere.key"], "--signing-key nowhere.key: "),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    errors = capsys.readouterr().err
    assert said in errors
    assert errors.count("\n") == 1


def test_a_relay_carries_udp_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert relay_main(["--ground", "tcpin:127.0.0.1:1", "--vehicle", "udpin:127.0.0.1:2"]) == 2
    assert "a relay carries UDP only" in capsys.readouterr().err


def test_addresses() -> None:
    assert parse_address("udpin:127.0.0.1:14550") == Address("udpin", "127.0.0.1", 14550)
    assert parse_address("tcp:[::1]:5760") == Address("tcp", "::1", 5760)


def test_a_fault_file(tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text("- {kind: cut, airborne_s: 20, for_s: 20}\n- {kind: pilot, seq: 3, mode: STABILIZE}\n")
    assert faults_from_file(path) == [
        Fault(kind=Kind.CUT, airborne_s=20, for_s=20),
        Fault(kind=Kind.PILOT, seq=3, mode="STABILIZE"),
    ]
    assert fault_from_option("kind=cut,airborne_s=20,for_s=20") == faults_from_file(path)[0]


@pytest.mark.parametrize(
    "text", ["- {kind: cut, at_s: 1, sev: 2}", "- {kind: pilot, at_s: 1, mode: HOVER}", "a: [", "3"]
)
def test_a_wrong_fault_file_is_told_by_its_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text(text)
    with pytest.raises(BadInputError, match=r"faults\.yaml: "):
        faults_from_file(path)
