"""Whether a thing's neighbourhood in the knowledge graph helps retrieval.

    python -m benchmarks.bench_neighbourhood --home HOME

Questions are the customers' lines behind the pack's accepted templates; the answer to each is
looked for among the training lines and the other such lines, its own conversation left out. A hit
is a line of the same response. Names in a text are seen as they are (``plain``), as the word for
their category (``category``: *lamp* becomes *electronics*), as both (``beside``), or the two
cosines are added up (``sum``). Dense is the centred cosine, fused adds half of BM25's share.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bot.home import Home
from bot.knowledge import load_knowledge
from bot.templates import ACCEPTED
from intents.artefacts import read_stored
from intents.understanding import Understanding
from models.arrays import FloatArray
from retrieval.knowledge.knowledge import Knowledge
from retrieval.knowledge.lexicon import Thing
from retrieval.search.lexical import LexicalIndex
from retrieval.search.projection import Projection
from retrieval.templates import read_templates
from retrieval.words import words

Rewrite = Callable[[str], str]
LEXICAL = 0.5


def neighbour(knowledge: Knowledge, *, keep: bool) -> Rewrite:
    """A rewriting of texts: each product's name by its category's, or with it where ``keep``."""
    graph, lexicon = knowledge.graph, knowledge.lexicon
    category = graph.schema.relations["category"]

    def rewrite(text: str) -> str:
        language = "zh" if any("一" <= char <= "鿿" for char in text) else "en"
        made, end = "", 0
        for segment in lexicon.segments(text).segments:
            ids = [i for sense in segment.senses if isinstance(sense, Thing) for i in sense.ids]
            above = [k for i in ids if graph.is_a(i, "product") for k in graph.out(i, category)]
            if above:
                said = text[segment.start : segment.end] + " " if keep else ""
                made += text[end : segment.start] + said + graph.name(above[0], language)
                end = segment.end
        return made + text[end:]

    return rewrite


def hits(
    texts: Sequence[str],
    vectors: FloatArray,
    names: Sequence[str],
    conversations: Sequence[str],
    lexical: float,
) -> list[bool]:
    """Whether each line that has a conversation finds its response without its own."""
    index = LexicalIndex.build([words(text) for text in texts])
    own = np.array(conversations)
    found = []
    for row in np.flatnonzero(own != ""):
        score = vectors @ vectors[row] + lexical * index.scores(words(texts[row]))
        score[own == own[row]] = -np.inf
        found.append(names[int(score.argmax())] == names[row])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    given = parser.parse_args()
    release = Home(given.home).store.current()
    knowledge = load_knowledge(release) if release else None
    if release is None or knowledge is None:
        raise SystemExit(f"{given.home} has no release with a knowledge graph")
    encoder = Understanding.load(release.folder).encoder
    stored = read_stored(release)
    known = {row["text"]: stored.vectors[i] for i, row in enumerate(stored.rows)}
    lines = [(row["text"], f"utter_{row['intent']}", "") for row in stored.rows if row["intent"]]
    for template in read_templates(given.home / "assistant" / ACCEPTED):
        asked = zip(template.questions, template.provenance, strict=False)
        lines += [(text, template.name, ref.conversation) for text, ref in asked]
    names, conversations = [line[1] for line in lines], [line[2] for line in lines]

    def encode(texts: Sequence[str]) -> FloatArray:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        for start in range(0, len(new), 32):
            part = new[start : start + 32]
            known.update(zip(part, encoder.encode(part).sentence, strict=True))
        raw = np.stack([known[text] for text in texts])
        return Projection.centred(raw)(raw)

    plain = [line[0] for line in lines]
    ways = {
        "plain": plain,
        "category": [neighbour(knowledge, keep=False)(text) for text in plain],
        "beside": [neighbour(knowledge, keep=True)(text) for text in plain],
    }
    touched = sum(a != b for a, b in zip(plain, ways["category"], strict=True))
    vectors = {way: encode(texts) for way, texts in ways.items()}
    vectors["sum"] = (vectors["plain"] + vectors["category"]) / 2
    figures = {}
    for way, matrix in vectors.items():
        texts = ways.get(way, plain)
        for name, lexical in (("dense", 0.0), ("fused", LEXICAL)):
            found = hits(texts, matrix, names, conversations, lexical)
            figures[f"{way} {name}"] = round(float(np.mean(found)), 4)
    asked = sum(bool(c) for c in conversations)
    print(json.dumps({"lines": len(lines), "asked": asked, "named": touched, **figures}, indent=1))


if __name__ == "__main__":
    main()
