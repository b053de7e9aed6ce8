"""Coverage and purity of mined templates, as the benchmark defines them."""

from __future__ import annotations

from benchmarks.answers.star_mining import Mined, figures, least_pure, mined
from retrieval.conversation import Conversation, Turn


def test_coverage_counts_labels_that_lead_a_template_and_purity_their_turns() -> None:
    made = [
        Mined("Hello.", "greeting", 1, tuple(("a", n) for n in range(6))),
        Mined("Bye.", "greeting", 2, tuple(("b", n) for n in range(8))),
        Mined("Once.", "answer", 1, (("c", 0),)),
        Mined("Free.", "answer", 1, (("d", 0), ("d", 1))),
    ]
    labels: dict[tuple[str, int], str | None] = {("a", n): "hello" for n in range(6)}
    labels |= {("b", n): "bye" if n < 5 else "see_you" for n in range(8)}
    labels |= {("c", 0): "rare", ("d", 0): None, ("d", 1): None}
    labels |= {("e", n): "see_you" for n in range(4)}
    found = figures(made, labels, {"hello", "bye", "rare"})
    assert (found["gold"], found["coverage"], found["missed"]) == (2, 1.0, [])
    assert found["purity"] == round(11 / 14, 4)
    assert found["all_labels"]["missed"] == ["see_you"]
    assert found["templates"] == 2
    assert found["kept"] == round(14 / 19, 4)
    assert least_pure(made, labels)[0].startswith("    3 greeting")


def test_every_turn_stands_behind_its_template() -> None:
    talks = [
        Conversation(
            str(n), "en", (Turn("customer", "hi"), Turn("agent", f"Your driver is {name}."))
        )
        for n, name in enumerate(("Zoe", "Mark", "Liam"))
    ]
    turns = {where for one in mined(talks) for where in one.turns}
    assert turns == {("0", 1), ("1", 1), ("2", 1)}
