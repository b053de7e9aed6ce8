"""Chinese messages in which a character was exchanged for one of the same sound.

    python -m benchmarks.bench_homophones --model DIR [--seed N]

In each Chinese test line of the retail assistant one character of one word of two to four is
exchanged for another frequent one (GB 2312, level 1) that an input method offers for the same
sound. Prints how often the slip is read as what was meant, as something else or not at all, and the
share of lines whose intent is right: as they are, with the slip, and with the slip and no mending.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from pathlib import Path

from benchmarks.pack_tests import read
from intents.understanding import Understanding
from models.pinyin import sound
from models.segmenter import dictionary_words

LINES = Path(__file__).parent.parent / "intents" / "packs" / "retail" / "tests" / "lines.zh.txt"


def frequent() -> list[str]:
    """The 3,755 most frequent characters."""
    codes = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return [code.decode("gb2312") for code in codes if code < b"\xd7\xfa"]


def slipped(text: str, alike: dict[tuple[str, ...], list[str]], rng: random.Random) -> str | None:
    """``text`` with one slip; None where it has no word to slip in."""
    words = dictionary_words(text)
    fit = [i for i, w in enumerate(words) if 2 <= len(w) <= 4 and sound(w) != tuple(w)]
    rng.shuffle(fit)
    for index in fit:
        word = words[index]
        place = rng.randrange(len(word))
        others = [char for char in alike[sound(word[place])] if char != word[place]]
        if others:
            words[index] = word[:place] + rng.choice(others) + word[place + 1 :]
            return "".join(words)
    return None


def main() -> None:
    """Measure and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for char in frequent():
        alike[sound(char)].append(char)
    rng = random.Random(given.seed)
    understanding = Understanding.load(given.model)
    rows = [row for row in read(LINES) if row["intent"] in understanding.labels]
    pairs = [(row, text) for row in rows if (text := slipped(row["text"], alike, rng))]
    gold = [row["intent"] for row, _ in pairs]
    plain, slips = [row["text"] for row, _ in pairs], [text for _, text in pairs]
    mended = understanding.mended(slips)
    restored = sum(a == b for a, b in zip(mended, plain, strict=True))
    left = sum(a == b for a, b in zip(mended, slips, strict=True))

    def right(texts: list[str]) -> float:
        found = understanding.parse(texts)
        return round(sum(p.intent == g for p, g in zip(found, gold, strict=True)) / len(gold), 4)

    figures = {"lines": len(pairs), "restored": restored, "left": left}
    figures["otherwise"] = len(pairs) - restored - left
    shares = {"as_they_are": right(plain), "slipped": right(slips)}
    understanding.speller = None
    shares["slipped_not_mended"] = right(slips)
    print(json.dumps({**figures, **shares}))


if __name__ == "__main__":
    main()
