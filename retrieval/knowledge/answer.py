"""What the graph answers, what it was asked with, and what it keeps in mind between questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from retrieval.knowledge.graph import Step

MAX_GROUPS = 4
"""How many things or groups of things spoken of last are kept in mind."""


@dataclass(frozen=True)
class Time:
    """A day or time said in a question at characters ``start`` to ``end``.

    ``has_hour`` tells a time of day from a whole day.
    """

    start: int
    end: int
    at: datetime
    has_hour: bool = False


@dataclass(frozen=True)
class Frame:
    """The last question that was answered, so that *and in blue?* can be understood."""

    relation: str
    subjects: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    aspect: str | None = None
    day: str | None = None


@dataclass(frozen=True)
class Context:
    """What was spoken of: ``groups`` of ids, the latest first, and the last question's frame."""

    groups: tuple[tuple[str, ...], ...] = ()
    frame: Frame | None = None

    def after(self, about: Sequence[str], frame: Frame | None) -> Context:
        """The context once a message about ``about`` was read."""
        group = tuple(dict.fromkeys(about))
        others = tuple(other for other in self.groups if other != group)
        groups = (group, *others) if group else self.groups
        return Context(groups[:MAX_GROUPS], frame if frame is not None or group else self.frame)

    def as_json(self) -> dict[str, Any]:
        """Plain data, kept with the message."""
        return {
            "groups": [list(group) for group in self.groups],
            "frame": asdict(self.frame) if self.frame else None,
        }

    @classmethod
    def from_json(cls, data: Any) -> Context:
        """Rebuild it; what cannot be read (an older release's) is an empty context."""
        try:
            frame = data["frame"]
            groups = tuple(tuple(map(str, group)) for group in data["groups"])[:MAX_GROUPS]
            if frame is None:
                return cls(groups)
            lists = {name: tuple(map(str, frame[name])) for name in ("subjects", "objects")}
            return cls(groups, Frame(**{**frame, **lists}))
        except (KeyError, TypeError, AttributeError):
            return cls()


@dataclass(frozen=True)
class Answer:
    """An answer: what is so, how it is said, and the edges that it rests on.

    ``situation`` picks the wording, ``slots`` fill it (text and source each). ``values`` are ids
    of things or values as written; ``truth`` is set where the question was whether.
    """

    relation: str | None
    situation: str
    subjects: tuple[str, ...]
    values: tuple[str, ...]
    truth: bool | None
    path: tuple[Step, ...]
    score: float
    reason: str
    slots: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    objects: tuple[str, ...] = ()
    aspect: str | None = None
    day: str | None = None

    @property
    def frame(self) -> Frame | None:
        """What a question that follows may leave out."""
        if self.relation is None:
            return None
        return Frame(self.relation, self.subjects, self.objects, self.aspect, self.day)


@dataclass(frozen=True)
class Reply:
    """What became of a question: an answer or none, and the context for the next one."""

    answer: Answer | None
    context: Context
    language: str
    wording: str | None = None
    about: tuple[str, ...] = ()
    unexplained: tuple[str, ...] = ()
    considered: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain data: what a message keeps, and what the reply is written from."""
        data: dict[str, Any] = {"context": self.context.as_json()}
        if self.answer is not None:
            answer = self.answer
            data["answer"] = {
                "relation": answer.relation,
                "situation": answer.situation,
                "template": self.wording,
                "language": self.language,
                "slots": {key: list(pair) for key, pair in answer.slots.items()},
                "values": list(answer.values),
                "truth": answer.truth,
                "path": [list(step) for step in answer.path],
                "score": round(answer.score, 3),
                "reason": answer.reason,
            }
        return data
