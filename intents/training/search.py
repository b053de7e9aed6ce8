"""Search for the fine-tune's settings on a held-out part of the data (Optuna; Akiba et al., 2019).

Every trial fine-tunes on four fifths of the lines and is judged on the rest. The study lies as
SQLite in the output folder: the same command goes on where it stopped, and a trial that was killed
goes on from its checkpoint. The best settings then train a release on all lines.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from intents.examples import Example, language_of_set, merge_examples
from intents.training.full import training_lines
from intents.training.preflight import spoken
from intents.training.training import train
from models.encoders.weights import Weights, default_encoder, resolve
from models.errors import DataError, ReleaseError
from models.progress import Progress, Silent

if TYPE_CHECKING:
    import optuna

    from models.learning.finetune import Finetuned, FinetuneSettings

FEWEST = 20
HELD_OUT = 0.2
_FLOATS = {
    "encoder_rate": (1e-5, 4e-4),
    "head_rate": (3e-4, 1e-2),
    "scale": (5.0, 30.0),
    "weight_decay": (1e-3, 1e-1),
}
"""Searched on a logarithmic scale."""

_SHARES = {"dropout": (0.0, 0.3), "label_smoothing": (0.0, 0.2)}
_NUMBERS = {"epochs": (3, 14), "slips": (0, 3)}
_BATCHES = (16, 32)

Note = Callable[[str], None]


@dataclass(frozen=True)
class Searched:
    """What a search found: the best settings, their score, the defaults' score, the release."""

    release: str
    score: float
    default_score: float | None
    trials: int
    settings: Mapping[str, Any]


def search(
    examples: Sequence[Example],
    out: Path,
    *,
    trials: int = 20,
    minutes: float | None = None,
    language: str | None = None,
    encoder: str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    note: Note | None = None,
) -> Searched:
    """Search, and train the best configuration into ``out/release``.

    The first trial is the defaults, so the result is never worse than them on the held-out part.

    :param trials: how many in all, those of an earlier run counted.
    :param minutes: no trial begins that would probably end later; the last training comes on top.
    :raises DataError: too few lines to hold any out.
    :raises ReleaseError: ``out`` holds the search of other data or settings.
    """
    kept, _ = merge_examples([e for e in examples if e.intent or e.sentiment or e.entities])
    if len(kept) < FEWEST:
        raise DataError(
            "There is too little to search on",
            expected=f"at least {FEWEST} labelled lines",
            found=str(len(kept)),
            fix="Train with the defaults, or write more lines.",
        )
    spoken_in = language or language_of_set(e.language for e in kept)
    weights = resolve(encoder or default_encoder(spoken_in), progress=progress)
    work = _Search(kept, out, weights, seed, progress or Silent(), note or (lambda _: None))
    best = work.run(trials, minutes)
    release = train(
        examples,
        out / "release",
        language=language,
        encoder=encoder,
        seed=seed,
        progress=progress,
        tuning=best,
        note=note,
    )
    return work.written(release.id)


def hold_out(examples: Sequence[Example], share: float, seed: int) -> tuple[list[int], list[int]]:
    """Indices to train on and to judge by: a share of each intent, of which one line stays."""
    groups: dict[str, list[int]] = {}
    for index, example in enumerate(examples):
        groups.setdefault(example.intent or "", []).append(index)
    shuffle = np.random.default_rng(seed)
    held: list[int] = []
    for name in sorted(groups):
        members = groups[name]
        wanted = min(len(members) - 1, max(1, round(share * len(members))))
        held += shuffle.permutation(members)[:wanted].tolist()
    apart = set(held)
    return [i for i in range(len(examples)) if i not in apart], sorted(held)


