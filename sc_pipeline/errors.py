"""What a user may see go wrong: one exception type, whose text is one line that says where, what, and what to do."""

import unicodedata
from collections.abc import Mapping

EXIT_PROBLEMS = 1
EXIT_WRONG_USE = 2


def visible(text: str) -> str:
    """A text in one line, with what a terminal would obey or hide written out: `\\x1b` for an escape.

    The one home of this: names and cells of a stranger's file are in messages, and messages reach terminals and logs.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(letter) for letter in text)


def _shown(letter: str) -> str:
    hidden = unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    return letter.encode("unicode_escape").decode() if hidden else letter


class UserError(Exception):
    """Something in the data or the folder that the user can fix. Its message is shown without a traceback."""

    exit_code = EXIT_PROBLEMS

    def __init__(self, message: str) -> None:
        super().__init__(visible(message))


class FileProblem(UserError):
    """A source file that cannot be taken in: unreadable, of an unknown shape, empty, ambiguous."""


class ManifestProblem(UserError):
    """A release.toml or corrections.toml with a wrong key, a bad value or a statement that does not hold."""


class Unfinished(UserError):
    """A release that could not be taken in this time, for no fault of its own; the next build tries again."""


class AuditFailed(UserError):
    """A blocking check found rows; the published file stays as it was."""


class UsageError(UserError):
    """A command called with arguments that cannot work."""

    exit_code = EXIT_WRONG_USE


def refusals(refused: Mapping[str, str]) -> list[str]:
    """Why releases were refused, one line each, the release named first."""
    return [
        visible(text if text.startswith((f"{release}:", f"{release}/")) else f"{release}: {text}")
        for release, text in sorted(refused.items())
    ]
