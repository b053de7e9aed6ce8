"""Whether the index of a prepared home finds the right response, and the right wording of it.

    python -m benchmarks.bench_wordings --home HOME

*Responses*: each question of the index looks for its response without itself, by vectors alone,
with words, and with the classifier. *Wordings*: each question of the logs behind an accepted answer
looks for it among the wordings of its response, without what came from its own conversation; a hit
holds every figure that the agent's answer had. By the weight of an answer's quality.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np

from retrieval.search import index as indexing
from retrieval.search.index import Query, TemplateIndex
from retrieval.search.leave_out import Trial, choose
from retrieval.templates import Template, speak

WEIGHTS = (0.02, 0.1, 0.2, 0.3, 0.5, 1.0)
_FIGURE = re.compile(r"\d+(?:\.\d+)?")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    index = TemplateIndex.load(parser.parse_args().home / "current" / "index")
    asked = trials(index)
    print(f"responses, {len(asked)} questions")
    for name, weights in {"vectors": (0.0, 0.0), "words": (0.5, 0.0)}.items():
        print(f"  {name:>10}  {share(asked, *weights):.3f}")
    print(f"  {'classifier':>10}  {share(asked, *choose(asked, 0.5)):.3f}")
    for language in ("en", "zh"):
        sought = [t for t in index.templates if t.language == language and stating(t)]
        print(f"wordings, {language}, {len(sought)} questions")
        for weight in WEIGHTS:
            index.fusion = replace(index.fusion, quality=weight)
            found = [hit for template in sought for hit in wording(index, template)]
            print(f"  {weight:>10}  {np.mean(found):.3f} of {len(found)}")


def trials(index: TemplateIndex) -> list[Trial]:
    """The trials by which an index chooses its weights when it is built."""
    kept: list[Trial] = []

    def noted(asked: list[Trial], usual: float) -> tuple[float, float]:
        kept.extend(asked)
        return choose(asked, usual)

    with patch.object(indexing, "choose", noted):
        index.renewed()
    return kept


def share(asked: list[Trial], lexical: float, learned: float) -> float:
    """Share of the questions whose first template is of a right response."""
    hits = [trial.right[int(trial.score(lexical, learned).argmax())] for trial in asked]
    return float(np.mean(hits))


def stating(template: Template) -> bool:
    """Whether a template was mined, is asked for, and states a figure."""
    mined = template.source == "mined" and bool(template.questions)
    return mined and bool(_FIGURE.search(template.text))


def wording(index: TemplateIndex, template: Template) -> Iterator[bool]:
    """Whether the wording found holds the template's figures; nothing where there is no other."""
    own = {ref.conversation for ref in template.provenance}
    question = speak(template.questions[0])
    query = Query(
        question, index.vector_of(question), template.language, names=frozenset({template.name})
    )
    for hit in index.search(query, 60):
        if own.isdisjoint(ref.conversation for ref in hit.template.provenance):
            wanted = set(_FIGURE.findall(template.text))
            yield wanted <= set(_FIGURE.findall(hit.template.text))
            return


if __name__ == "__main__":
    main()
