"""Live changes: an intent added, changed or removed becomes a new release in about a second.

The encoder stays. Only lines that the parent release does not have are encoded; the head starts
from the parent's, calibration, out-of-scope score and thresholds are fitted again, and the gate
compares held-out predictions before and after. Imports neither torch nor scikit-learn.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from intents.artefacts import Stored, as_json, learned_files, read_stored, read_verdict
from intents.assistant import Assistant
from intents.card import model_card
from intents.examples import Example, merge_examples
from intents.figures import cross_validated
from intents.fitting import Before, Fitted, Lines, fit_lines
from intents.gate import Gate, IntentsHarmed, judge
from intents.naming import Name, encoded_names, names_of
from intents.reading.folder import read_assistant
from intents.release import Release
from intents.store import ReleaseStore
from intents.values.patterns import EntityRules
from intents.verdict import Wanted
from models.arrays import AnyArray
from models.encoders.runtime import Encoder
from models.errors import AssistantInvalid, Problem
from models.intent_head import IntentHead


@dataclass(frozen=True)
class Refitted:
    """A new release, the gate's verdict, what is worth a look, and the seconds it took."""

    release: Release
    gate: Gate
    warnings: tuple[str, ...]
    encoded: int
    seconds: float


def refit(
    release: Release,
    assistant_folder: Path | str,
    store: ReleaseStore,
    *,
    encoder: Encoder | None = None,
    override: bool = False,
    note: str = "",
) -> Release:
    """As :func:`refit_with_report`, for those who want the release alone."""
    made = refit_with_report(
        release, assistant_folder, store, encoder=encoder, override=override, note=note
    )
    return made.release


def refit_with_report(
    release: Release,
    assistant_folder: Path | str,
    store: ReleaseStore,
    *,
    encoder: Encoder | None = None,
    override: bool = False,
    note: str = "",
    changes: Mapping[str, bytes | Path | None] | None = None,
    assistant: Assistant | None = None,
) -> Refitted:
    """Make a release for the assistant as its files stand now. It is not put into service.

    :param encoder: the parent's encoder, if it is loaded already.
    :param override: release even what the gate refuses.
    :param assistant: the folder's content, if it has been read already.
    :param changes: further files of the release to change, for example an index.
    :raises AssistantInvalid: the files have errors, or no intent has a line.
    :raises IntentsHarmed: the gate refuses; nothing is written.
    """
    started = time.perf_counter()
    assistant = assistant or read_assistant(assistant_folder)
    labelled, _ = merge_examples([e for e in assistant.examples if e.intent])
    if not labelled:
        raise AssistantInvalid(
            "No intent has a training line",
            [Problem(str(assistant_folder), 0, "training lines", "none", "Write some.")],
        )
    parent = read_stored(release)
    known = _known(labelled, parent)
    lines, encoded = _lines(labelled, known, parent, release, encoder)
    lines = replace(lines, names=_names(lines, assistant, parent, release, encoder))
    settings = assistant.settings
    wanted = Wanted(settings.error_rate, settings.max_options, settings.out_of_scope_share)
    fitted = _fit(lines, wanted, release, parent, known)
    gate = judge(
        lines.labels, _judged(labelled, parent), fitted.predictions(), settings.gate_margin
    )
    if not gate.passed and not override:
        raise IntentsHarmed(gate)
    rules = EntityRules.of(assistant)
    warnings = _warnings(rules, release, labelled)
    files = _files(release, rules, lines, labelled, fitted, warnings)
    made = store.derive(
        release,
        {**files, "assistant/": None, **_snapshot(assistant), **(changes or {})},
        labels=fitted.head.labels,
        examples=len(labelled),
        accuracy=json.loads(files["evaluation.json"])["intent"]["accuracy"],
        note=note,
    )
    seconds = time.perf_counter() - started
    return Refitted(made, gate, tuple(warnings), encoded, round(seconds, 3))


def rehearse(release: Release) -> None:
    """Fit the lines of ``release`` and keep nothing: the first change of a process would otherwise
    wait for memory that later ones find there."""
    parent = read_stored(release)
    if parent.rows:
        texts, labels = zip(*((row["text"], row["intent"]) for row in parent.rows), strict=True)
        lines = Lines(texts, labels, parent.vectors, parent.unseen, parent.names)
        _fit(lines, Wanted(), release, parent, range(len(texts)))


def _fit(
    lines: Lines, wanted: Wanted, release: Release, parent: Stored, known: Sequence[int]
) -> Fitted:
    """Fit ``lines``, starting from the parent's heads; ``known`` as of :func:`_known`."""
    before = None
    if parent.fold_heads:
        folds = np.array([parent.folds[i] if i >= 0 else -1 for i in known], dtype=np.int64)
        before = Before(parent.fold_heads, folds)
    return fit_lines(
        lines,
        wanted,
        warm=IntentHead.load(release.path("intent.npz")) if release.has("intent.npz") else None,
        seed=release.facts.seed,
        quick=True,
        before=before,
        verdict=read_verdict(release),
    )


