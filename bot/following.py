"""What past logs say of which answer follows, asked for where a conversation is."""

from __future__ import annotations

from bot.live import Live
from bot.tracker import Tracker
from models.arrays import FloatArray
from retrieval.situation import SAID, Situation


def following(
    text: str, vector: FloatArray, earlier: FloatArray | None, tracker: Tracker, live: Live
) -> dict[str, float]:
    """What templates, by id, gain in a search for the customer's message; nothing where the release
    has no network for it.

    All vectors are the turn's own or the index's: this costs no pass of the encoder.
    """
    if live.next_template is None or not vector.any():
        return {}
    said = tuple(tracker.recent_texts[-SAID:])
    heard = [e for e in tracker.events if e["event"] in ("user", "bot") and e.get("text")]
    last = max((at for at, event in enumerate(heard) if event["event"] == "user"), default=0)
    return live.next_template.says(
        Situation(
            text,
            vector,
            live.index.vector_said(said[-1]) if said else None,
            earlier,
            " ".join(str(event["text"]) for event in heard[:last]),
            said,
            turns=last + 1,
        )
    )
