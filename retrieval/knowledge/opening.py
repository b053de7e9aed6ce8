"""Questions about opening hours: on which day, from when, until when, whether."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from retrieval.knowledge.answer import Context
from retrieval.knowledge.hours import Day, is_open, on_day, same_every_day
from retrieval.knowledge.question import Question
from retrieval.knowledge.schema import Schema


@dataclass(frozen=True)
class Opening:
    """What is to be said about a place's hours; ``day`` as an ISO date where one is meant."""

    situation: str
    values: tuple[str, ...]
    truth: bool | None = None
    aspect: str | None = None
    day: str | None = None


def opening(
    question: Question, text: str, schema: Schema, now: datetime, context: Context
) -> Opening:
    """Answer a question about the hours ``text`` at the moment ``now`` (aware)."""
    here = now.astimezone(ZoneInfo(schema.timezone))
    frame = context.frame if question.follows_up else None
    aspect = _aspect(question)
    if frame is not None and not question.roles & {"opens", "closes"}:
        aspect = frame.aspect
    said = question.times[0] if question.times else None
    if aspect == "whether" and (said is None or said.has_hour):
        at = said.at if said is not None else here
        return _whether(on_day(text, at.astimezone(here.tzinfo).date(), schema), text, at, schema,
                        now=said is None)  # fmt: skip
    day = said.at.astimezone(here.tzinfo).date() if said is not None else None
    if day is None and frame is not None and frame.day and aspect:
        day = date.fromisoformat(frame.day)
    if day is None:
        week = same_every_day(text, here.date(), schema)
        if week:
            return Opening("always", _written(week), aspect=aspect)
        if aspect in (None, "hours"):
            return Opening("week", (text,), aspect=aspect)
        day = here.date()
    return _on(on_day(text, day, schema), aspect)


def _aspect(question: Question) -> str | None:
    roles = question.roles
    asks = roles & {"when", "which", "count", "where"}
    polar = roles & {"opens", "closes"} and not asks and question.is_polar
    if polar and ("closes" not in roles or roles & {"opens", "now"}):
        return "whether"
    if "closes" in roles:
        return "closes"
    return "opens" if "opens" in roles and roles & {"when"} else "hours" if roles else None


def _on(day: Day, aspect: str | None) -> Opening:
    iso = day.day.isoformat()
    if not day.spans:
        truth = False if aspect == "whether" else None
        return Opening("shut", (), truth, aspect, iso)
    if aspect == "closes":
        return Opening("closes", (day.spans[-1][1],), aspect=aspect, day=iso)
    if aspect == "opens":
        return Opening("opens", (day.spans[0][0],), aspect=aspect, day=iso)
    if aspect == "whether":
        return Opening("open", _written(day.spans), True, aspect, iso)
    return Opening("hours", _written(day.spans), aspect=aspect, day=iso)


def _whether(day: Day, text: str, at: datetime, schema: Schema, *, now: bool) -> Opening:
    iso, truth = day.day.isoformat(), is_open(text, at, schema)
    if truth:
        return Opening("open_now" if now else "open", _written(day.spans), True, "whether", iso)
    if not day.spans:
        return Opening("shut", (), False, "whether", iso)
    return Opening("shut_then", _written(day.spans), False, "whether", iso)


def _written(spans: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(f"{start}-{end}" for start, end in spans)