def _known(labelled: Sequence[Example], parent: Stored) -> list[int]:
    """The parent's row of each line's text, -1 for texts it does not have."""
    at = {row["text"]: i for i, row in enumerate(parent.rows)}
    return [at.get(example.text, -1) for example in labelled]


def _judged(labelled: Sequence[Example], parent: Stored) -> list[str | None]:
    """What the parent predicted, held out, of lines that have the same intent there."""
    pairs = {(row["text"], row["intent"]): i for i, row in enumerate(parent.rows)}
    rows = [pairs.get((example.text, example.intent)) for example in labelled]
    return [None if row is None else parent.predicted[row] for row in rows]


def _lines(
    labelled: Sequence[Example],
    known: Sequence[int],
    parent: Stored,
    release: Release,
    encoder: Encoder | None,
) -> tuple[Lines, int]:
    """Lines with vectors, and how many were encoded anew."""
    old = [i for i, row in enumerate(known) if row >= 0]
    fresh = [i for i, row in enumerate(known) if row < 0]
    vectors = np.zeros((len(labelled), parent.vectors.shape[1]), dtype=np.float32)
    if fresh:
        encoder = encoder or Encoder.load(release.path("encoder"))
        new = encoder.encode([labelled[i].text for i in fresh]).sentence
        vectors = np.zeros((len(labelled), new.shape[1]), dtype=np.float32)
        vectors[fresh] = new
    unseen: AnyArray = np.ones(len(labelled), dtype=bool)
    if old:
        rows = [known[i] for i in old]
        vectors[old], unseen[old] = parent.vectors[rows], parent.unseen[rows]
    texts, labels = [e.text for e in labelled], [str(e.intent) for e in labelled]
    return Lines(texts, labels, vectors, unseen), len(fresh)


def _names(
    lines: Lines,
    assistant: Assistant,
    parent: Stored,
    release: Release,
    encoder: Encoder | None,
) -> dict[str, Name]:
    """What the intents are called; only names that the parent does not have are encoded."""
    wanted = names_of(set(lines.labels), assistant)
    old = {n: parent.names[n] for n, t in wanted.items() if _text(parent, n) == "\n".join(t)}
    fresh = {label: texts for label, texts in wanted.items() if label not in old}
    if not fresh:
        return old
    loaded = encoder or Encoder.load(release.path("encoder"))
    return {**old, **encoded_names(fresh, lambda texts: loaded.encode(texts).sentence)}


def _text(parent: Stored, label: str) -> str | None:
    return parent.names[label].text if label in parent.names else None


def _files(
    release: Release,
    rules: EntityRules,
    lines: Lines,
    labelled: Sequence[Example],
    fitted: Fitted,
    warnings: list[str],
) -> dict[str, bytes]:
    figures: dict[str, Any] = {}
    if release.has("evaluation.json"):
        old = json.loads(release.path("evaluation.json").read_text(encoding="utf-8"))
        figures = {k: old[k] for k in ("sentiment", "urgency", "entities", "fine_tune") if k in old}
    figures.update(cross_validated(lines, fitted, [e.language for e in labelled]))
    figures["warnings"] = warnings
    facts = replace(
        release.facts,
        parent=release.id,
        labels=fitted.head.labels,
        examples=len(labelled),
        note=release.facts.note,
    )
    return {
        **learned_files(lines, labelled, fitted),
        "entities.json": as_json(rules.as_json()),
        "evaluation.json": as_json(figures),
        "MODEL_CARD.md": model_card(facts, figures, warnings, 0).encode(),
    }


def _snapshot(assistant: Assistant) -> dict[str, bytes]:
    return {f"assistant/{name}": (assistant.folder / name).read_bytes() for name in assistant.files}


def _warnings(rules: EntityRules, release: Release, labelled: Sequence[Example]) -> list[str]:
    found = []
    marked = {entity.entity for example in labelled for entity in example.entities or ()}
    known = set(release.facts.entity_types) | set(rules.patterns)
    new = sorted(marked - known)
    if new:
        found.append(
            "The tagger does not know " + ", ".join(new) + " yet: train to take the marks in."
        )
    counts: dict[str, int] = {}
    for example in labelled:
        counts[str(example.intent)] = counts.get(str(example.intent), 0) + 1
    few = sorted(name for name, count in counts.items() if count < 5)
    if few:
        found.append("Fewer than five lines: " + ", ".join(few))
    return found
