"""What intents are called: texts that say what an intent means before anyone gives examples."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from intents.assistant import Assistant
from intents.examples import OUT_OF_SCOPE
from models.arrays import FloatArray


@dataclass(frozen=True)
class Name:
    """What an intent is called: its texts, one a line, and their mean direction (d,)."""

    text: str
    vector: FloatArray


_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_JOINTS = re.compile(r"[\W_]+")


def readable(label: str) -> str:
    """A label as words: ``card_arrival`` and ``CardArrival`` become ``card arrival``."""
    return _JOINTS.sub(" ", _HUMPS.sub(" ", label)).strip().lower()


def names_of(labels: Iterable[str], assistant: Assistant | None = None) -> dict[str, list[str]]:
    """Texts for each of ``labels``: the label as words, and the assistant's description and titles.

    Intents that the assistant declares and describes come with it even when they have no lines:
    they are known by these texts alone. ``out_of_scope`` means everything else and gets none.
    """
    known = assistant.settings.intents if assistant is not None else {}
    declared = set(assistant.intents) if assistant is not None else set()
    wanted = set(labels) | {name for name in declared & set(known) if known[name].description}
    found: dict[str, list[str]] = {}
    for label in sorted(wanted - {OUT_OF_SCOPE}):
        texts = [readable(label)]
        if label in known:
            texts += [known[label].description, *known[label].title.values()]
        texts = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
        if texts:
            found[label] = texts
    return found


def encoded_names(
    names: Mapping[str, Sequence[str]], encode: Callable[[Sequence[str]], FloatArray]
) -> dict[str, Name]:
    """The names with their vectors; ``encode`` gives sentence vectors (n, d) for n texts."""
    texts = [text for given in names.values() for text in given]
    if not texts:
        return {}
    vectors, at, found = encode(texts), 0, {}
    for label, given in names.items():
        mean = vectors[at : at + len(given)].mean(axis=0)
        unit = (mean / max(float(np.linalg.norm(mean)), 1e-6)).astype(np.float32)
        found[label] = Name("\n".join(given), unit)
        at += len(given)
    return found
