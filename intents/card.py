"""MODEL_CARD.md: what a release is, for the person who has to answer for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from intents.release import Facts


def model_card(
    facts: Facts, figures: Mapping[str, Any], warnings: Sequence[str], left_out: int
) -> str:
    """The card as Markdown; ``figures`` is the content of evaluation.json."""
    encoder = facts.encoder
    parts = [
        f"# {facts.note or 'Frontdesk understanding'}\n",
        "Reads customers' messages: intent, entities, sentiment, and whether it is out of scope.\n",
        "## What it is\n",
        _table(
            ("", ""),
            [
                (
                    "Encoder",
                    f"{encoder.get('name')} ({encoder.get('precision')}, {encoder.get('licence')})",
                ),
                ("Encoder's SHA-256", f"`{encoder.get('sha256')}`"),
                (
                    "Training",
                    "fine-tuned encoder" if facts.mode == "full" else "frozen encoder, convex head",
                ),
                ("Languages", ", ".join(facts.languages)),
                ("Intents", str(len(facts.labels))),
                ("Entity types", ", ".join(facts.entity_types) or "none"),
                ("Lines", str(facts.examples)),
                ("Seed", str(facts.seed)),
                ("Parent", facts.parent or "none"),
                ("Versions", ", ".join(f"{k} {v}" for k, v in facts.versions.items())),
            ],
        ),
    ]
    if "intent" in figures:
        parts += _intent_part(figures)
    for name, title in (("entities", "Entities"), ("sentiment", "Sentiment")):
        if figures.get(name):
            parts += [f"\n## {title}\n", _table(("figure", "value"), _flat(figures[name]))]
    parts += _limits(figures, warnings, left_out)
    return "\n".join(parts) + "\n"


def _intent_part(figures: Mapping[str, Any]) -> list[str]:
    coverage, decisions = figures["coverage"], figures["decisions"]
    rows = [
        ("Top intent right", _percent(figures["intent"]["accuracy"])),
        ("Right intent among the top three", _percent(figures["intent"]["top3"])),
        ("Macro F1", _percent(figures["intent"]["macro_f1"])),
        *((f"Top intent right, {k}", _percent(v)) for k, v in figures["by_language"].items()),
        ("Calibration error (ECE, 15 bins)", _percent(figures["calibration"]["ece"])),
        ("Answered alone, share", _percent(coverage["deployed"]["share"])),
        ("Answered alone, error", _percent(coverage["deployed"]["error"])),
        ("Asked which was meant", _percent(decisions["clarify"])),
        ("Right intent among the options asked", _percent(figures["answer_among_options"])),
        ("Rejected although in scope", _percent(decisions["reject"])),
        ("Out of scope AUROC (left-out intents)", _percent(figures["out_of_scope"]["auroc"])),
        ("... intents near to others", _percent(figures["out_of_scope"]["near"]["auroc"])),
        ("... intents far from others", _percent(figures["out_of_scope"]["far"]["auroc"])),
    ]
    weak = sorted(figures["per_intent"].items(), key=lambda item: item[1]["recall"])[:8]
    pairs = [
        (pair["intent"], pair["taken_for"], str(pair["lines"])) for pair in figures["confused"][:8]
    ]
    return [
        "\n## How good it is\n",
        f"By {figures['method']}, {figures['lines']} lines; no test line was used.\n",
        _table(("figure", "value"), rows),
        "\n### Weakest intents\n",
        _table(
            ("intent", "lines", "recall", "precision"),
            [
                (name, str(row["lines"]), _percent(row["recall"]), _percent(row["precision"]))
                for name, row in weak
            ],
        ),
        "\n### Taken for each other most often\n",
        _table(("intent", "taken for", "lines"), pairs),
    ]


def _limits(figures: Mapping[str, Any], warnings: Sequence[str], left_out: int) -> list[str]:
    parts = [
        "\n## Limits\n",
        "- Knows only what its training lines show; other ways of saying the same may be missed.",
        "- The figures hold for messages like the training lines. Watch real traffic.",
        "- Sentiment is a hint for agents, not a judgement about a person.",
    ]
    if left_out:
        parts.append(f"- {left_out} lines could not be used; evaluation.json lists them.")
    return parts + [f"- {warning}" for warning in warnings]


def _flat(figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (key, _percent(value) if isinstance(value, float) else str(value))
        for key, value in figures.items()
        if not isinstance(value, dict | list)
    ]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(c) for c in row) + " |" for row in lines)


def _cell(text: str) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"
