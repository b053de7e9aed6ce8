"""A live change: written to a copy of the working assistant, judged, released, put into service.

If anything refuses, nothing has changed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.home import Home, replace_folder
from bot.knowledge import release_files
from bot.live import Live
from bot.templates import accepted_in, renew_index
from intents.assistant import Assistant
from intents.gate import Gate
from intents.reading.folder import read_assistant
from intents.refit import refit_with_report
from intents.validate import validate
from models.errors import AssistantInvalid


@dataclass(frozen=True)
class Applied:
    """A change that serves: its release, the gate's verdict, and what it newly warns of."""

    release: str
    assistant: Assistant
    gate: dict[str, Any]
    warnings: list[str] = field(default_factory=list)


def apply(
    home: Home,
    live: Live,
    write: Callable[[Path], object],
    note: str,
    *,
    learns: bool,
    override: bool = False,
) -> Applied:
    """Let ``write`` change a copy of the assistant and put the result into service.

    :param learns: the training lines change, so that the heads are fitted anew.
    :raises AssistantInvalid: the changed assistant does not hold together.
    :raises GateRefused: another intent would get worse than allowed.
    """
    store = home.store
    with (
        home.editing(),
        tempfile.TemporaryDirectory(dir=home.path, prefix=".edit-") as work,
    ):
        copy = Path(work) / "assistant"
        shutil.copytree(home.assistant, copy)
        write(copy)
        assistant = read_assistant(copy)
        problems = validate(assistant)
        errors = [p for p in problems if p.severity == "error"]
        if errors:
            raise AssistantInvalid("The change does not hold together", errors)
        index = renew_index(live.index, assistant, copy, live.embed)
        index.save(Path(work) / "index")
        parent = store.get(live.release)
        changes: dict[str, bytes | Path | None] = {
            "index/": Path(work) / "index",
            **accepted_in(copy),
            **release_files(copy, live.embed, Path(work) / "knowledge", parent),
        }
        gate: dict[str, Any] = {"passed": True, "worst": []}
        if learns:
            fitted = refit_with_report(
                parent,
                copy,
                store,
                encoder=live.understanding.encoder,
                override=override,
                note=note,
                changes=changes,
                assistant=assistant,
            )
            release, gate = fitted.release, gate_report(fitted.gate)
        else:
            files = {f"assistant/{name}": copy / name for name in assistant.files}
            release = store.derive(parent, {"assistant/": None, **files, **changes}, note=note)
        store.promote(release.id, note, sound=parent)
        replace_folder(home.assistant, copy)
    before = {(p.expected, p.found) for p in live.problems}
    new = [p for p in problems if p.severity == "warning" and (p.expected, p.found) not in before]
    warnings = [str(p) for p in new][:10]
    return Applied(release.id, assistant, gate, warnings)


def gate_report(gate: Gate) -> dict[str, Any]:
    """Return a gate's verdict as plain data."""
    worst = [{"intent": c.intent, "before": c.before, "after": c.after} for c in gate.worst[:5]]
    return {"passed": gate.passed, "before": gate.before, "after": gate.after, "worst": worst}
