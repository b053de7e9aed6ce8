"""Whether values kept their places: which date is the delivery's, which amount the refund."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from models.checking.claims import Token
from models.checking.items import Item, matches
from models.checking.lexicon import lexicon
from models.checking.sources import Ground

if TYPE_CHECKING:
    from models.checking.checker import Finding

_REACH = 9
_MARGIN = {"date": 0.2, "money": 0.3, "time": 0.3, "code": 0.3}
"""How much better another place must fit before a value counts as swapped; more for other kinds."""

_NEAR = 5
_VAGUE = frozenset(
    {
        "ALLOW",
        "IF",
        "STATUS",
        "EACH",
        "NUMBER",
        "GOODS",
        "PARCEL",
        "FEE",
        "PRICE",
        "PAY",
        "CHARGE",
        "MONEY",
    }
)


def swapped(
    items: Sequence[Item], tokens: Sequence[Token], own: Ground, template: Sequence[Token]
) -> list[Finding]:
    """Values of one kind that stand where another of them stood, or may do so."""
    from models.checking.checker import Finding

    found = []
    said = _cues(tokens, items)
    marks = _marks(own, template)
    known_cues = _cues(template, [item for _, item, _ in marks])
    rivals: dict[str, list[tuple[int, Item, str]]] = {}
    for index, item, label in marks:
        rivals.setdefault(_class(item), []).append((index, item, label))
    for kind, group in rivals.items():
        labels = {label for _, _, label in group}
        if len(labels) < 2:
            continue
        order: list[list[int]] = []
        for number, item in enumerate(items):
            own_places = [i for i, k, label in group if _same(item, k, label)]
            if not own_places or _class_of_said(item, kind) is None:
                continue
            others = [i for i, k, label in group if not _same(item, k, label)]
            mine = max(_likeness(said.get(number, {}), known_cues.get(i, {})) for i in own_places)
            best = max(
                (_likeness(said.get(number, {}), known_cues.get(i, {})) for i in others),
                default=0.0,
            )
            margin = _MARGIN.get(kind, 0.8)
            told = any(known_cues.get(i) for i in own_places) and said.get(number)
            if told and best > mine * (1 + margin) + margin / 4:
                found.append(Finding("swapped", item.text))
            if told and _contradicts(said[number], [known_cues.get(i, {}) for i in own_places]):
                found.append(Finding("negation", item.text))
            order.append(own_places if best < mine else [-p - 1 for p in own_places])
        if not found and kind in _MARGIN and _disordered(order):
            found.append(Finding("swapped", "an order that cannot be told"))
    return found


def _disordered(order: Sequence[Sequence[int]]) -> bool:
    """Whether places that no cue decides are out of the sources' order."""
    highest = -1
    for places in order:
        sure = places[0] >= 0
        real = [p if p >= 0 else -p - 1 for p in places]
        later = [p for p in real if p >= highest]
        if later:
            highest = min(later)
        elif not sure:
            return True
    return False


def _marks(own: Ground, template: Sequence[Token]) -> list[tuple[int, Item, str]]:
    """The items of the template by the number of their mask, with what makes each its own."""
    items = {known.item.start: known.item for known in own.known}
    return [
        (token.item, items[token.start], str(items[token.start].key))
        for token in template
        if token.item is not None
    ]


def _class(item: Item) -> str:
    if item.kind == "value":
        shown = item.text.strip()
        code = shown.isascii() and " " not in shown and any(c.isdigit() for c in shown)
        return "code" if code else f"value {item.key[0]}"
    return {"weekday": "date", "measure": "number", "length": "number"}.get(item.kind, item.kind)


def _class_of_said(item: Item, kind: str) -> str | None:
    return kind if _class(item) == kind else None


def _same(item: Item, known: Item, label: str) -> bool:
    return matches(item, known)


def _contradicts(said: dict[str, float], known: Sequence[dict[str, float]]) -> bool:
    """Whether what is said beside a value is denied beside it in the sources, or vice versa."""
    for name in said:
        if name[0] not in "+-" or name[1:] in lexicon().things:
            continue
        other = ("-" if name[0] == "+" else "+") + name[1:]
        if any(other in cues for cues in known) and not any(name in cues for cues in known):
            return other not in said
    return False


def _likeness(first: dict[str, float], second: dict[str, float]) -> float:
    return sum(min(weight, second[name]) for name, weight in first.items() if name in second)


def _cues(tokens: Sequence[Token], items: Sequence[Item]) -> dict[int, dict[str, float]]:
    """What is said near each item: concept or word, the nearer the heavier."""
    cues: dict[int, dict[str, float]] = {}
    for at, token in enumerate(tokens):
        if token.item is not None:
            cues[token.item] = {}
            for step in (-1, 1):
                _walk(tokens, at, step, cues[token.item], items)
    return cues


def _walk(
    tokens: Sequence[Token], at: int, step: int, cues: dict[str, float], items: Sequence[Item]
) -> None:
    """Collect as far as the sentence, or the next item of the same class, reaches."""
    own = _class(items[tokens[at].item or 0])
    distance, i = 0, at + step
    while 0 <= i < len(tokens) and distance < _REACH:
        token = tokens[i]
        if token.stop == 2 or (token.item is not None and _class(items[token.item]) == own):
            return
        distance += 2 if token.stop or token.item is not None else 1
        if token.content:
            for name in {c for c, _ in token.claims} or {token.key}:
                weight = (0.3 if name in _VAGUE else 1.0) / (1 + distance)
                cues[name] = max(cues.get(name, 0.0), weight)
            if distance <= _NEAR:
                cues.update(dict.fromkeys((f"{'+' if p else '-'}{c}" for c, p in token.polar), 0.0))
        i += step
