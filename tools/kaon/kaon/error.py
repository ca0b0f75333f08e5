"""The errors that a command reports: one line of place, cause and remedy."""

from __future__ import annotations


LONGEST_REMEDY = 1500
"""Room for the whole list of what is supported."""


def one_line(text: object, limit: int = 300) -> str:
    """Returns text without control characters or line breaks, cut at `limit` characters.

    Names inside a model file are untrusted: they must not break a message's single line.
    """
    cleaned = "".join(c if c.isprintable() else " " for c in str(text))
    cleaned = " ".join(cleaned.split())
    return cleaned if len(cleaned) <= limit else cleaned[: limit - 3] + "..."


class KaonError(Exception):
    """Something that a user can understand and act on.

    place: where it happened (file, tensor, layer, field); cause: what is wrong; remedy: what to do about it.
    """

    exit_code = 1

    def __init__(self, place: object, cause: object, remedy: object) -> None:
        self.place = one_line(place)
        self.cause = one_line(cause)
        self.remedy = one_line(remedy, LONGEST_REMEDY)
        super().__init__(f"{self.place}: {self.cause}; {self.remedy}")


class Refused(KaonError):
    """The input is not something that kaon accepts: exit code 2."""

    exit_code = 2


class Failed(KaonError):
    """The input is fine, yet the work could not be done (a compiler failed, a disk is full): exit code 1."""
