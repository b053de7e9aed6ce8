"""What is trained on and what is measured, set by set.

The official test part is used where it lies in the set's folder (``test/``, ``test.csv``,
``test.json`` or ``test.tsv``); otherwise the validation part, or one split off as `splits` says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.pack_tests import read as read_pack_lines
from benchmarks.understanding import readers, splits
from benchmarks.understanding.typos import mistyped
from intents.examples import OUT_OF_SCOPE, Example

PACK = Path(__file__).parents[2] / "intents" / "packs" / "retail"


@dataclass(frozen=True)
class Measured:
    """Lines to measure on, and where they are from."""

    examples: list[Example]
    source: str
    official: bool = False


@dataclass(frozen=True)
class Material:
    """One training and what it is measured on; ``main`` is the figure's own part."""

    train: list[Example]
    measured: dict[str, Measured]
    language: str | None = None

    def sampled(self, lines: int) -> Material:
        """The same with at most ``lines`` to train on, and at most as many to measure on."""
        measured = {
            name: replace(part, examples=splits.sample(part.examples, lines))
            for name, part in self.measured.items()
        }
        return replace(self, train=splits.sample(self.train, lines), measured=measured)


@dataclass(frozen=True)
class BenchSet:
    """A set of the table: how each of its parts is read."""

    name: str
    read: Callable[[Path, str], Material]
    parts: tuple[str, ...] = ("full",)
    languages: str = "en"
    few_shot: frozenset[str] = field(default=frozenset({"5", "10"}))

    def material(self, data: Path, part: str) -> Material:
        """Read ``part``; a number that is no part of its own is a sample of the full one."""
        if part in self.parts or not part.isdigit():
            return self.read(data, part)
        return self.read(data, "full").sampled(int(part))


def banking77(data: Path, part: str) -> Material:
    """BANKING77: fixed few-shot files, or all lines."""
    folder = data / "banking77"
    shots = folder / "fewshot_splits"
    test = folder / "test.csv"
    if test.is_file():
        measured = Measured(readers.table(test, "text", "category"), "test.csv", True)
    else:
        measured = Measured(readers.sequences(shots / "valid"), "fewshot_splits/valid")
    if part == "full" and measured.official:
        train = readers.table(folder / "train.csv", "text", "category")
    else:
        train = readers.sequences(shots / ("train" if part == "full" else f"train_{part}"))
    mistakes = Measured(mistyped(measured.examples), f"{measured.source}, one typo a line")
    return Material(train, {"main": measured, "typo": replace(mistakes, official=test.is_file())})


def clinc150(data: Path, part: str) -> Material:
    """CLINC150 without an out-of-scope line in training."""
    folder = data / "clinc150"
    rows = json.loads((folder / "train_val.json").read_text(encoding="utf-8"))
    train = readers.pairs(rows["train"])
    if part != "full":
        train = readers.sequences(folder / "fewshot_splits" / f"train_{part}")
    test = folder / "test.json"
    if test.is_file():
        held = json.loads(test.read_text(encoding="utf-8"))
        lines = readers.pairs([*held["test"], *held["oos_test"]])
        return Material(train, {"main": Measured(lines, "test.json", True)})
    more = json.loads((folder / "oos_plus_train.json").read_text(encoding="utf-8"))["oos_train"]
    unknown: dict[str, str] = dict([*rows["oos_train"], *rows["oos_val"], *more])
    lines = readers.pairs([*rows["val"], *unknown.items()])
    return Material(train, {"main": Measured(lines, "val and all oos lines but the test's")})


def hwu64(data: Path, part: str) -> Material:
    """HWU64: fixed few-shot files, or all lines."""
    folder = data / "hwu64"
    train = readers.sequences(folder / ("train" if part == "full" else f"train_{part}"))
    return Material(train, {"main": _held(folder)})


def banking77_oos(data: Path, part: str) -> Material:
    """50 intents of BANKING77; the other 27 are near, CLINC150's strangers are far."""
    folder = data / "banking77_oos"
    inside = _held(folder)
    measured = {}
    for name, outside in (("main", "id-oos"), ("far", "ood-oos")):
        part_out = _held(folder / outside)
        unknown = [replace(e, intent=OUT_OF_SCOPE) for e in part_out.examples]
        measured[name] = Measured(
            inside.examples + unknown,
            f"{inside.source} and {outside}/{part_out.source}",
            inside.official and part_out.official,
        )
    return Material(readers.sequences(folder / "train"), measured)


def hint3_curekart(data: Path, part: str) -> Material:
    """HINT3 curekart: a shop's live bot; half of its test is out of scope."""
    folder = data / "hint3_curekart"
    lines = readers.table(folder / "train.csv", "sentence", "label")
    if (folder / "test.csv").is_file():
        held = readers.table(folder / "test.csv", "sentence", "label")
        return Material(lines, {"main": Measured(held, "test.csv", True)})
    train, measured = splits.left_out_intents(lines)
    return Material(train, {"main": Measured(measured, "train.csv with intents left out")})


