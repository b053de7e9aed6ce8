"""How long work tells its caller how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives the steps of one long piece of work after another."""

    def start(self, what: str, total: int | None = None) -> None:
        """Begin ``what``; ``total`` is the number of steps where it is known."""

    def advance(self, n: int = 1) -> None:
        """``n`` more steps are done."""

    def done(self) -> None:
        """The work begun last has ended."""


class Silent:
    """A :class:`Progress` that shows nothing."""

    def start(self, what: str, total: int | None = None) -> None:
        """Do nothing."""

    def advance(self, n: int = 1) -> None:
        """Do nothing."""

    def done(self) -> None:
        """Do nothing."""
