"""Whether values kept their places: which date is the delivery's, which amount the refund."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from models.checking.claims import Token
from models.checking.findings import Finding
from models.checking.items import Item, matches
from models.checking.lexicon import Polar, lexicon
from models.checking.sources import Ground

Cues = dict[str, float]
"""What is said near an item, the nearer the heavier; signed names tell what is denied there."""

_REACH = 9
_MARGIN = {"date": 0.2, "money": 0.3, "time": 0.3, "code": 0.3}
"""How much better another place must fit before a value counts as swapped; more for other kinds."""

_NEAR = 5
_WAYS = {"ATLEAST": "up", "AFTER": "up", "BELOW": "down", "BEFORE": "down", "WITHIN": "down"}
_ASIDE = frozenset(("otherwis", "smaller", "其他", "其余", "when", "onc", "upon", "whil", "since"))
_NEIGHBOURS = 7
_POINTS = frozenset({"date", "time", "money"})
_NOTHING, _CLEAR = 0.03, 0.3
_VAGUES = "ALLOW IF STATUS EACH NUMBER GOODS PARCEL FEE PRICE PAY CHARGE MONEY ATLEAST BELOW"
_VAGUE = frozenset(_VAGUES.split())


def swapped(
    items: Sequence[Item], tokens: Sequence[Token], own: Ground, template: Sequence[Token]
) -> list[Finding]:
    """Values of one class that stand where another of them stood, or may do so."""
    marks = _marks(own, template)
    said_cues = _cues(tokens, items)
    known_cues = _cues(template, [item for _, item, _ in marks])
    found = []
    places: dict[str, list[tuple[int, Item]]] = {}
    for index, item, _ in marks:
        places.setdefault(_class(item), []).append((index, item))
    for kind, group in places.items():
        said = [_Said(n, item, said_cues.get(n, {}), group) for n, item in enumerate(items)
                if _class(item) == kind]  # fmt: skip
        said = [one for one in said if one.own]
        found += [
            Finding("value denied", one.item.text)
            for one in said
            if _contradicts(one.cues, [known_cues.get(i, {}) for i in one.own])
        ]
        found += [
            Finding("direction of a day" if kind in _POINTS else "direction", one.item.text)
            for one in said
            if _reversed(tokens, one.number, one.own, template)
        ]
        told_apart = [one for one in said if len(one.own) < len(group)]
        found += [
            Finding("misplaced", one.item.text)
            for one in told_apart
            if _misplaced(one, said, group, known_cues)
        ]
        for first, second in combinations(told_apart, 2):
            if first.own != second.own and _exchanged(first, second, known_cues, kind):
                found.append(Finding("swapped", f"{first.item.text}, {second.item.text}"))
    return found


def _reversed(
    tokens: Sequence[Token], number: int, places: Sequence[int], template: Sequence[Token]
) -> bool:
    """Whether *at least* or *after* a value became *at most* or *before* it, or the other way."""
    said = _direction(tokens, number)
    known = [_direction(template, place) for place in places]
    return len(said) == 1 and all(len(one) == 1 and one != said for one in known)


def _direction(tokens: Sequence[Token], number: int) -> set[str]:
    """``up`` and ``down``: what stands right before an item, and in Chinese right behind it."""
    at = next(i for i, token in enumerate(tokens) if token.item == number)
    beside = [*tokens[max(0, at - 2) : at], *tokens[at + 1 : at + 2]]
    found = set()
    for place, token in enumerate(beside):
        behind = place == len(beside) - 1 and place > 0
        if token.stop or (behind and token.key.isascii() and not token.key.startswith("or ")):
            continue
        found |= {_WAYS[c] for c, _ in token.claims if c in _WAYS and token.key not in _ASIDE}
    return found


class _Said:
    """An item of the output with its cues and the places of the template that it may be."""

    def __init__(
        self, number: int, item: Item, cues: Cues, group: Sequence[tuple[int, Item]]
    ) -> None:
        self.number, self.item, self.cues = number, item, cues
        self.own = [index for index, known in group if matches(item, known)]

    def fit(self, places: Sequence[int], known: Mapping[int, Cues]) -> float:
        """How well what is said beside the item fits one of these places."""
        return max(_likeness(self.cues, known.get(i, {})) for i in places)


def _exchanged(first: _Said, second: _Said, known: Mapping[int, Cues], kind: str) -> bool:
    """Whether two values fit better, or as well and in another order, with places exchanged.

    Where their order is the template's, more must speak for an exchange; neighbours in that order,
    such as the ends of a range, have kept their places.
    """
    in_order = min(first.own) < max(second.own)
    if in_order and kind not in _MARGIN:
        return False
    if in_order and second.item.start - first.item.end <= _NEIGHBOURS:
        return False
    kept = first.fit(first.own, known) + second.fit(second.own, known)
    turned = first.fit(second.own, known) + second.fit(first.own, known)
    margin = _MARGIN.get(kind, 0.4) * (1.5 if in_order else 1)
    if turned > kept * (1 + margin) + margin / 4:
        return True
    return kind in _MARGIN and not in_order and turned >= kept


def _misplaced(
    one: _Said,
    all_said: Sequence[_Said],
    group: Sequence[tuple[int, Item]],
    known: Mapping[int, Cues],
) -> bool:
    """Whether a value stands where another belongs, which is not said there."""
    repeated = sum(1 for s in all_said if s.own == one.own) > len(one.own)
    if one.fit(one.own, known) > _NOTHING or not repeated:
        return False
    for index, _ in group:
        if index not in one.own and one.fit([index], known) >= _CLEAR:
            rightful = [s for s in all_said if index in s.own]
            if not any(s.fit([index], known) >= _CLEAR / 2 for s in rightful):
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


def _contradicts(said: dict[str, float], known: Sequence[dict[str, float]]) -> bool:
    """Whether what is said beside a value is denied beside it in the sources, or vice versa."""
    beside = lexicon().closed({_polar(name) for cues in known for name in cues if _signed(name)})
    own = {_polar(name) for name in said if _signed(name)}
    if _denies(own) == _denies(beside):
        return False
    return any(
        (concept, not polar) in beside
        and (concept, polar) not in beside
        and (concept, not polar) not in own
        and concept not in lexicon().things
        for concept, polar in own
    )


def _denies(claims: set[Polar]) -> bool:
    return any(not polar for _, polar in claims)


def _signed(name: str) -> bool:
    return name[0] in "+-"


def _polar(name: str) -> Polar:
    return name[1:], name[0] == "+"


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