def tagged(name: str) -> Callable[[Path, str], Material]:
    """SNIPS and ATIS: intents and tagged words."""

    def read(data: Path, part: str) -> Material:
        folder = data / name
        return Material(readers.sequences(folder / "train"), {"main": _held(folder)})

    return read


def restaurant8k(data: Path, part: str) -> Material:
    """RESTAURANTS-8K with the requested slots given."""
    folder = data / "restaurant8k"
    lines = readers.restaurant(folder / "train_0.json")
    if (folder / "test.json").is_file():
        held = Measured(readers.restaurant(folder / "test.json"), "test.json", True)
        return Material(lines, {"main": held})
    train, measured = splits.tenth(lines)
    return Material(train, {"main": Measured(measured, "every tenth line of train_0.json")})


def multidogo(data: Path, part: str) -> Material:
    """MultiDoGO insurance: customers' turns with intents and values."""
    folder = data / "multidogo" / "insurance"
    name = "test.tsv" if (folder / "test.tsv").is_file() else "dev.tsv"
    held = Measured(readers.turns(folder / name), name, name == "test.tsv")
    return Material(readers.turns(folder / "train.tsv"), {"main": held})


def smp2020(data: Path, part: str) -> Material:
    """SMP2020: Chinese commands; values within values are measured, not learned."""
    folder = data / "smp2020_nlu_zh"
    name = "test.json" if (folder / "test.json").is_file() else "dev.json"
    held = Measured(readers.commands(folder / name), name, name == "test.json")
    train = [splits.outermost(e) for e in readers.commands(folder / "train.json")]
    return Material(train, {"main": held})


def sentiment(folder: str, file: str, text: str, names: dict[str, str]) -> Callable[..., Material]:
    """A set of one CSV file with moods."""

    def read(data: Path, part: str) -> Material:
        lines = readers.moods(data / folder / file, text, names)
        if (data / folder / "test.csv").is_file():
            held = readers.moods(data / folder / "test.csv", text, names)
            return Material(lines, {"main": Measured(held, "test.csv", True)})
        train, measured = splits.fifth(lines)
        return Material(train, {"main": Measured(measured, f"a fifth of {file}, by md5")})

    return read


def retail(data: Path, part: str) -> Material:
    """The shipped assistant's examples of one language; its kept-apart lines of both."""
    from intents.reading.folder import read_assistant

    lines = [e for e in read_assistant(PACK).examples if e.intent and e.language != "mul"]
    measured = {
        name: Measured(_pack_lines(language), f"tests/lines.{language}.txt", True)
        for name, language in (("main", "zh"), ("en", "en"))
    }
    return Material([e for e in lines if e.language == part], measured, "mul")


def _pack_lines(language: str) -> list[Example]:
    rows = read_pack_lines(PACK / "tests" / f"lines.{language}.txt")
    return [readers.example(row["text"], row["intent"]) for row in rows]


def _held(folder: Path) -> Measured:
    """The official test, or else the validation part, of a folder with ``seq.in`` and ``label``."""
    name = "test" if (folder / "test").is_dir() else "valid"
    return Measured(readers.sequences(folder / name), name, name == "test")


_TWO = {"0": "negative", "1": "positive"}
_THREE = {name: name for name in ("negative", "neutral", "positive")}
_SHOTS = ("5", "10", "full")

SETS: Sequence[BenchSet] = (
    BenchSet("banking77", banking77, _SHOTS),
    BenchSet("clinc150", clinc150, _SHOTS),
    BenchSet("hwu64", hwu64, _SHOTS),
    BenchSet("banking77_oos", banking77_oos),
    BenchSet("hint3_curekart", hint3_curekart),
    BenchSet("snips", tagged("snips")),
    BenchSet("atis", tagged("atis")),
    BenchSet("restaurant8k", restaurant8k),
    BenchSet("multidogo_insurance", multidogo),
    BenchSet("smp2020", smp2020, languages="zh"),
    BenchSet("airline_tweets", sentiment("airline_tweet_sentiment", "tweets.csv", "text", _THREE)),
    BenchSet(
        "online_shopping",
        sentiment("online_shopping_10_cats_zh", "online_shopping_10_cats.csv", "review", _TWO),
        languages="zh",
    ),
    BenchSet(
        "waimai",
        sentiment("waimai_10k_zh", "waimai_10k.csv", "review", _TWO),
        ("full",),
        languages="zh",
    ),
    BenchSet("retail", retail, ("en", "zh"), languages="mul"),
)


def set_named(name: str) -> BenchSet:
    """The set of that name."""
    return next(bench for bench in SETS if bench.name == name)
