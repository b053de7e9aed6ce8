from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from intents import refit as module
from intents.artefacts import read_stored, read_verdict
from intents.examples import Example
from intents.fitting import Fitted, Lines, fit_lines
from intents.gate import IntentsHarmed, judge
from intents.reading.folder import read_assistant
from intents.refit import refit, refit_with_report, rehearse
from intents.store import ReleaseStore
from intents.understanding import Understanding
from intents.writing.edits import add_examples, add_intent, remove_intent, set_examples
from models.errors import AssistantInvalid, GateRefused
from tests.unit.intents.hashing import HashingEncoder, example_lines, release_at

NEW = ["gift card voucher", "present card voucher ok", "card gift please", "gift voucher present",
       "send card gift", "card present my gift"]  # fmt: skip


class Setting:
    """An assistant of five intents, its release in a store, and an encoder that counts."""

    def __init__(self, folder: Path, seen: bool = False) -> None:
        self.folder = folder / "assistant"
        self.folder.mkdir()
        examples = example_lines()
        names = sorted({str(e.intent) for e in examples})
        (self.folder / "domain.yml").write_text("intents:\n" + "".join(f"- {n}\n" for n in names))
        blocks = [
            f"- intent: {name}\n  examples: |\n"
            + "".join(f"    - {e.text}\n" for e in examples if e.intent == name)
            for name in names
        ]
        (self.folder / "nlu.yml").write_text("nlu:\n" + "".join(blocks))
        self.store = ReleaseStore(folder / "home")
        read = [replace(e) for e in read_assistant(self.folder).examples]
        self.parent = self.store.add(release_at(folder / "made", read, seen=seen).folder)
        self.encoder = HashingEncoder()


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return Setting(tmp_path)


def test_adding_an_intent_encodes_only_its_lines(setting: Setting) -> None:
    add_intent(setting.folder, "gift_card", NEW)
    made = refit_with_report(setting.parent, setting.folder, setting.store, encoder=setting.encoder)  # type: ignore[arg-type]
    assert setting.encoder.encoded == [*NEW, "gift card"]
    assert made.encoded == len(NEW)
    assert made.gate.passed
    assert "gift_card" in made.release.facts.labels
    assert made.release.facts.parent == setting.parent.id
    made.release.verify()
    serving = Understanding.load(made.release.folder, encoder=setting.encoder)  # type: ignore[arg-type]
    assert serving.parse(["gift card present"])[0].intent == "gift_card"
    assert made.release.has("assistant/domain.yml")
    assert setting.store.current_id() is None


