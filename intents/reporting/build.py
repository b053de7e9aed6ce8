"""Putting a report together: everything that is shown, as plain data."""

from __future__ import annotations

import datetime
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from intents import evaluation
from intents.artefacts import read_stored
from intents.examples import OUT_OF_SCOPE, Example
from intents.parse import Parse
from intents.parts import load_intents
from intents.release import Release
from intents.reporting import advice, confusion, curves, learning, near
from intents.reporting.entities import EntityRow, entity_rows, micro_f1
from intents.reporting.judged import Judged, held_out, of_parses
from intents.reporting.near import Place
from intents.reporting.suspects import Suspect, suspects
from intents.understanding import Understanding
from models.errors import ReleaseError
from models.progress import Progress, Silent

Source = Literal["data", "held_out"]
GROUPS = 40


@dataclass(frozen=True)
class Head:
    """What a report is about. ``unseen`` is the share of measured lines that the encoder did not
    learn from either; ``answered_before`` lines of the data also stand in the training lines."""

    release: str
    created: str
    made: str
    source: Source
    names: tuple[str, ...]
    languages: tuple[str, ...]
    encoder: str
    mode: str
    lines: int
    out_of_scope_lines: int
    intents: int
    trained_lines: int
    unseen: float
    also_trained: int
    seconds: float


@dataclass(frozen=True)
class Figures:
    """The figures at the top; None where the lines cannot give one."""

    accuracy: float | None
    accuracy_interval: tuple[float, float]
    macro_f1: float | None
    top3: float | None
    ece: float | None
    answered: float | None
    error: float | None
    asked: float | None
    refused: float | None
    at_2pct: float | None
    out_of_scope_auroc: float | None
    out_of_scope_fpr95: float | None
    wanted_error: float | None
    entity_f1: float | None


@dataclass(frozen=True)
class Lines:
    """Lines to look at. ``suspects`` is None where confident learning is not installed;
    ``from_data`` are those of the evaluated lines."""

    suspects: tuple[Suspect, ...] | None
    from_data: tuple[Suspect, ...]
    against: tuple[near.Copies, ...]
    nearly_against: tuple[near.Copies, ...]
    doubled: tuple[near.Copies, ...]
    doubled_count: int
    compared: int


