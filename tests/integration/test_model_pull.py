"""`lookout models pull` against a real HTTP server: cut off in the middle, the wrong file, no room, no trust."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import resource
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner

from detect.models.download import Limits, download, session
from detect.models.importing import Imported, ImportOptions
from detect.models.model import load_model
from detect.models.pulling import Pull, address_of, pull_model
from kernel.errors import BadInputError, CannotRunError
from supervisor.cli import app
from tests.integration.file_server import FileServer, file_server
from tests.integration.test_command_line import config
from tests.unit.detect.int8_bundle import mean_colour_bundle

pytestmark = pytest.mark.integration

LIMITS = Limits(8 << 20, silence_s=5.0)
BLOB = hashlib.shake_256(b"weights").digest(300_000)


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with file_server() as running:
        running.files["/blob"] = BLOB
        yield running


def fetch(server: FileServer, part: Path, digest: str = sha256(BLOB), limits: Limits = LIMITS) -> list[int]:
    """Download the blob; what was told on the way."""
    told: list[int] = []
    with session(limits) as client:
        download(client, f"{server.url}/blob", digest, part, limits, lambda done, _: told.append(done))
    return told


def test_a_file_arrives_whole_and_how_far_it_is_is_told(server: FileServer, tmp_path: Path) -> None:
    told = fetch(server, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == BLOB
    assert told == sorted(told)
    assert told[-1] == len(BLOB)


def test_what_is_cut_off_in_the_middle_goes_on_there(server: FileServer, tmp_path: Path) -> None:
    server.cut_after = [100_000, 70_001]
    fetch(server, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == BLOB
    assert server.starts("/blob") == [0, 100_000, 170_001]


def test_what_does_not_get_further_is_kept_for_the_next_call(server: FileServer, tmp_path: Path) -> None:
    server.cut_after = [100_000, 0, 0, 0]
    with pytest.raises(CannotRunError, match=r"100000 bytes are kept, pull again to go on"):
        fetch(server, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == BLOB[:100_000]
    fetch(server, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == BLOB
    assert server.starts("/blob")[-1] == 100_000


def test_a_server_that_knows_no_ranges_begins_anew(server: FileServer, tmp_path: Path) -> None:
    server.knows_ranges = False
    (tmp_path / "part").write_bytes(BLOB[:1000])
    fetch(server, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == BLOB


def test_a_server_that_knows_no_ranges_and_never_gets_to_the_end_is_given_up(
    server: FileServer, tmp_path: Path
) -> None:
    """Each time a little more or less far than the time before, it was asked for ever."""
    server.knows_ranges = False
    server.cut_after = [100_000, 90_000, 95_000, 90_000, 95_000, 90_000]
    with pytest.raises(CannotRunError, match=r"bytes are kept, pull again to go on"):
        fetch(server, tmp_path / "part")
    assert len(server.starts("/blob")) == 4


def test_what_was_whole_already_is_not_sent_again(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(BLOB)
    fetch(server, tmp_path / "part")
    assert server.starts("/blob") == [len(BLOB)]


def test_the_beginning_of_another_file_is_thrown_away(server: FileServer, tmp_path: Path) -> None:
    """Its rest was appended for ever, since only the whole was judged."""
    (tmp_path / "part").write_bytes(b"x" * 5000)
    fetch(server, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == BLOB
    assert server.starts("/blob") == [5000, 0]


def test_another_file_than_wanted_is_refused_and_not_kept(server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"its sha256 is .*…, 000000000000… is wanted; nothing was kept"):
        fetch(server, tmp_path / "part", "0" * 64)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("announced", [{}, {"/blob": -1}])
def test_too_large_is_refused_before_it_comes_or_while_it_does(
    server: FileServer, tmp_path: Path, announced: dict[str, int]
) -> None:
    server.announced = announced
    with pytest.raises(BadInputError, match="larger than 0 MiB; allow more by --max-mib") as refused:
        fetch(server, tmp_path / "part", limits=Limits(100_000, 5.0))
    assert server.url in str(refused.value)
    assert not list(tmp_path.iterdir())


def test_no_room_is_said_before_it_is_filled(server: FileServer, tmp_path: Path) -> None:
    server.announced = {"/blob": 1 << 60}
    with pytest.raises(CannotRunError, match=r"MiB are to come and \d+ MiB are free; make room and pull again"):
        fetch(server, tmp_path / "part", limits=Limits(1 << 62, 5.0))
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fills_up_meanwhile_leaves_nothing(server: FileServer, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, hard))
    try:
        with pytest.raises(CannotRunError, match="nothing was kept; make room and pull again") as refused:
            fetch(server, tmp_path / "part")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(tmp_path) in str(refused.value)
    assert not list(tmp_path.iterdir())


def test_nobody_there_and_no_such_file_are_told_apart(server: FileServer, tmp_path: Path) -> None:
    del server.files["/blob"]
    with pytest.raises(BadInputError, match=r"there is no such file \(404\)"):
        fetch(server, tmp_path / "part")
    gone = FileServer(url="http://127.0.0.1:1")
    with pytest.raises(CannotRunError, match="look at the network and the server"):
        fetch(gone, tmp_path / "part")
    assert not list(tmp_path.iterdir())


def test_a_password_is_used_and_never_said(server: FileServer, tmp_path: Path) -> None:
    server.needs = "Basic cm9vbTpzZWNyZXQ="  # room:secret
    url = server.url.replace("://", "://room:secret@") + "/blob"
    with session(LIMITS) as client:
        download(client, url, sha256(BLOB), tmp_path / "part", LIMITS, lambda *_: None)
        server.needs = "Basic bm90aGluZw=="
        with pytest.raises(BadInputError, match=r"not allowed \(401\)") as refused:
            download(client, url, sha256(BLOB), tmp_path / "other", LIMITS, lambda *_: None)
    assert "secret" not in str(refused.value)


@contextmanager
def trusted_by(tmp_path: Path) -> Iterator[tuple[ssl.SSLContext, Path]]:
    """A server's context with a certificate of its own, and that certificate's file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "models")]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem, private = tmp_path / "authority.pem", tmp_path / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    yield context, pem