def test_a_rehearsal_fits_what_a_change_would_and_leaves_everything_as_it_is(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted = []

    def watched(lines: Lines, *given: Any, **named: Any) -> Fitted:
        fitted.append((list(lines.labels), len(named["before"].heads)))
        return fit_lines(lines, *given, **named)

    monkeypatch.setattr(module, "fit_lines", watched)
    rehearse(setting.parent)
    refit(setting.parent, setting.folder, setting.store, encoder=setting.encoder)  # type: ignore[arg-type]
    assert fitted[0] == fitted[1]
    assert len(setting.store.list()) == 2
    setting.parent.verify()


def test_unchanged_files_are_shared_and_the_parent_stays(setting: Setting) -> None:
    add_intent(setting.folder, "gift_card", NEW)
    made = refit(setting.parent, setting.folder, setting.store, encoder=setting.encoder)  # type: ignore[arg-type]
    name = "encoder/encoder.json"
    assert made.path(name).samefile(setting.parent.path(name))
    setting.parent.verify()


def test_a_release_on_learned_lines_keeps_what_was_judged_before(tmp_path: Path) -> None:
    setting = Setting(tmp_path, seen=True)
    before = read_verdict(setting.parent)
    add_intent(setting.folder, "gift_card", NEW)
    made = refit(setting.parent, setting.folder, setting.store, encoder=setting.encoder)  # type: ignore[arg-type]
    after = read_verdict(made)
    assert before is not None
    assert after is not None
    assert after.calibration == before.calibration
    assert after.fusion.as_json() == before.fusion.as_json()


def test_removing_and_changing_need_no_encoder(setting: Setting) -> None:
    remove_intent(setting.folder, "size")
    lines = [e.text for e in read_assistant(setting.folder).examples_of("greet")]
    set_examples(setting.folder, "greet", lines[:10])
    made = refit(setting.parent, setting.folder, setting.store)
    assert "size" not in made.facts.labels
    assert len(read_stored(made).rows) == setting.parent.facts.examples - 14 - 4


def test_same_files_give_the_same_answers(setting: Setting) -> None:
    made = refit(setting.parent, setting.folder, setting.store)
    old, new = read_stored(setting.parent), read_stored(made)
    assert old.rows == new.rows
    agree = sum(a == b for a, b in zip(old.predicted, new.predicted, strict=True))
    assert agree == len(old.predicted)


def test_order_of_additions_does_not_matter(setting: Setting, tmp_path: Path) -> None:
    other = Setting(_made(tmp_path / "other"))
    card = ["card one gift", "card two gift", "card gift ok", "card gift my", "card gift now"]
    lamp = ["lamp one bulb", "lamp two bulb", "lamp bulb ok", "lamp bulb my", "lamp bulb now"]
    probes = ["card gift", "lamp bulb", "hello hey", "refund money"]
    shares = []
    for one, order in ((setting, ("card", "lamp")), (other, ("lamp", "card"))):
        release = one.parent
        for name in order:
            add_intent(one.folder, name, card if name == "card" else lamp)
            release = refit(release, one.folder, one.store, encoder=one.encoder)  # type: ignore[arg-type]
        serving = Understanding.load(release.folder, encoder=one.encoder)  # type: ignore[arg-type]
        shares.append([p.intent for p in serving.parse(probes)])
    assert shares[0] == shares[1] == ["card", "lamp", "greet", "refund"]


def test_harmful_intent_is_refused_with_names_and_can_be_overridden(setting: Setting) -> None:
    greets = read_assistant(setting.folder).examples_of("greet")
    add_intent(setting.folder, "welcome", [f"{e.text} {e.text}" for e in greets])
    with pytest.raises(IntentsHarmed) as caught:
        refit(setting.parent, setting.folder, setting.store, encoder=setting.encoder)  # type: ignore[arg-type]
    assert isinstance(caught.value, GateRefused)
    assert "greet" in str(caught.value)
    assert "welcome" in str(caught.value)
    worst = caught.value.gate.worst[0]
    assert worst.intent == "greet"
    assert worst.after < worst.before
    assert len(setting.store.list()) == 1
    made = refit_with_report(
        setting.parent,
        setting.folder,
        setting.store,
        encoder=setting.encoder,  # type: ignore[arg-type]
        override=True,
    )
    assert not made.gate.passed
    assert "welcome" in made.release.facts.labels


def test_a_described_intent_works_without_lines_and_is_encoded_once(setting: Setting) -> None:
    add_intent(setting.folder, "gift_card", [], description="gift card voucher present")
    made = refit(setting.parent, setting.folder, setting.store, encoder=setting.encoder)  # type: ignore[arg-type]
    assert setting.encoder.encoded == ["gift card", "gift card voucher present"]
    serving = Understanding.load(made.folder, encoder=setting.encoder)  # type: ignore[arg-type]
    assert serving.parse(["gift card voucher"])[0].intent == "gift_card"
    assert serving.parse(["refund money back"])[0].intent == "refund"
    setting.encoder.encoded.clear()
    add_examples(setting.folder, "gift_card", NEW[:2])
    more = refit(made, setting.folder, setting.store, encoder=setting.encoder)  # type: ignore[arg-type]
    assert setting.encoder.encoded == NEW[:2]
    assert "gift_card" in more.facts.labels


def test_few_lines_are_a_warning(setting: Setting) -> None:
    add_intent(setting.folder, "rare", ["quite rare thing", "rare indeed thing"])
    made = refit_with_report(setting.parent, setting.folder, setting.store, encoder=setting.encoder)  # type: ignore[arg-type]
    assert any("rare" in warning for warning in made.warnings)


def test_further_files_can_be_changed_in_the_same_step(setting: Setting) -> None:
    made = refit_with_report(
        setting.parent, setting.folder, setting.store, changes={"index/a.json": b"{}"}
    )
    assert made.release.has("index/a.json")


def test_broken_files_stop_a_refit_before_it_starts(setting: Setting) -> None:
    (setting.folder / "nlu.yml").write_text("nlu:\n- intent: [\n")
    with pytest.raises(AssistantInvalid):
        refit(setting.parent, setting.folder, setting.store)
    (setting.folder / "nlu.yml").write_text("nlu: []\n")
    with pytest.raises(AssistantInvalid, match="training line"):
        refit(setting.parent, setting.folder, setting.store)


def test_added_lines_of_an_old_intent_are_not_judged_but_learned(setting: Setting) -> None:
    add_examples(setting.folder, "greet", ["salutations friend", "salutations all"])
    made = refit_with_report(setting.parent, setting.folder, setting.store, encoder=setting.encoder)  # type: ignore[arg-type]
    assert made.encoded == 2
    rows = read_stored(made.release).rows
    assert sum(row["intent"] == "greet" for row in rows) == 16


def test_gate_forgives_one_line_and_the_margin() -> None:
    labels = ["a"] * 10
    assert judge(labels, ["a"] * 10, ["a"] * 9 + ["b"], 0.05).worst[0].lost_to == {"b": 1}
    assert not judge(labels, ["a"] * 10, ["a"] * 8 + ["b"] * 2, 0.05).passed
    assert not judge(labels, ["a"] * 10, ["a"] * 8 + ["b"] * 2, 0.25).passed  # all lines together
    many = ["a"] * 10 + ["c"] * 200
    assert judge(many, many, ["a"] * 8 + ["b"] * 2 + ["c"] * 200, 0.25).passed


def test_gate_without_old_lines_passes() -> None:
    gate = judge(["a"], [None], ["b"], 0.0)
    assert (gate.passed, gate.before, gate.worst) == (True, None, ())


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_a_line_that_moved_to_another_intent_is_not_judged(setting: Setting) -> None:
    moved = read_assistant(setting.folder).examples_of("greet")[0].text
    lines = [e.text for e in read_assistant(setting.folder).examples_of("greet")]
    set_examples(setting.folder, "greet", lines[1:])
    add_examples(setting.folder, "size", [moved])
    made = refit_with_report(setting.parent, setting.folder, setting.store, override=True)
    assert made.encoded == 0
    assert Example(moved).text in {row["text"] for row in read_stored(made.release).rows}
