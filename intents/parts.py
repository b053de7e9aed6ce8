"""The parts of a release that read messages, loaded."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from intents.calibration import Calibration
from intents.examples import OUT_OF_SCOPE
from intents.outofscope import FEATURES, Fusion, Geometry, features_of
from intents.release import Release
from intents.requests.dividing import Looked
from intents.requests.segments import Splitter
from intents.thresholds import Thresholds
from intents.values.patterns import EntityRules
from models.arrays import FloatArray, load_arrays
from models.errors import ReleaseAltered
from models.intent_head import IntentHead

SPLITTER = "segments.json"


@dataclass(frozen=True)
class IntentPart:
    """The part of a release that reads intents off sentence vectors."""

    head: IntentHead
    calibration: Calibration
    geometry: Geometry
    fusion: Fusion
    thresholds: Thresholds

    @property
    def own(self) -> int | None:
        """The column of the assistant's own ``out_of_scope`` intent."""
        labels = self.head.labels
        return labels.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in labels else None

    @property
    def temperature(self) -> float:
        """What the joint logits of head and memory are divided by."""
        return self.calibration.temperature

    def read(self, vectors: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Calibrated probabilities (n, c) and out-of-scope scores (n,)."""
        shares, scores, _ = self.look(vectors)
        return shares, scores

    def look(self, vectors: FloatArray) -> Looked:
        """What :meth:`read` gives, and the mean cosine (n,) to the nearest training lines."""
        shares, signs = self.signs(vectors)
        return shares, self.fusion.score(signs), 1 - signs[:, FEATURES.index("nearest")]

    def signs(self, vectors: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Calibrated probabilities (n, c) and the out-of-scope features (n, f)."""
        z = self.head.transform(vectors)
        logits = self.head.scores(z)
        look = self.geometry.look(z, logits.shape[1])
        signs = features_of(logits, self.own, look)
        return self.calibration.probabilities(logits, look.nearest), signs


def load_intents(release: Release) -> IntentPart:
    """The intent part of a release.

    :raises ReleaseAltered: its files do not fit together.
    """
    head = IntentHead.load(release.path("intent.npz"))
    far = load_arrays(release.path("outofscope.npz"), "outofscope")
    try:
        read = json.loads(release.path("thresholds.json").read_text(encoding="utf-8"))
        return IntentPart(
            head,
            Calibration(float(read["temperature"]), float(read["memory"])),
            Geometry(
                far["memory"].astype(np.float32),
                far["memory_codes"],
                far["whiten"],
                far["means"],
                far["mean_codes"],
            ),
            Fusion.from_json(read["fusion"]),
            Thresholds.from_json(read["thresholds"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _unusable(
            f"Release {release.id}", "temperature, memory, fusion and thresholds", error
        ) from error


def load_rules(release: Release) -> EntityRules:
    """The entity rules of a release; none where it has no such file."""
    if not release.has("entities.json"):
        return EntityRules()
    return EntityRules.from_json(
        json.loads(release.path("entities.json").read_text(encoding="utf-8"))
    )


def load_splitter(release: Release) -> Splitter | None:
    """The splitter of a release; None where it was trained on too little, or before there was one
    of this form.

    :raises ReleaseAltered: the file cannot be read.
    """
    if not release.has(SPLITTER):
        return None
    try:
        read = json.loads(release.path(SPLITTER).read_text(encoding="utf-8"))
        return Splitter.from_json(read) if "glance" in read else None
    except (KeyError, TypeError, ValueError) as error:
        raise _unusable(
            f"The splitter of release {release.id}",
            "three models and the company of intents",
            error,
        ) from error


def _unusable(what: str, expected: str, error: Exception) -> ReleaseAltered:
    return ReleaseAltered(
        f"{what} cannot be used",
        expected=expected,
        found=f"{type(error).__name__}: {error}",
        fix="Train again with this version.",
    )
