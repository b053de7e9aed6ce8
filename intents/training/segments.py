"""Fits the splitter of messages with several requests to an assistant's own lines.

Nobody labels such messages: two or three training lines of different intents are joined as people
join them, and the cut between them is one to take. Every other cut, within these or within a single
line, is one to leave. The lines are read by a head that did not learn from them. How readily a
message is divided follows from the single lines: no more than ``FALSE_SPLITS`` of them may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from intents.calibration import fit_temperature, probabilities
from intents.examples import OUT_OF_SCOPE, language_of
from intents.logistic import Logistic, fit_logistic
from intents.requests.glance import Glance
from intents.requests.segments import (
    SOCIAL,
    Cut,
    Reading,
    Span,
    Splitter,
    bounds,
    cuts,
    divided,
    first_features,
    nearness,
    pair_features,
    stretches,
)
from intents.training.estimate import Stretches, fit_estimator
from intents.training.joined_lines import LINES, Source, joined_lines, single_lines
from models.arrays import AnyArray, FloatArray, IntArray
from models.encoders.runtime import Encoder
from models.epochs import LONG, estimated_tokens
from models.intent_head import IntentHead

FALSE_SPLITS = 0.005
"""Share of the single lines that may be taken for several requests."""

MISSED_AT_FIRST = 0.03
"""Share of the right cuts that the first look may miss."""

BATCH = 64
PARTS = 1000
"""Parts of lines that are compared with whole lines."""

GLANCED = 1500
"""Lines that the glance learns from."""

FEWEST = 40
"""With fewer lines there is nothing to fit a splitter to."""

_HEAD_LINES = 4000


@dataclass
class _Seen:
    """A text with its token states (t, s) and their characters (t, 2), its cuts and readings;
    ``right`` marks the cuts between its parts."""

    source: Source
    states: FloatArray
    offsets: IntArray
    cuts: list[Cut]
    first: FloatArray
    right: AnyArray
    readings: dict[Span, Reading]


def fit_splitter(
    texts: Sequence[str],
    labels: Sequence[str],
    vectors: FloatArray,
    unseen: AnyArray,
    encoder: Encoder,
    seed: int = 0,
) -> Splitter | None:
    """Fit a splitter; None where short lines are too few, of one intent, or never to be divided.

    Longer lines are reports of a case, whose many stretches would cost minutes to read.

    :param vectors: sentence vectors (n, d) of the lines.
    :param unseen: (n,) lines that the encoder did not learn from; these alone are used when there
        are enough of them.
    """
    inner = [
        i
        for i, (text, label) in enumerate(zip(texts, labels, strict=True))
        if label != OUT_OF_SCOPE and estimated_tokens(text, language_of(text)) <= LONG
    ]
    if len(inner) < FEWEST or len({labels[i] for i in inner}) < 2:
        return None
    rng = np.random.default_rng(seed)
    learn, use = _halves(np.array(inner), unseen, rng)
    head = IntentHead.fit(vectors[learn], [labels[i] for i in learn])
    whole = _fit_whole([texts[i] for i in learn], vectors[learn], encoder)
    glance = _fit_glance([(texts[i], labels[i]) for i in learn[:GLANCED]], encoder)
    reader = _Reader(
        head,
        _temperature(head, vectors, labels, use),
        head.transform(vectors[learn]),
        whole,
        glance,
        encoder,
    )
    used = [(texts[i], labels[i]) for i in use]
    singles, among = single_lines(used, rng)
    seen = reader.see(singles)
    company = _company(seen, head.labels)
    joined = reader.see(joined_lines(used, rng))
    if not seen and not joined:  # words alone, all of them greetings and answers
        return None
    first = _fit_first([*seen, *joined])
    _keep(first, [*seen, *joined])
    reader.read([*seen, *joined])
    pair = _fit_pair([*seen, *joined], _weights(company, head.labels), _is_social(head.labels))
    loose = Splitter(whole, glance, first, pair, company)
    splitter = replace(loose, pair=_cautious(loose, seen, head.labels, among))
    read = [
        (Stretches.of(one.source.text, one.readings, one.states, one.offsets), one.cuts)
        for one in [*seen, *joined]
    ]
    return replace(splitter, estimator=fit_estimator(splitter, read, reader.readings, head.labels))


def _halves(
    inner: IntArray, unseen: AnyArray, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Lines to learn a head from, and lines to use."""
    fresh = np.array([bool(unseen[i]) for i in inner])
    order = rng.permutation(inner[fresh] if int(fresh.sum()) >= 2 * LINES else inner)
    use = order[: max(len(order) // 2, 1)] if len(order) == len(inner) else order
    learn = np.setdiff1d(inner, use)
    return rng.permutation(learn)[:_HEAD_LINES], use[: 4 * LINES]


def _temperature(
    head: IntentHead, vectors: FloatArray, labels: Sequence[str], use: IntArray
) -> float:
    index = {label: code for code, label in enumerate(head.labels)}
    known = [i for i in use if labels[i] in index]
    codes = np.array([index[labels[i]] for i in known], dtype=np.int64)
    return fit_temperature(head.logits(vectors[known]), codes) if known else 1.0


# -- texts ----------------------------------------------------------------------------------


def _fit_glance(lines: Sequence[tuple[str, str]], encoder: Encoder) -> Glance:
    means = []
    for start in range(0, len(lines), BATCH):
        encoding = encoder.encode([text for text, _ in lines[start : start + BATCH]])
        means += [states.mean(axis=0) for states in encoding.tokens]
    return Glance.fit(np.stack(means), [label for _, label in lines])


# -- reading ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Reader:
    """Reads texts and stretches with a head that has not learned from them."""

    head: IntentHead
    temperature: float
    memory: FloatArray
    whole: Logistic
    glance: Glance
    encoder: Encoder

    def see(self, sources: Sequence[Source]) -> list[_Seen]:
        """Cuts and first features of texts, and the readings of their smallest pieces."""
        encoding = self.encoder.encode([source.text for source in sources])
        found = []
        for i, source in enumerate(sources):
            places = cuts(source.text)
            if not places:
                continue
            states, offsets = encoding.tokens[i], encoding.offsets[i]
            first = first_features(source.text, places, states, offsets, self.glance)
            right = np.array([_is_right(cut, source) for cut in places])
            found.append(_Seen(source, states, offsets, places, first, right, {}))
        self.read(found)
        return found

    def read(self, seen: Sequence[_Seen], most: int = 4) -> None:
        """Read the stretches of texts that have at most ``most`` cuts."""
        wanted = [
            (one, span)
            for one in seen
            for span in stretches(one.source.text, one.cuts[:most])
            if span not in one.readings
        ]
        vectors = self.encoder.encode([o.source.text[a:b] for o, (a, b) in wanted]).sentence
        if not len(vectors):
            return
        for (one, span), reading in zip(wanted, self.readings(vectors), strict=True):
            one.readings[span] = reading

    def readings(self, vectors: FloatArray) -> list[Reading]:
        """What the head and the judge of whole messages say of sentence vectors (n, d)."""
        shares = probabilities(self.head.logits(vectors), self.temperature)
        near = nearness(self.head.transform(vectors), self.memory)
        alone = self.whole.scores(vectors)
        return [
            Reading(shares[row], vectors[row], float(near[row]), float(alone[row]))
            for row in range(len(vectors))
        ]


def _is_right(cut: Cut, source: Source) -> bool:
    """Whether a cut lies between two parts, give or take a mark or a blank."""
    return any(
        abs(cut.left - before[1]) <= 1 and abs(cut.right - after[0]) <= 1
        for before, after in zip(source.parts, source.parts[1:], strict=False)
    )


def _company(seen: Sequence[_Seen], labels: Sequence[str]) -> dict[str, float]:
    """How often each intent surrounds another: its share of the pieces of single lines that are
    read as something else than their line, in multiples of an equal share."""
    mass: dict[str, float] = {}
    for one in seen:
        for span, reading in one.readings.items():
            if span == bounds(one.source.text):
                continue
            for code in np.argsort(-reading.shares)[:2]:
                if labels[code] != one.source.label and reading.shares[code] > 0.3:
                    mass[labels[code]] = mass.get(labels[code], 0.0) + float(reading.shares[code])
    total = sum(mass.values()) or 1.0
    return {name: len(labels) * value / total for name, value in mass.items()}


def _weights(company: dict[str, float], labels: Sequence[str]) -> FloatArray:
    return np.array([company.get(label, 0.0) for label in labels], dtype=np.float32)


def _fit_whole(texts: Sequence[str], vectors: FloatArray, encoder: Encoder) -> Logistic:
    """Whole lines against the parts of lines."""
    parts: list[str] = []
    for text in texts:
        places = cuts(text)[:3]
        parts += [text[a:b] for a, b in stretches(text, places) if (a, b) != bounds(text)]
        if len(parts) > PARTS:
            break
    if len(parts) < FEWEST:
        return Logistic(np.zeros(vectors.shape[1], dtype=np.float32), 0.0)
    others = encoder.encode(parts).sentence
    both = np.concatenate([vectors, others])
    return fit_logistic(both, np.arange(len(both)) < len(vectors), ridge=30.0)


# -- fits ------------------------------------------------------------------------------------


def _fit_first(seen: Sequence[_Seen]) -> Logistic:
    features = np.concatenate([one.first for one in seen])
    right = np.concatenate([one.right for one in seen])
    model = fit_logistic(features, right)
    scores = model.scores(features[right])
    least = float(np.quantile(scores, MISSED_AT_FIRST)) if len(scores) else 0.0
    return Logistic(model.weight, model.bias - least + 1e-4)


def _keep(first: Logistic, seen: Sequence[_Seen]) -> None:
    """Leave the cuts that the first look would leave."""
    for one in seen:
        scores = first.scores(one.first)
        kept = sorted(sorted(range(len(one.cuts)), key=lambda i: -scores[i])[:4])
        kept = [i for i in kept if scores[i] > 0]
        one.cuts = [one.cuts[i] for i in kept]
        one.right = one.right[kept]


def _fit_pair(seen: Sequence[_Seen], company: FloatArray, social: AnyArray) -> Logistic:
    rows: list[FloatArray] = []
    target: list[bool] = []
    for one in seen:
        text = one.source.text
        between = [cut for cut, right in zip(one.cuts, one.right, strict=True) if right]
        spans = divided(text, between)
        if spans is None:
            continue
        for i, cut in enumerate(between):
            rows.append(pair_features(text, (spans[i], spans[i + 1]), cut, one.readings, company))
            target.append(True)
        for cut, right in zip(one.cuts, one.right, strict=True):
            if not right:
                for sides in _wrong(text, spans, one.cuts, cut):
                    if _social(sides, one.readings, social):
                        continue
                    rows.append(pair_features(text, sides, cut, one.readings, company))
                    target.append(False)
    return fit_logistic(np.stack(rows), np.array(target))


def _is_social(labels: Sequence[str]) -> AnyArray:
    return np.array([label in SOCIAL for label in labels], dtype=bool)


def _social(sides: tuple[Span, Span], readings: dict[Span, Reading], social: AnyArray) -> bool:
    """Whether one side is no request anyway."""
    return any(bool(social[readings[side].shares.argmax()]) for side in sides)


def _wrong(
    text: str, spans: Sequence[Span], places: Sequence[Cut], cut: Cut
) -> list[tuple[Span, Span]]:
    """Sides that a wrong cut would have: up to the ends of its part, and up to the next cuts."""
    found = []
    for start, end in [*spans, bounds(text)]:
        if start < cut.left and cut.right < end:
            found.append(((start, cut.left), (cut.right, end)))
    at = list(places).index(cut)
    first, last = bounds(text)
    left = places[at - 1].right if at else first
    right = places[at + 1].left if at + 1 < len(places) else last
    found.append(((left, cut.left), (cut.right, right)))
    return [
        sides
        for sides in dict.fromkeys(found)
        if sides[0][0] < sides[0][1] and sides[1][0] < sides[1][1]
    ]


def _cautious(
    loose: Splitter, singles: Sequence[_Seen], labels: Sequence[str], among: int
) -> Logistic:
    """The pair model with its bias moved so that few enough single lines are divided."""
    highest = []
    company, social = _weights(dict(loose.company), labels), _is_social(labels)
    for one in singles:
        best = -np.inf
        for cut in one.cuts:
            spans = divided(one.source.text, [cut])
            if spans is not None and not _social((spans[0], spans[1]), one.readings, social):
                row = pair_features(
                    one.source.text, (spans[0], spans[1]), cut, one.readings, company
                )
                best = max(best, float(loose.pair.scores(row[None, :])[0]))
        highest.append(best)
    allowed = int(FALSE_SPLITS * among)
    ordered = sorted((value for value in highest if np.isfinite(value)), reverse=True)
    limit = ordered[allowed] if allowed < len(ordered) else 0.0
    return Logistic(loose.pair.weight, loose.pair.bias - max(limit, 0.0) - 1e-4)
