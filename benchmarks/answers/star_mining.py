"""Templates mined from STAR's dialogues against its gold list.

    FRONTDESK_DATA=/path/to/sets python -m benchmarks.answers.star_mining
        [--dialogues N] [--results DIR] [--show N]

The miner reads what customers and agents said, in order, and nothing else: no label, task, query or
suggestion. It does what ``frontdesk mine`` does, redaction included, but keeps every kind of
saying, since the gold list holds greetings and questions to the customer too; there is no intent
model for these dialogues, so that templates are not divided by intent. A turn may be said by
several templates, one for each kind of sentence in it.

An agent's turn carries the label (``ActionLabel``) of the gold template that the wizard picked, or
none where it was typed freely. With L(t) the labels of the turns behind a mined template t, and its
label the most frequent of L(t):

*gold list*: labels with a text in any task's ``responses.json`` that at least ``USED`` turns carry.
Labels without one (``custom``, ``goodbye_2`` …) are counted apart, as ``all_labels``.

*coverage*: the share of the gold list that is the label of at least one proposed template. Proposed
is what at least ``REPEATED`` turns said: a line that was said once is no template.

*purity*: of all labelled turns behind proposed templates, the share whose label is their
template's. It would be 1 with a template for every turn; therefore *templates a label* is reported
beside it, with *reduction*, different agent texts per proposed template, and *kept*, the share of
labelled turns that stand behind any proposed template.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from benchmarks.understanding.run import ROOT, environment, write
from bot.commands.progress import Bars
from retrieval.conversation import Conversation, Role, Turn
from retrieval.mining.answers import find_answers
from retrieval.mining.miner import ALL_KINDS
from retrieval.mining.patterns import group
from retrieval.mining.said import Heard
from retrieval.redaction.redactor import Redactor

RESULTS = ROOT / "benchmarks" / "results" / "answers"
USED = 5
REPEATED = 2
Where = tuple[str, int]


def main() -> int:
    """Mine, measure, write the figures and print them."""
    given = _arguments()
    folder = Path(given.data or os.environ["FRONTDESK_DATA"]) / "star"
    began = time.perf_counter()
    read = list(islice(dialogues(folder), given.dialogues))
    labels = {(c.id, n): label for c, own in read for n, label in enumerate(own)}
    made = mined([conversation for conversation, _ in read])
    listed = {
        label
        for path in folder.glob("tasks/*/responses.json")
        for label in json.loads(path.read_text(encoding="utf-8"))
    }
    found = figures(made, labels, listed)
    clean = [one for one in made if one.kind != "greeting"]
    found["without_greetings"] = figures(clean, labels, listed)
    found |= {"dialogues": len(read), "seconds": round(time.perf_counter() - began, 1)}
    for line in least_pure(made, labels)[: given.show]:
        print(line)
    write(given.results / "star-mining.json", {**found, **environment()})
    print(json.dumps(found, indent=1))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="default: FRONTDESK_DATA")
    parser.add_argument(
        "--dialogues", type=int, default=10**9, metavar="N", help="the first N only"
    )
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument(
        "--show", type=int, default=0, metavar="N", help="print the least pure ones"
    )
    return parser.parse_args()


@dataclass(frozen=True)
class Mined:
    """A mined template: what it says, and the agents' turns behind it."""

    text: str
    kind: str
    texts: int
    turns: tuple[Where, ...]


def dialogues(folder: Path) -> Iterator[tuple[Conversation, list[str | None]]]:
    """Each dialogue as the miner reads it, and beside it the label of each of its turns."""
    with gzip.open(folder / "dialogues.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            said = [e for e in row["Events"] if e["Action"] in ("utter", "pick_suggestion")]
            said = [e for e in said if e["Agent"] in ("User", "Wizard") and e["Text"].strip()]
            turns = tuple(Turn(_role(e), e["Text"].strip()) for e in said)
            labels = [e.get("ActionLabel") if e["Agent"] == "Wizard" else None for e in said]
            yield Conversation(str(row["DialogueID"]), "en", turns), labels


def _role(event: dict[str, Any]) -> Role:
    return "customer" if event["Agent"] == "User" else "agent"


def mined(conversations: Sequence[Conversation]) -> list[Mined]:
    """Templates of raw conversations with every turn behind them."""
    bars, redactor, heard = Bars(), Redactor.packaged(), Heard()
    where: dict[tuple[str, str], list[Where]] = defaultdict(list)
    bars.start("Redacting conversations", len(conversations))
    for conversation in conversations:
        said = list(find_answers([redactor.redact_conversation(conversation)], ALL_KINDS))
        heard.take(said)
        for answer in said:
            where[answer.kind, answer.text].append((conversation.id, answer.source.turn))
        bars.advance()
    bars.done()
    made: list[Mined] = []
    for kind in sorted(ALL_KINDS):
        own = [saying for saying in heard.sayings if saying.kind == kind]
        order = sorted(range(len(own)), key=lambda i: (-own[i].uses, own[i].text))
        for one in group([s.text for s in own], [s.uses for s in own], order, progress=bars):
            turns = tuple(w for i in one.members for w in where[kind, own[i].text])
            made.append(Mined(one.template, kind, len(one.members), turns))
    return made


def figures(
    made: Iterable[Mined], labels: dict[Where, str | None], listed: set[str]
) -> dict[str, Any]:
    """Coverage, purity and what stands beside them (see the module's docstring)."""
    used = Counter(label for label in labels.values() if label)
    wanted = {label for label, times in used.items() if times >= USED}
    pure = behind = texts = 0
    per_label: Counter[str] = Counter()
    kept: set[Where] = set()
    for one in made:
        if len(one.turns) < REPEATED:
            continue
        texts += one.texts
        of = Counter(label for where in one.turns if (label := labels[where]))
        if not of:
            continue
        name, times = of.most_common(1)[0]
        per_label[name] += 1
        pure += times
        behind += of.total()
        kept.update(where for where in one.turns if labels[where])
    gold = wanted & listed
    proposed = per_label.total()
    return {
        "coverage": round(len(gold & per_label.keys()) / max(1, len(gold)), 4),
        "purity": round(pure / max(1, behind), 4),
        "gold": len(gold),
        "missed": sorted(gold - per_label.keys()),
        "all_labels": {
            "labels": len(wanted),
            "coverage": round(len(wanted & per_label.keys()) / max(1, len(wanted)), 4),
            "missed": sorted(wanted - per_label.keys()),
        },
        "templates": proposed,
        "templates_a_label": round(proposed / max(1, len(per_label)), 2),
        "reduction": round(texts / max(1, proposed), 2),
        "kept": round(len(kept) / max(1, used.total()), 4),
    }


def least_pure(made: Iterable[Mined], labels: dict[Where, str | None]) -> list[str]:
    """The templates that mix labels most, a line each."""
    mixed = []
    for one in made:
        of = Counter(label for where in one.turns if (label := labels[where]))
        wrong = of.total() - max(of.values(), default=0)
        mixed.append((-wrong, f"{wrong:5d} {one.kind:8} {one.text[:80]!r} {of.most_common(4)}"))
    return [line for _, line in sorted(mixed)]


if __name__ == "__main__":
    raise SystemExit(main())
