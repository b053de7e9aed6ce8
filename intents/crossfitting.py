"""Cross-fitting: how a release fares with lines that neither its encoder nor its head has seen.

By vectors of an encoder that has learned from the lines, heads look far better than they are. So
for each part of the lines another encoder is fine-tuned on the rest; the head that is fitted to
the rest judges the part (Chernozhukov et al., 2018). Every line is judged once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from intents.examples import OUT_OF_SCOPE
from intents.fitting import HeldOut, Lines, codes_of, geometry_of, verdict_of
from intents.outofscope import FEATURES, features_of
from intents.verdict import Verdict
from models.arrays import AnyArray, FloatArray, IntArray
from models.intent_head import IntentHead


@dataclass(frozen=True)
class Part:
    """Lines ``rows`` (m,) as judged by a head and an encoder that learned from the others alone.

    ``labels`` (c,) are the columns; ``logits`` and ``nearest`` (m, c) are those of the head and of
    the memory; ``known`` (m,) is False where the others have no line of the class. ``inside``
    (m, f) are out-of-scope features, ``outside`` (o, f) those of lines of ``codes`` (o,) as if
    their intent did not exist.
    """

    rows: IntArray
    labels: AnyArray
    logits: FloatArray
    nearest: FloatArray
    known: AnyArray
    inside: FloatArray
    outside: FloatArray
    codes: IntArray


def judge_part(lines: Lines, rows: IntArray) -> Part:
    """Judge the lines ``rows`` by the others.

    :param lines: all lines, as an encoder reads them that has not learned from ``rows``.
    """
    rest = np.setdiff1d(np.arange(len(lines)), rows)
    called = {label: name.vector for label, name in lines.names.items()}
    labels = tuple(sorted({*lines.labels, *lines.names}))
    given = [lines.labels[i] for i in rest]
    head, z = IntentHead.fit_transform(lines.vectors[rest], given, names=called, apart=OUT_OF_SCOPE)
    names = {label: head.transform(vector[None])[0] for label, vector in called.items()}
    codes, asked = codes_of(labels, given), codes_of(labels, [lines.labels[i] for i in rows])
    geometry = geometry_of(labels, z, codes, names)
    turned = head.transform(lines.vectors[rows])
    logits = np.full((len(rows), len(labels)), -np.inf, dtype=np.float32)
    logits[:, codes_of(labels, head.labels)] = head.scores(turned)
    look, without = geometry.looks(turned, len(labels), (None, asked))
    own = labels.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in labels else None
    inner = asked != (-1 if own is None else own)
    return Part(
        rows,
        np.array(labels, dtype=np.str_),
        logits,
        look.nearest,
        np.isin(asked, codes),
        features_of(logits, own, look),
        features_of(logits, own, without, asked)[inner],
        asked[inner],
    )


def verdict_of_parts(given: Sequence[str], parts: Sequence[Part]) -> Verdict:
    """What the parts say together of lines with intents ``given``, each of which is in one part."""
    labels = tuple(parts[0].labels.tolist())
    logits, nearest = np.zeros((2, len(given), len(labels)), dtype=np.float32)
    inside = np.zeros((len(given), len(FEATURES)), dtype=np.float32)
    known = np.zeros(len(given), dtype=bool)
    for part in parts:
        logits[part.rows], nearest[part.rows] = part.logits, part.nearest
        inside[part.rows], known[part.rows] = part.inside, part.known
    codes = codes_of(labels, given)
    rival = nearest.max(axis=1, initial=-1, where=np.arange(len(labels)) != codes[:, None])
    outside = np.concatenate([part.outside for part in parts])
    left_out = np.concatenate([part.codes for part in parts])
    held = HeldOut(logits, rival, known, inside, outside, left_out)
    apart = np.ones(len(given), dtype=bool)
    lines = Lines(given, given, np.zeros((len(given), 0), dtype=np.float32), apart)
    return verdict_of(lines, labels, codes, held, nearest)