@dataclass(frozen=True)
class Report:
    """The whole report as data; :func:`intents.reporting.page.render` draws it."""

    head: Head
    figures: Figures
    advice: tuple[advice.Advice, ...]
    bins: tuple[curves.Bin, ...]
    risk: curves.RiskCoverage
    matrix: confusion.Matrix
    pairs: tuple[confusion.Pair, ...]
    intents: tuple[confusion.IntentRow, ...]
    learning: tuple[learning.CurvePoint, ...]
    overlaps: tuple[near.Overlap, ...]
    lines: Lines
    entities: tuple[EntityRow, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as plain data."""
        return asdict(self)


def report_on_release(
    release: Release, *, seed: int = 0, progress: Progress | None = None
) -> Report:
    """A report on held-out predictions of a release's own lines; no other line is read.

    :raises ReleaseError: the release knows no intents.
    """
    began = time.perf_counter()
    show = progress or Silent()
    judged = held_out(release, show)
    if judged is None:
        raise _nothing(release)
    return _build(release, judged, judged, "held_out", (), (), seed, show, began)


def report_on_lines(
    understanding: Understanding,
    examples: Sequence[Example],
    parses: Sequence[Parse],
    names: Sequence[str] = (),
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> Report:
    """A report on labelled ``examples`` and what was understood of them.

    :param names: what the data are called in the report.
    :raises ReleaseError: the release knows no intents.
    """
    began = time.perf_counter()
    show = progress or Silent()
    own = held_out(understanding.release, show)
    if own is None:
        raise _nothing(understanding.release)
    judged = of_parses(examples, parses, understanding.labels)
    entities = entity_rows(examples, parses)
    return _build(understanding.release, judged, own, "data", names, entities, seed, show, began)


def _build(
    release: Release,
    judged: Judged,
    own: Judged,
    source: Source,
    names: Sequence[str],
    entities: tuple[EntityRow, ...],
    seed: int,
    show: Progress,
    began: float,
) -> Report:
    part = load_intents(release)
    z = part.head.transform(own.vectors)
    show.start("Comparing lines", 3)
    trained = Counter(own.gold)
    inside = np.flatnonzero(judged.inside)
    confidence = judged.shares[inside].max(axis=1).astype(np.float64)
    right = judged.top[inside] == judged.codes[inside]
    accepted = np.array([judged.decisions[int(i)] == "accept" for i in inside], dtype=bool)
    pairs, rows = confusion.confused_pairs(judged), confusion.intent_rows(judged, trained)
    places = [Place(t, g, p) for t, g, p in zip(own.texts, own.gold, own.places, strict=True)]
    around = near.neighbourhood(z)
    show.advance()
    overlaps = near.overlaps(places, around)
    same, against = near.exact_copies(places)
    show.advance()
    doubtful = suspects(own, z)
    data_z = part.head.transform(judged.vectors)
    from_data = (suspects(judged, data_z) or ()) if source == "data" else ()
    show.advance()
    show.done()
    curve = _curve(own, judged if source == "data" else None, seed, show)
    lines = Lines(
        doubtful,
        from_data,
        tuple(against[:GROUPS]),
        tuple(near.near_copies(places, around)),
        tuple(same[:GROUPS]),
        len(same),
        len(around.rows),
    )
    empty = [label for label in own.labels if not trained[label]]
    advised = advice.advise(pairs, rows, overlaps, doubtful or (), against, curve, empty)
    return Report(
        _head(release, judged, own, source, names, began),
        _figures(release, judged, inside, confidence, right, accepted, entities),
        advised,
        curves.reliability(confidence, right),
        curves.risk_coverage(confidence, right, accepted, part.thresholds.error_rate),
        confusion.matrix(judged),
        pairs,
        rows,
        curve,
        overlaps,
        lines,
        entities,
    )


def _curve(
    own: Judged, tested: Judged | None, seed: int, show: Progress
) -> tuple[learning.CurvePoint, ...]:
    inner = [i for i, gold in enumerate(own.gold) if gold != OUT_OF_SCOPE]
    train = (own.vectors[inner], [own.gold[i] for i in inner])
    test = None
    if tested is not None:
        at = [int(i) for i in np.flatnonzero(tested.inside)]
        test = (tested.vectors[at], [tested.gold[i] for i in at])
        if not at:
            return ()
    return learning.learning_curve(train, test, seed=seed, progress=show)


def _head(
    release: Release,
    judged: Judged,
    own: Judged,
    source: Source,
    names: Sequence[str],
    began: float,
) -> Head:
    facts = release.facts
    stored = read_stored(release)
    known = {near.folded(text) for text in own.texts}
    also = 0
    if source == "data":
        also = sum(near.folded(text) in known for text in judged.texts)
    unseen = stored.unseen[judged.measured] if source == "held_out" else np.ones(1)
    return Head(
        release.id,
        facts.created,
        datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        source,
        tuple(names),
        facts.languages,
        str(facts.encoder.get("name", "")),
        facts.mode,
        int(judged.inside.sum()),
        int(judged.outside.sum()),
        len({judged.gold[int(i)] for i in np.flatnonzero(judged.inside)}),
        len(own),
        float(unseen.mean()) if len(unseen) else 1.0,
        also,
        round(time.perf_counter() - began, 1),
    )


def _figures(
    release: Release,
    judged: Judged,
    inside: Any,
    confidence: Any,
    right: Any,
    accepted: Any,
    entities: Sequence[EntityRow],
) -> Figures:
    gold = [judged.gold[int(i)] for i in inside]
    top = [judged.predicted(int(i)) for i in inside]
    decisions = [judged.decisions[int(i)] for i in inside]
    wanted = load_intents(release).thresholds.error_rate
    deployed = evaluation.deployed(accepted, right)
    scores = judged.scores
    far = _kept_out_of_scope(release)
    auroc = evaluation.auroc(scores[judged.outside], scores[judged.inside])
    fpr95 = evaluation.fpr95(scores[judged.outside], scores[judged.inside])
    ordered = np.argsort(-judged.shares[inside], axis=1)[:, :3]
    known = judged.codes[inside]
    return Figures(
        float(right.mean()) if len(right) else None,
        curves.wilson(int(right.sum()), len(right)),
        evaluation.macro_f1(gold, top),
        float((ordered == known[:, None]).any(axis=1).mean()) if len(right) else None,
        evaluation.ece(confidence, right),
        deployed["share"],
        deployed["error"],
        decisions.count("clarify") / len(decisions) if decisions else None,
        decisions.count("reject") / len(decisions) if decisions else None,
        evaluation.coverage_at(confidence, right, 0.02),
        auroc if auroc is not None else far.get("auroc"),
        fpr95 if fpr95 is not None else far.get("fpr95"),
        wanted,
        micro_f1(entities) if entities else _kept_entity_f1(release),
    )


def _kept(release: Release) -> Mapping[str, Any]:
    if not release.has("evaluation.json"):
        return {}
    read: dict[str, Any] = json.loads(release.path("evaluation.json").read_text(encoding="utf-8"))
    return read


def _kept_out_of_scope(release: Release) -> Mapping[str, float | None]:
    return _kept(release).get("out_of_scope") or {}


def _kept_entity_f1(release: Release) -> float | None:
    found = (_kept(release).get("entities") or {}).get("held_out_f1")
    return float(found) if isinstance(found, int | float) else None


def _nothing(release: Release) -> ReleaseError:
    return ReleaseError(
        f"Release {release.id} has nothing to report on",
        expected="intents with training lines",
        found="none",
        fix="Train with lines that have an intent.",
    )
