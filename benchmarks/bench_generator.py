"""Turns by the hundred thousand: random templates, slots, languages and hostile values.

    python -m benchmarks.bench_generator [--turns 100000] [--seed 0] [--json FILE]

Each turn writes one reply with the template filler and the guard, and is judged by a reader of its
own that knows what was meant: a **slot error** is a value that is not what was given, or whose
trace does not point at it; a **hole** a placeholder, bracket or ``None`` of the template's that is
left; an **injection** markup, an invisible or turning character, or a bracket of a value's that was
taken for the template's. What is refused for want of a value is counted, and must be.
Also: how many of the filled replies the checker passes word for word.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from bot import guard
from bot.generation.grounds import sources_of
from models.checking import Checker
from models.errors import GenerationError, MissingValue
from models.filling.formatting import Kind
from models.filling.generator import Generated, GenerationRequest, TemplateFiller, Value

_ENGLISH = "your order arrives soon we sent it with care total is paid by card please note thanks"
WORDS = {
    "en": _ENGLISH.split(),
    "zh": list("您的订单已经发出预计明天送达请留意查收谢谢金额合计包裹运费退款"),
}
MARKS = {"en": [". ", ", ", "! ", ": ", " – ", "? "], "zh": ["。", "，", "！", "：", "？", "、"]}
HOSTILE = (
    "{order_id}", "{{x}}", "}", "{", "[[if x: y]]", "[[", "]]", "{0.__class__}", "%s", "$(id)",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</p>", "javascript:alert(1)",
    "\u202egnp.exe", "a\u0000b", "\u200bx", "\ufeffy", "line\u2028break", "\x1b[31mred", "None",
    "NaN", "null", "undefined", "'; DROP TABLE orders;--", "../../etc/passwd", "=1+1", "A" * 700,
    "مرحبا", "שלום", "<b", "a < b > c", "&lt;b&gt;", "\ud800", "\r\n\r\n", "{name}" * 20, "| x",
    "x | y]]", "`id`", "👩\u200d👧 ok",
)  # fmt: skip
KINDS: dict[str, Kind] = {
    "refund_amount": "money",
    "expected_date": "date",
    "left_count": "number",
    "pickup_time": "time",
    "order_id": "text",
    "carrier": "text",
    "note": "text",
}
NAMES = tuple(KINDS)
FALSE = ("0", "none", "no", "false")


@dataclass
class Turn:
    """A request with what its reply has to be read as: literals and names, in order."""

    request: GenerationRequest
    expected: list[tuple[str, bool]]
    lacks: bool


@dataclass
class Tally:
    """What was found over all turns."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def error(self, kind: str, shown: str) -> None:
        """Count an error and keep the first ones."""
        self.counts[kind] += 1
        if len(self.examples) < 20:
            self.examples.append(f"{kind}: {shown[:300]!r}")


def turns(number: int, seed: int) -> Iterator[Turn]:
    """Random turns."""
    rng = random.Random(seed)
    for _ in range(number):
        yield _turn(rng)


def _turn(rng: random.Random) -> Turn:
    language = rng.choice(("en", "zh"))
    values = {
        name: Value(_value(name, rng), f"slot:{name}") for name in NAMES if rng.random() < 0.9
    }
    for name in NAMES:
        if rng.random() < 0.02:
            values[name] = Value(rng.choice((None, "", "  ")), f"slot:{name}")
    template, expected, lacks = "", [], False
    for _ in range(rng.randint(1, 6)):
        literal = _literal(language, rng)
        name = rng.choice(NAMES)
        known = name in values and is_there(values[name].value)
        shape = rng.random()
        template += literal.replace("{", "{{").replace("}", "}}").replace("[[", "[[[[")
        expected.append((literal, False))
        if shape < 0.6:
            template += "{" + name + "}"
            lacks = lacks or not known
            expected.append((name, True))
        elif shape < 0.75:
            template += "[[ (" + "{" + name + "})]]"
            if known:
                expected += [(" (", False), (name, True), (")", False)]
        elif shape < 0.9:
            template += f"[[if {name}: yes {{{name}}} | no]]"
            false = known and str(values[name].value).strip().lower() in FALSE
            said = known and not false
            expected += [("yes ", False), (name, True)] if said else [("no", False)]
        template += "." if language == "en" else "。"
        expected.append(("." if language == "en" else "。", False))
    region = rng.choice({"en": ("en", "en-GB", "en-AU"), "zh": ("zh", "zh-TW", "zh-HK")}[language])
    return Turn(GenerationRequest(template, values, region, kinds=KINDS), expected, lacks)


def is_there(value: object) -> bool:
    """Whether a value can be seen at all."""
    return value is not None and any(not unseen(c) and not c.isspace() for c in str(value))


def _literal(language: str, rng: random.Random) -> str:
    words = "".join(
        rng.choice(WORDS[language]) + (" " if language == "en" else "")
        for _ in range(rng.randint(1, 8))
    )
    odd = rng.choice(("", "", "", "", "{", "}", "[", "]", "100 % ", "[[", "<3 "))
    return words + odd + rng.choice(MARKS[language])


