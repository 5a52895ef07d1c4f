"""`lookout models pull`: a model from an address that the operator names, checked by its SHA-256, then imported.

    NAME or address -> card beside it, or the SHA-256 given -> download -> `import_model`
    the card of model.onnx is card.json, that of yard.onnx is yard.json

The SHA-256 of a card shows that the file came whole. That it is the right one shows only a digest from elsewhere, or
TLS: over plain HTTP the digest has to be given.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit, urlunsplit

from detect.models.card import CARD_FILE, MODEL_FILE, ModelCard, read_card
from detect.models.download import Limits, Tell, download, read_small, session
from detect.models.importing import NAME_PATTERN, Imported, ImportOptions, import_model, place_for
from kernel.errors import BadInputError
from kernel.logs import redact_url

MOST_CARD_BYTES = 1 << 20
PULL_FOLDER = ".pull"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Pull:
    """What is to be fetched.

    Attributes:
        url: of the file.
        sha256: of the file, given by hand; empty: its card's.
        allows_pickle: also a .pt, which runs its author's code when it is exported.
    """

    url: str
    sha256: str
    allows_pickle: bool
    limits: Limits


def address_of(what: str, pull_from: str) -> tuple[str, str]:
    """Address and name of a model: given in full, or a name below `pull_from`.

    Raises:
        BadInputError: neither.
    """
    if "://" in what:
        parts = urlsplit(what)
        path = PurePosixPath(unquote(parts.path))
        if parts.scheme not in ("http", "https") or not parts.hostname or not path.name:
            raise BadInputError(f"{redact_url(what)}: no address of a file; give one of https:// or http://")
        return what, (path.parent.name if path.name == MODEL_FILE else path.stem).lower()
    if not NAME_PATTERN.fullmatch(what):
        raise BadInputError(
            f"{what!r}: neither an address (https://…) nor a model's name; see lookout models pull --help"
        )
    if not pull_from:
        raise BadInputError(f"model {what!r}: nobody said where from; set models.pull_from, or give the full address")
    return f"{pull_from.rstrip('/')}/{what}/{MODEL_FILE}", what


def pull_model(
    pull: Pull, models_dir: Path, options: ImportOptions, cache_dir: Path, say: Callable[[str], None], tell: Tell
) -> Imported:
    """Fetch a model and bring it in; it is there whole or not at all.

    Args:
        pull: from where.
        models_dir: where bundles live.
        options: name and card; see `import_model`.
        cache_dir: where engine measurements are kept.
        say: takes a line for each step.
        tell: takes how many bytes are there, and of how many.

    Raises:
        BadInputError: not there, not what was wanted, not understood, or a pickle that was not allowed.
        CannotRunError: network, server or disk fail.
        EngineError: it does not run here.
    """
    suffix = PurePosixPath(urlsplit(pull.url).path).suffix.lower()
    check_kind(pull, suffix)
    place_for(models_dir, options)
    parts = models_dir / PULL_FOLDER
    try:
        parts.mkdir(parents=True, exist_ok=True)
        with session(pull.limits) as client:
            card = _card_beside(pull, read_small(client, card_address(pull.url), MOST_CARD_BYTES), parts)
            sha256 = pull.sha256 or (card.sha256 if card else "")
            if not sha256:
                card_name = PurePosixPath(urlsplit(card_address(pull.url)).path).name
                raise BadInputError(f"{redact_url(pull.url)}: no {card_name} beside it says its sha256; give --sha256")
            part = parts / f"{sha256}.part"
            say(f"fetching {redact_url(pull.url)}")
            download(client, pull.url, sha256, part, pull.limits, tell)
        with tempfile.TemporaryDirectory(prefix="whole-", dir=parts) as scratch:
            source = Path(scratch) / (MODEL_FILE if card else f"{options.name}{suffix}")
            part.rename(source)
            if card is not None:
                (source.parent / CARD_FILE).write_text(card.model_dump_json(indent=2), encoding="utf-8")
                source = source.parent
            return import_model(source, models_dir, options, cache_dir, say)
    except OSError as error:
        raise BadInputError(f"{error.filename or models_dir}: {error.strerror}; the model was not pulled") from error
    finally:
        with suppress(OSError):  # what broke off lies there still
            parts.rmdir()


def check_kind(pull: Pull, suffix: str) -> None:
    """Refuse what is fetched by nobody without a second thought.

    Raises:
        BadInputError: a pickle that was not allowed, another kind of file, no digest, or one over plain HTTP.
    """
    shown = redact_url(pull.url)
    if suffix == ".pt" and not pull.allows_pickle:
        raise BadInputError(
            f"{shown}: a pickle, opening it runs its author's code; pull the .onnx, or allow it by --allow-pickle if "
            f"you trust them"
        )
    if suffix not in (".onnx", ".pt"):
        raise BadInputError(f"{shown}: neither an .onnx file nor a .pt file of ultralytics; name one")
    if pull.sha256 and not _SHA256.fullmatch(pull.sha256):
        raise BadInputError(f"--sha256 {pull.sha256!r}: 64 hexadecimal digits are wanted, as sha256sum prints")
    if not pull.sha256 and urlsplit(pull.url).scheme == "http":
        raise BadInputError(f"{shown}: without TLS anybody on the way can change file and card; give --sha256")


def _card_beside(pull: Pull, text: bytes | None, folder: Path) -> ModelCard | None:
    """The card that lies beside the file, None where there is none.

    Raises:
        BadInputError: it is no card, or speaks of another file than the digest given.
    """
    if text is None or urlsplit(pull.url).path.endswith(".pt"):
        return None
    with tempfile.TemporaryDirectory(prefix="card-", dir=folder) as scratch:
        file = Path(scratch) / CARD_FILE
        file.write_bytes(text)
        try:
            card = read_card(file)
        except BadInputError as error:
            reason = str(error).removeprefix(f"{file}: ")
            raise BadInputError(f"{redact_url(card_address(pull.url))}: {reason}") from error
    if pull.sha256 and card.sha256 != pull.sha256:
        raise BadInputError(
            f"{redact_url(pull.url)}: its card says sha256 {card.sha256[:12]}…, {pull.sha256[:12]}… was given; find "
            f"out which is right"
        )
    return card.model_copy(update={"int8": None})


def card_address(url: str) -> str:
    """Where the card of a file lies, if it has one."""
    parts = urlsplit(url)
    folder, _, name = parts.path.rpartition("/")
    card = CARD_FILE if name == MODEL_FILE else f"{PurePosixPath(name).stem}.json"
    return urlunsplit(parts._replace(path=f"{folder}/{card}"))
