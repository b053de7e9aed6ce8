"""Immutable releases: one folder each, with the SHA-256 of every file in ``release.json``.

A store keeps one copy of each distinct file under ``blobs/`` and builds releases out of hard
links, so that a release that differs in its head alone costs kilobytes and milliseconds.

    home/blobs/ab/abcd…        content, named by its SHA-256, read-only
    home/releases/<id>/…       a release
    home/current               symlink to the release that serves
    home/promotions.jsonl      which release was put into service when
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from models.errors import ReleaseAltered, ReleaseError, ReleaseNotFound

MANIFEST = "release.json"
FORMAT = 1
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Facts:
    """What a manifest says about a release, besides its files."""

    id: str = ""
    created: str = ""
    parent: str | None = None
    encoder: Mapping[str, Any] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    mode: str = "head"
    labels: tuple[str, ...] = ()
    entity_types: tuple[str, ...] = ()
    examples: int = 0
    seed: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    accuracy: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Release:
    """A release on disk. Open one with :meth:`open`; nothing here writes to it."""

    folder: Path
    facts: Facts
    files: Mapping[str, str]

    @property
    def id(self) -> str:
        """The release's name."""
        return self.facts.id

    @classmethod
    def open(cls, folder: Path | str) -> Release:
        """Read the manifest of ``folder`` (symlinks are followed, so that a swap moves nothing).

        :raises ReleaseNotFound: no manifest there.
        :raises ReleaseAltered: the manifest cannot be used.
        """
        root = Path(folder).resolve()
        try:
            read = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise ReleaseNotFound(
                f"{folder} holds no release",
                expected=MANIFEST,
                found="no such file",
                fix="Run frontdesk train, or choose one of frontdesk releases list.",
            ) from error
        except (OSError, ValueError) as error:
            raise _altered(root, MANIFEST, "a manifest as JSON", str(error)) from error
        try:
            files = {_safe(name): _digest(digest) for name, digest in read["files"].items()}
            facts = _facts(read)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise _altered(
                root, MANIFEST, "id, created, files …", f"{type(error).__name__}: {error}"
            ) from error
        return cls(root, facts, files)

    def path(self, name: str) -> Path:
        """Where the file ``name`` of the release lies."""
        return self.folder / name

    def has(self, name: str) -> bool:
        """Whether the manifest lists ``name``."""
        return name in self.files

    def verify(self, sound: Release | None = None) -> None:
        """Compare every file with the manifest.

        :param sound: a release of the same store that has been verified: what the two share is one
            file, of which only the presence is asked.
        :raises ReleaseAltered: a file is missing, changed or not listed.
        """
        present = {
            path.relative_to(self.folder).as_posix()
            for path in self.folder.rglob("*")
            if path.is_file()
        } - {MANIFEST}
        for name, digest in self.files.items():
            if name not in present:
                raise _altered(self.folder, name, "the file", "nothing")
            if sound is not None and sound.files.get(name) == digest:
                continue
            found = sha256_of(self.folder / name)
            if found != digest:
                raise _altered(self.folder, name, f"SHA-256 {digest[:16]}…", f"{found[:16]}…")
        extra = sorted(present - set(self.files))
        if extra:
            raise _altered(self.folder, extra[0], "only files of the manifest", "another file")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def seal(folder: Path, facts: Facts) -> Release:
    """Write the manifest over everything in ``folder``; from then on it is a release."""
    files = {
        path.relative_to(folder).as_posix(): sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / MANIFEST
    }
    return write_manifest(folder, facts, files)


def write_manifest(folder: Path, facts: Facts, files: Mapping[str, str]) -> Release:
    """Write ``release.json``; id and time are filled in where ``facts`` leaves them out."""
    now = datetime.datetime.now(datetime.UTC)
    content = hashlib.sha256(json.dumps(dict(files), sort_keys=True).encode()).hexdigest()
    stamped = {
        **_plain(facts),
        "id": facts.id or f"{now:%Y%m%d-%H%M%S}-{content[:8]}",
        "created": facts.created or now.isoformat(timespec="microseconds"),
    }
    manifest = {"format": FORMAT, **stamped, "files": dict(sorted(files.items()))}
    partial = folder / f".{MANIFEST}.{os.getpid()}"
    partial.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
    partial.replace(folder / MANIFEST)
    return Release(folder.resolve(), _facts(manifest), dict(files))


def new_id(taken: Mapping[str, Any] | frozenset[str] = frozenset()) -> str:
    """An id that sorts by time and is not among ``taken``."""
    while True:
        now = datetime.datetime.now(datetime.UTC)
        made = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
        if made not in taken:
            return made


def _plain(facts: Facts) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in vars(facts).items()
    }


def _facts(read: Mapping[str, Any]) -> Facts:
    known = {name: read[name] for name in Facts.__dataclass_fields__ if name in read}
    for name in ("languages", "labels", "entity_types"):
        known[name] = tuple(known.get(name, ()))
    facts = Facts(**known)
    if not facts.id or not facts.created or "/" in facts.id or facts.id.startswith("."):
        raise ValueError(f"id {facts.id!r}, created {facts.created!r}")
    return facts


def _safe(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError(f"file name {name!r} leaves the release")
    return name


def _digest(given: object) -> str:
    digest = str(given)
    if not _SHA256.fullmatch(digest):
        raise ValueError(f"{digest[:80]!r} is no SHA-256")
    return digest


def _altered(root: Path, name: str, expected: str, found: str) -> ReleaseAltered:
    return ReleaseAltered(
        f"Release {root.name} is not what was released: {name}",
        expected=expected,
        found=found,
        fix="Roll back to another release (frontdesk releases rollback), or train again.",
    )


def not_found(release_id: str, known: list[str]) -> ReleaseError:
    """The error for an id that no release has."""
    return ReleaseNotFound(
        f"There is no release {release_id!r}",
        expected="one of " + (", ".join(known[:5]) or "no releases yet"),
        found=release_id,
        fix="Run frontdesk releases list.",
    )