class _Search:
    def __init__(
        self,
        examples: Sequence[Example],
        out: Path,
        weights: Weights,
        seed: int,
        progress: Progress,
        note: Note,
    ) -> None:
        self.out, self.weights, self.seed = out, weights, seed
        self.progress, self.note = progress, note
        lines, held = hold_out(examples, HELD_OUT, seed)
        self.train = [examples[i] for i in lines]
        self.held = [examples[i] for i in held]
        out.mkdir(parents=True, exist_ok=True)
        self.study = self._study()

    def run(self, trials: int, minutes: float | None) -> FinetuneSettings:
        """Run until ``trials`` are there or time is up; the best settings."""
        self._take_up_killed()
        began = time.monotonic()
        while (done := len(self._complete())) < trials:
            took = self._seconds_a_trial()
            gone = time.monotonic() - began
            if minutes is not None and done and gone + took > 60 * minutes:
                self.note(f"No trial of {spoken(took)} fits into the time left")
                break
            left = f", {spoken(took * (trials - done))} left" if took else ""
            self.note(f"Trial {done + 1} of {trials}{left}")
            self._one()
        return _settings(self.study.best_trial.params)

    def written(self, release: str) -> Searched:
        """The result, also as ``search.json`` with every trial."""
        complete = self._complete()
        first = next((t.value for t in complete if t.user_attrs.get("defaults")), None)
        made = Searched(
            release,
            float(self.study.best_value),
            first,
            len(complete),
            dict(self.study.best_trial.params),
        )
        rows = [
            {"number": t.number, "score": t.value, **t.user_attrs, "settings": t.params}
            for t in complete
        ]
        text = json.dumps({**asdict(made), "all": rows}, indent=1)
        (self.out / "search.json").write_text(text + "\n", encoding="utf-8")
        return made

    def _study(self) -> optuna.Study:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        storage = f"sqlite:///{(self.out / 'study.sqlite3').resolve()}"
        study = optuna.create_study(
            study_name="finetune",
            storage=storage,
            direction="maximize",
            load_if_exists=True,
            sampler=optuna.samplers.TPESampler(seed=self.seed, n_startup_trials=6),
        )
        data = self._fingerprint()
        known = study.user_attrs.get("data")
        if known is None:
            study.set_user_attr("data", data)
            study.enqueue_trial(_defaults(len(self.train)), user_attrs={"defaults": True})
        elif known != data:
            raise ReleaseError(
                f"{self.out} holds a search on other data",
                expected="the same lines, encoder and seed as before",
                found="others",
                fix="Name another folder with --out.",
            )
        return study

    def _fingerprint(self) -> str:
        rows = [(e.text, e.intent, e.sentiment, repr(e.entities)) for e in self.train + self.held]
        text = json.dumps([self.weights.sha256, self.seed, len(self.train), rows])
        return hashlib.sha256(text.encode()).hexdigest()

    def _take_up_killed(self) -> None:
        """A trial that was running when the process died is put in front again."""
        from optuna.trial import TrialState

        for trial in self.study.get_trials(states=(TrialState.RUNNING,)):
            self.study.enqueue_trial(trial.params, user_attrs=trial.user_attrs)
            self.study.tell(trial.number, state=TrialState.FAIL)

    def _complete(self) -> list[optuna.trial.FrozenTrial]:
        from optuna.trial import TrialState

        return self.study.get_trials(states=(TrialState.COMPLETE,))

    def _seconds_a_trial(self) -> float:
        known = [float(t.user_attrs["seconds"]) for t in self._complete()]
        return float(np.median(known)) if known else 0.0

    def _one(self) -> None:
        from models.learning.finetune import finetune

        trial = self.study.ask()
        settings = _settings(_suggest(trial, len(self.train)))
        name = hashlib.sha256(json.dumps(asdict(settings), sort_keys=True).encode()).hexdigest()
        folder = self.out / "trials" / name[:16]
        started = time.monotonic()
        made = finetune(
            self.weights,
            training_lines(self.train),
            folder / "encoder",
            settings,
            seed=self.seed,
            progress=self.progress,
        )
        parts = _judge(made, self.train, self.held, self.seed)
        trial.set_user_attr("seconds", round(time.monotonic() - started, 1))
        trial.set_user_attr("parts", parts)
        score = float(np.mean(list(parts.values())))
        self.study.tell(trial, score)
        shutil.rmtree(folder, ignore_errors=True)
        self.note(f"{score:.2%} right of what was held out; best {self.study.best_value:.2%}")


