"""The review queue: what waits, what an acceptance makes, and decisions that last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.home import Home
from bot.operating.review import Acceptance, ReviewQueue, clean, key_of
from models.errors import BadRequest, DataError, NotFound
from retrieval.mining.proposals import Gap, Proposal
from retrieval.templates import LogRef, Template, template_id


def proposal(
    text: str, *, flags: Sequence[str] = (), intent: str = "shipping", **more: object
) -> Proposal:
    template = Template(
        id=template_id(f"utter_{intent}", "en", text),
        name=f"utter_{intent}",
        language="en",
        text=text,
        intents=(intent,) if intent else (),
        questions=(f"about {text}",),
        source="mined",
        provenance=(LogRef("c1", 1, text),),
        quality=0.8,
        status="proposed",
        flags=tuple(flags),
    )
    return replace(Proposal(template), **more)  # type: ignore[arg-type]


GAP = Gap("gap-1", "uncovered", "jobs", "en", ("are you hiring", "any jobs", "hiring now"), 7)
ONE, TWO = proposal("Shipping is free."), proposal("It costs nothing to ship.")


@pytest.fixture
def queue(tmp_path: Path) -> ReviewQueue:
    made = ReviewQueue(Home(tmp_path / "home"))
    made.offer([ONE, TWO], [GAP])
    return made


def test_what_is_offered_waits(queue: ReviewQueue) -> None:
    assert queue.proposals() == [ONE, TWO]
    assert queue.gaps() == [GAP]
    assert queue.proposal(ONE.id) == ONE
    assert queue.gap(GAP.id) == GAP
    with pytest.raises(NotFound):
        queue.proposal("other")
    with pytest.raises(NotFound):
        queue.gap(ONE.id)


def test_an_acceptance_makes_a_live_template_with_its_origin(queue: ReviewQueue) -> None:
    plain = queue.accepted(ONE.id, Acceptance())
    assert (plain.status, plain.text, plain.flags) == ("live", ONE.template.text, ())
    assert plain.provenance == ONE.template.provenance
    edited = queue.accepted(
        ONE.id, Acceptance(text="Free from ¥99. ", intents=("fees",), merge=(TWO.id, ONE.id))
    )
    assert (edited.name, edited.intents, edited.text) == ("utter_fees", ("fees",), "Free from ¥99.")
    assert edited.flags == ("edited",)
    assert edited.questions == (*ONE.template.questions, *TWO.template.questions)
    assert edited.id != plain.id
    assert queue.proposals() == [ONE, TWO]


@pytest.mark.parametrize(
    "how",
    [
        Acceptance(text="  "),
        Acceptance(intents=()),
        Acceptance(text="See http://evil.example for it."),
    ],
)
def test_what_cannot_be_said_is_refused(queue: ReviewQueue, how: Acceptance) -> None:
    with pytest.raises(BadRequest):
        queue.accepted(ONE.id, how)


def test_a_flagged_proposal_is_taken_only_where_somebody_says_so(tmp_path: Path) -> None:
    bad = proposal("Write me on WhatsApp.", flags=("contact",))
    queue = ReviewQueue(Home(tmp_path))
    queue.offer([bad], [])
    with pytest.raises(BadRequest, match="suspicious"):
        queue.accepted(bad.id, Acceptance())
    assert queue.accepted(bad.id, Acceptance(flagged=True)).status == "live"


def test_decisions_last_over_another_mining(queue: ReviewQueue) -> None:
    queue.decide([ONE.id], "rejected", "omar", why="wrong")
    queue.decide([GAP.id], "made", "omar")
    assert queue.proposals() == [TWO]
    assert queue.gaps() == []
    again = proposal("shipping is free!!", intent="delivery")
    grown = replace(GAP, id="gap-2", examples=(*GAP.examples, "new one"), asked=9)
    other = replace(GAP, id="gap-3", examples=("something else", "are you hiring", "x", "y"))
    assert queue.offer([again, TWO], [grown, other]) == (1, 1)
    assert queue.proposals() == [TWO]
    assert queue.gaps() == [other]
    assert [row["verdict"] for row in queue.decisions()] == ["rejected", "made"]
    assert ReviewQueue(queue._home).proposals() == [TWO]
    with pytest.raises(NotFound):
        queue.decide([ONE.id], "accepted", "omar")


def test_a_key_names_what_is_said() -> None:
    assert key_of("en", "Shipping is FREE!") == key_of("en", "shipping is free")
    assert key_of("en", "Shipping is free") != key_of("zh", "Shipping is free")
    assert key_of("en", "Shipping is free") != key_of("en", "Shipping is not free")
    assert key_of("en", "🙂") != key_of("en", "🎁")


def test_a_damaged_file_of_decisions_is_an_error(queue: ReviewQueue) -> None:
    queue.decide([ONE.id], "rejected", "omar")
    with (queue._folder / "decisions.jsonl").open("a") as out:
        out.write("{broken\n")
    with pytest.raises(DataError, match="decisions"):
        queue.proposals()


def test_only_clean_answers_go_live_unread() -> None:
    good = proposal("Shipping is free from 99 yuan.", group="g")
    others = [
        replace(TWO, group="g"),
        proposal("Which order?", kind="question"),
        proposal("It is {amount} then."),
        proposal("Nobody knows.", intent=""),
        proposal("Open www.evil.example now."),
        *(proposal(f"Fact {flag}.", flags=(flag,)) for flag in ("case", "promise", "generalised")),
        replace(ONE, template=replace(ONE.template, quality=0.5)),
    ]
    assert clean([good, *others]) == [good]
