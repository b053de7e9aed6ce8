"""What of a Rasa project's folder Rasa itself does not read.

Rasa takes ``config.yml``, ``domain.yml`` (or the folder ``domain``) and ``data/``. What lies beside
them are parts put aside for testing (``rasa data split``), results of tests, other bots' domains.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from intents.pipeline import RASA_KEYS

_ENGINE = re.compile(rf"^(?:{'|'.join(sorted(RASA_KEYS))})\s*:", re.M)
_IMPORTS = re.compile(r"^(?:importers|imports)\s*:", re.M)
_KEY = re.compile(r"^([a-z_]+)\s*:", re.M)
_LINES = ("nlu", "stories", "rules")
_DOMAIN = ("intents", "entities", "slots", "forms", "actions", "responses", "templates")
_OLDER = (".md", ".json")
_PLACES = ("data", "domain")
_NAMED = ("config", "domain", "frontdesk")
_ENDS = (".yml", ".yaml")


def strays(root: Path, files: Sequence[Path]) -> list[tuple[Path, tuple[str, ...]]]:
    """Those of ``files`` that Rasa would not read, each with what an assistant could be told by it.

    None in a folder that is no Rasa project of the usual shape. A file with something of which
    there is nothing in the usual places (stories beside a ``data/`` of training lines alone) is no
    stray: such a project names its folders when it is trained.
    """
    config = next((path for path in _named(root, "config") if path.is_file()), None)
    if config is None or not (root / "data").is_dir():
        return []
    text = _text(config)
    if not _ENGINE.search(text) or _IMPORTS.search(text):
        return []
    inside = {path for path in files if _usual(path.relative_to(root))}
    beside = {key for path in inside for key in _keys(_text(path))}
    older = any(path.suffix.lower() in _OLDER for path in (root / "data").rglob("*"))
    deeper = beside.union(_LINES if older else ())
    if not deeper.intersection(_LINES) or not beside.intersection(_DOMAIN):
        return []
    outside = [(path, tuple(_keys(_text(path)))) for path in files if path not in inside]
    # YAML beside a 1.x project's Markdown is a project on its way to today's files.
    return [
        (path, keys)
        for path, keys in outside
        if (beside if path.parent == root else deeper).issuperset(keys)
    ]


def _usual(name: Path) -> bool:
    return name.parts[0] in _PLACES if len(name.parts) > 1 else name.stem in _NAMED


def _named(root: Path, stem: str) -> Iterator[Path]:
    return (root / f"{stem}{end}" for end in _ENDS)


def _keys(text: str) -> Iterable[str]:
    return dict.fromkeys(key for key in _KEY.findall(text) if key in (*_LINES, *_DOMAIN))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