def _value(name: str, rng: random.Random) -> object:
    match KINDS[name]:
        case "money":
            return rng.choice((rng.randint(0, 10**6) / 100, str(rng.randint(1, 9999))))
        case "date":
            return f"20{rng.randint(10, 39)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        case "number":
            return rng.choice((rng.randint(0, 10**7), str(rng.randint(0, 99))))
        case "time":
            return f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}"
    if rng.random() < 0.35:
        return rng.choice(HOSTILE)
    length = rng.randint(1, 14)
    return "".join(rng.choice("ABC abc123订单红色-") for _ in range(length)).strip() or "x"


def judge(turn: Turn, made: Generated, tally: Tally) -> None:
    """Read a filled reply piece by piece against what was meant."""
    at, traces = 0, iter(made.traces)
    for piece, is_value in turn.expected:
        if not is_value:
            if not made.text.startswith(piece, at):
                kind = "hole" if "{" in made.text[at : at + 3] else "slot error"
                return tally.error(kind, made.text)
            at += len(piece)
            continue
        trace = next(traces, None)
        if trace is None or trace.placeholder != piece or trace.start != at:
            return tally.error("slot error", made.text)
        if made.text[trace.start : trace.end] != trace.value:
            return tally.error("slot error", made.text)
        given = turn.request.values[piece]
        if trace.source != given.source or not same(
            piece, given.value, trace.value, turn.request.language
        ):
            return tally.error("slot error", f"{piece}={given.value!r} shown as {trace.value!r}")
        at = trace.end
    if at != len(made.text) or next(traces, None) is not None:
        tally.error("slot error", made.text)
    return None


def same(name: str, given: object, shown: str, language: str) -> bool:
    """Whether ``shown`` is a right way to write what was given, by the benchmark's own reading."""
    if name == "refund_amount":
        return Decimal(re.sub(r"[^\d.]", "", shown)) == Decimal(str(given))
    if name == "left_count":
        return int(re.sub(r"\D", "", shown)) == int(str(given))
    if name == "pickup_time":
        hour, minute = map(int, re.findall(r"\d+", shown)[:2])
        late = "pm" in shown.lower() or "p.m" in shown.lower() or "下午" in shown or "晚上" in shown
        noon = hour % 12 + (12 if late else 0)
        written = {f"{hour:02}:{minute:02}", f"{noon:02}:{minute:02}"}
        return str(given) in written
    if name == "expected_date":
        year, month, day = map(int, str(given).split("-"))
        figures = set(map(int, re.findall(r"\d+", shown)))
        return {year, day} <= figures and (language[:2] == "en" or month in figures)
    return shown == "".join(c for c in str(given) if not unseen(c))


def unseen(char: str) -> bool:
    """Whether a character controls, turns or hides what stands beside it."""
    kind = unicodedata.category(char)
    return kind in ("Cs", "Zl", "Zp") or (kind in ("Cc", "Cf") and char not in "\n\t\u200c\u200d")


MARKUP = re.compile(r"<\s*/?\s*[a-zA-Z!][^>]*>|javascript\s*:", re.IGNORECASE)


def main() -> None:
    """Generate, judge and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--check-every", type=int, default=20, help="check each n-th filled reply")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    filler, checker, tally = TemplateFiller(), Checker(), Tally()
    seconds = 0.0
    for number, turn in enumerate(turns(given.turns, given.seed)):
        started = time.perf_counter()
        try:
            made = filler.generate(turn.request)
        except MissingValue:
            tally.counts["asked for"] += 1
            if not turn.lacks:
                tally.error("refused without need", turn.request.template)
            continue
        finally:
            seconds += time.perf_counter() - started
        if turn.lacks:
            tally.error("hole", made.text)
            continue
        judge(turn, made, tally)
        try:
            sent = guard.check(made.text, turn.request.template, [t.value for t in made.traces])
        except GenerationError:
            tally.counts["refused by the guard"] += 1
            continue
        tally.counts["sent"] += 1
        if MARKUP.search(sent) or any(unseen(char) for char in sent):
            tally.error("injection", sent)
        if number % given.check_every == 0:
            tally.counts["checked"] += 1
            verdict = checker.check(made.text, sources_of(turn.request, made.traces))
            tally.counts["passed word for word"] += verdict.literal
            if not verdict.passed and len(tally.examples) < 20:
                tally.examples.append(f"checker {verdict.findings}: {made.text[:200]!r}")
    result = {
        "turns": given.turns,
        "seed": given.seed,
        **{name: tally.counts[name] for name in (
            "slot error", "hole", "injection", "refused without need", "sent", "asked for",
            "refused by the guard", "checked", "passed word for word")},
        "microseconds_a_reply": round(seconds / given.turns * 1e6, 1),
        "examples": tally.examples,
    }  # fmt: skip
    print(json.dumps(result, ensure_ascii=False, indent=1))
    if given.json:
        given.json.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