def test_a_certificate_nobody_vouches_for_is_refused_until_its_authority_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: FileServer
) -> None:
    with trusted_by(tmp_path) as (context, pem), file_server(context) as secured:
        secured.files["/blob"] = BLOB
        secured.redirects["/moved"] = f"{server.url}/blob"
        with pytest.raises(CannotRunError, match=r"certificate is not trusted .* by --ca FILE"):
            fetch(secured, tmp_path / "part")
        named = Limits(8 << 20, 5.0, pem)
        fetch(secured, tmp_path / "part", limits=named)
        with session(named) as client, pytest.raises(BadInputError, match=r"leads to 127\.0\.0\.1 without TLS"):
            download(client, f"{secured.url}/moved", sha256(BLOB), tmp_path / "m", named, lambda *_: None)
    with (
        pytest.raises(BadInputError, match=r"key\.pem: no certificates in it"),
        session(Limits(1, 1.0, tmp_path / "key.pem")),
    ):
        pass


def pull(server: FileServer, tmp_path: Path, path: str, digest: str) -> tuple[Imported, list[str]]:
    said: list[str] = []
    url, name = address_of(f"{server.url}{path}", "")
    imported = pull_model(
        Pull(url, digest, False, LIMITS),
        tmp_path / "models",
        ImportOptions(name),
        tmp_path / "cache",
        said.append,
        lambda *_: None,
    )
    return imported, said


