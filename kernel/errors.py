"""The error tree: one root; packages subclass it beside the raiser and store what they know as fields."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of `lookout`, stable for scripts."""

    OK = 0
    ANSWER_IS_NO = 1
    BAD_INPUT = 2
    COULD_NOT_RUN = 3
    CANNOT_TELL = 4
    NEEDS_A_PERSON = 5
    """Of a service only: starting it again cannot help."""


class LookoutError(Exception):
    """Root of every error Lookout raises on purpose. Its text is one line: what, where, and what to do."""

    exit_code: ExitCode = ExitCode.COULD_NOT_RUN


class BadInputError(LookoutError):
    """Something a person wrote (a config, an option, a file) cannot be used as it is."""

    exit_code = ExitCode.BAD_INPUT


class CannotRunError(LookoutError):
    """The machine does not give what is needed: a port, a directory, a library, a server."""

    exit_code = ExitCode.COULD_NOT_RUN


class DamagedError(CannotRunError):
    """What is stored cannot be read and will not mend by itself; a service that ends with it is not started again."""

    exit_code = ExitCode.NEEDS_A_PERSON