def _suggest(trial: optuna.Trial, lines: int) -> dict[str, Any]:
    known = _defaults(lines)
    found: dict[str, Any] = {}
    for name, (low, high) in _FLOATS.items():
        if name in known:
            found[name] = trial.suggest_float(name, low, high, log=True)
    for name, (low, high) in _SHARES.items():
        if name in known:
            found[name] = trial.suggest_float(name, low, high)
    for name, (least, most) in _NUMBERS.items():
        if name in known:
            found[name] = trial.suggest_int(name, least, most)
    if "batch" in known:
        found["batch"] = trial.suggest_categorical("batch", _BATCHES)
    return found


def _defaults(lines: int) -> dict[str, Any]:
    """The defaults of what is searched, within its limits."""
    from models.epochs import default_epochs
    from models.learning.finetune import FinetuneSettings

    settings = FinetuneSettings()
    names = {field.name for field in fields(settings)}
    found: dict[str, Any] = {
        name: float(np.clip(getattr(settings, name), low, high))
        for name, (low, high) in {**_FLOATS, **_SHARES}.items()
        if name in names
    }
    for name, (least, most) in _NUMBERS.items():
        if name in names:
            usual = getattr(settings, name)
            found[name] = int(
                np.clip(default_epochs(lines) if usual is None else usual, least, most)
            )
    if settings.batch in _BATCHES:
        found["batch"] = settings.batch
    return found


def _settings(parameters: Mapping[str, Any]) -> FinetuneSettings:
    from models.learning.finetune import FinetuneSettings

    return FinetuneSettings(**parameters)


def _judge(
    made: Finetuned, train: Sequence[Example], held: Sequence[Example], seed: int
) -> dict[str, float]:
    """Intent accuracy, span F1 and sentiment accuracy on held-out lines, where they are known."""
    from models.encoders.pooling import pooled
    from models.intent_head import IntentHead
    from models.learning.encoder import TorchEncoder
    from models.learning.tagger import span_f1
    from models.mood import MoodHead

    encoder = TorchEncoder.from_weights(resolve(str(made.folder)))
    seen = encoder.encode([e.text for e in train])
    learnt = seen.sentence
    encoding = encoder.encode([e.text for e in held])
    parts: dict[str, float] = {}
    taught = [i for i, e in enumerate(train) if e.intent]
    asked = [i for i, e in enumerate(held) if e.intent]
    if len({train[i].intent for i in taught}) > 1 and asked:
        head = IntentHead.fit(learnt[taught], [str(train[i].intent) for i in taught])
        best = head.logits(encoding.sentence[asked]).argmax(axis=1)
        hits = [head.labels[b] == held[i].intent for b, i in zip(best, asked, strict=True)]
        parts["intents"] = float(np.mean(hits))
    marked = [i for i, e in enumerate(held) if e.entities is not None]
    if made.tagger is not None and any(held[i].entities for i in marked):
        gold = [line.spans or () for line in training_lines([held[i] for i in marked])]
        found = [
            made.tagger.decode(
                encoding.tokens[i],
                encoding.offsets[i],
                held[i].text,
                held[i].requested_slots or None,
            )
            for i in marked
        ]
        parts["entities"] = span_f1(gold, found)
    moody = [i for i, e in enumerate(train) if e.sentiment]
    judged = [i for i, e in enumerate(held) if e.sentiment]
    if len({train[i].sentiment for i in moody}) > 1 and judged:
        moods = [str(train[i].sentiment) for i in moody]
        known = [train[i].text for i in moody]
        mood, _ = MoodHead.fit("sentiment", pooled(seen)[moody], known, moods, seed=seed)
        said = mood.predict(pooled(encoding)[judged], [held[i].text for i in judged])
        right = [label == held[i].sentiment for (label, _), i in zip(said, judged, strict=True)]
        parts["sentiment"] = float(np.mean(right))
    if not parts:
        raise DataError(
            "The held-out lines cannot judge anything",
            expected="two intents, marked entities or two sentiments among them",
            found="none of these",
            fix="Train with the defaults.",
        )
    return parts