@pytest.fixture
def offered(server: FileServer, tmp_path: Path) -> bytes:
    """A bundle on the server; the bytes of its model."""
    folder = mean_colour_bundle(tmp_path / "theirs" / "yard")
    for file in folder.iterdir():
        server.files[f"/yard/{file.name}"] = file.read_bytes()
    return server.files["/yard/model.onnx"]


def test_a_bundle_is_pulled_with_its_card_and_without_the_int8_of_others(
    server: FileServer, tmp_path: Path, offered: bytes
) -> None:
    server.cut_after = [len(server.files["/yard/card.json"]), 100]
    imported, said = pull(server, tmp_path, "/yard/model.onnx", sha256(offered))
    assert load_model("yard", tmp_path / "models").card == imported.card
    assert (imported.card.classes, imported.card.int8) == (("person",), None)
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["yard"]
    assert said[0] == f"fetching {server.url}/yard/model.onnx"
    assert server.starts("/yard/model.onnx") == [0, 100]


@pytest.mark.parametrize(
    ("path", "digest", "said"),
    [
        ("/yard/model.onnx", "", r"without TLS anybody on the way can change file and card; give --sha256"),
        ("/yard/model.onnx", "0" * 64, r"its card says sha256 .*…, 000000000000… was given"),
        ("/yard/model.onnx", "abc", r"64 hexadecimal digits are wanted"),
        ("/yard/weights.pt", "0" * 64, r"a pickle, opening it runs its author's code; .* --allow-pickle"),
        ("/yard/setup.exe", "0" * 64, r"neither an \.onnx file nor a \.pt"),
        ("/other.onnx", "0" * 64, r"there is no such file \(404\)"),
    ],
)
def test_what_is_refused_leaves_nothing(
    server: FileServer, tmp_path: Path, offered: bytes, path: str, digest: str, said: str
) -> None:
    server.files["/yard/weights.pt"] = b"pickle"
    with pytest.raises(BadInputError, match=said):
        pull(server, tmp_path, path, digest)
    assert not (tmp_path / "models").exists() or not list((tmp_path / "models").iterdir())


def test_what_is_whole_and_no_model_leaves_nothing(server: FileServer, tmp_path: Path) -> None:
    server.files["/yard.onnx"] = BLOB
    with pytest.raises(BadInputError, match="not an ONNX model"):
        pull(server, tmp_path, "/yard.onnx", sha256(BLOB))
    assert not list((tmp_path / "models").iterdir())


def test_a_name_that_is_taken_is_said_before_anything_is_fetched(
    server: FileServer, tmp_path: Path, offered: bytes
) -> None:
    pull(server, tmp_path, "/yard/model.onnx", sha256(offered))
    server.asked.clear()
    with pytest.raises(BadInputError, match="there is a model of that name"):
        pull(server, tmp_path, "/yard/model.onnx", sha256(offered))
    assert server.asked == []


def test_a_name_needs_an_address_to_be_below() -> None:
    assert address_of("yard", "https://models.example/a/") == ("https://models.example/a/yard/model.onnx", "yard")
    assert address_of("https://h/a/Yard-2.onnx", "")[1] == "yard-2"
    assert address_of("https://h/yard/model.onnx", "")[1] == "yard"
    for what, said in [
        ("yard", "set models.pull_from"),
        ("../up", "neither an address"),
        ("ftp://h/a.onnx", "no address"),
    ]:
        with pytest.raises(BadInputError, match=said):
            address_of(what, "")


def test_the_command_pulls_by_name_from_where_the_config_says(
    server: FileServer, tmp_path: Path, offered: bytes
) -> None:
    models = {"dir": str(tmp_path / "models"), "pull_from": server.url}
    file = config(tmp_path, models=models, data_dir=str(tmp_path / "data"))
    command = ["models", "pull", str(file), "yard", "--sha256", sha256(offered), "--json"]
    answer = CliRunner().invoke(app, command)
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["card"]["name"] == "yard"
    assert json.loads(answer.stdout)["folder"] == str(tmp_path / "models" / "yard")
