"""The folder of all releases of one installation: add, derive, promote, roll back, prune."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from intents.release import (
    MANIFEST,
    Facts,
    Release,
    new_id,
    not_found,
    sha256_of,
    write_manifest,
)
from models.errors import ReleaseAltered, ReleaseError

Changes = Mapping[str, bytes | Path | None]
"""New content by file name: bytes, a file to take, or None to leave the file out. A name that ends
in ``/`` stands for everything below it: a folder to take instead, or None."""


class ReleaseStore:
    """Releases under ``home``. Every step is atomic: readers see a whole release or none."""

    def __init__(self, home: Path | str) -> None:
        self.home = Path(home)
        self.releases = self.home / "releases"
        self.blobs = self.home / "blobs"
        self.pointer = self.home / "current"
        for folder in (self.releases, self.blobs):
            folder.mkdir(parents=True, exist_ok=True)

    def add(self, folder: Path | str) -> Release:
        """Take a release that lies elsewhere into the store (a copy; the original stays).

        :raises ReleaseAltered: its files differ from its manifest.
        """
        source = Release.open(folder)
        if (self.releases / source.id).exists():
            return self.get(source.id)
        with self._writing():
            for name, digest in source.files.items():
                self._keep_file(source.path(name), digest, source)
            return self._build(source.facts, source.files)

    def derive(self, parent: Release, changes: Changes, **facts: object) -> Release:
        """A new release: ``parent`` with ``changes``; unchanged files are hard links.

        :param facts: fields of :class:`Facts` that differ from the parent's.
        """
        with self._writing():
            files = dict(parent.files)
            for name, digest in files.items():
                if not self._blob(digest).exists():
                    self._keep_file(parent.path(name), digest, parent)
            for name, content in changes.items():
                self._apply(files, name, content)
            known = frozenset(release.id for release in self.list())
            changed: Facts = replace(
                parent.facts,
                **{"id": new_id(known), "created": "", "parent": parent.id, **facts},  # type: ignore[arg-type]
            )
            return self._build(changed, files)

    def get(self, release_id: str) -> Release:
        """The release of that id.

        :raises ReleaseNotFound: there is none.
        """
        sound = bool(release_id) and "/" not in release_id and not release_id.startswith(".")
        if not sound or not (self.releases / release_id / MANIFEST).is_file():
            raise not_found(release_id, [release.id for release in self.list()])
        return Release.open(self.releases / release_id)

    def list(self) -> list[Release]:
        """All releases, the newest first."""
        found = [
            Release.open(folder)
            for folder in self.releases.iterdir()
            if not folder.name.startswith(".") and (folder / MANIFEST).is_file()
        ]
        return sorted(found, key=lambda release: (release.facts.created, release.id), reverse=True)

    def current_id(self) -> str | None:
        """The id that serves, or None; one system call, cheap enough for every turn."""
        try:
            return Path(os.readlink(self.pointer)).name
        except FileNotFoundError:
            return None

    def current(self) -> Release | None:
        """The release that serves, or None."""
        release_id = self.current_id()
        return None if release_id is None else self.get(release_id)

    def promote(self, release_id: str, reason: str = "", sound: Release | None = None) -> Release:
        """Put a release into service: one atomic swap of ``current``.

        :param sound: a release of this store that was verified when it was loaded; the files that
            the two share are not read again.
        :raises ReleaseNotFound: there is none of that id.
        :raises ReleaseAltered: its files are not those that were released.
        """
        release = self.get(release_id)
        release.verify(sound)
        with self._writing():
            partial = self.home / f".current.{os.getpid()}.{time.monotonic_ns()}"
            partial.symlink_to(Path("releases") / release_id)
            partial.replace(self.pointer)
            entry = {"at": time.time(), "release": release_id, "reason": reason}
            with (self.home / "promotions.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(entry, ensure_ascii=False) + "\n")
        return release

    def promotions(self) -> tuple[dict[str, object], ...]:
        """What was put into service, oldest first: ``at`` (Unix time), ``release``, ``reason``."""
        try:
            text = (self.home / "promotions.jsonl").read_text(encoding="utf-8")
        except FileNotFoundError:
            return ()
        return tuple(json.loads(line) for line in text.splitlines() if line.strip())

    def rollback(self) -> Release:
        """Put the release that served before the current one back into service.

        Rolling back again goes one further back; it does not return to the release left.

        :raises ReleaseError: none served before, or none of those is still there.
        """
        current = self.current_id()
        trail: list[str] = []
        for entry in self.promotions():
            release_id = str(entry["release"])
            if entry.get("reason") == "rollback" and release_id in trail:
                del trail[trail.index(release_id) + 1 :]
            elif not trail or trail[-1] != release_id:
                trail.append(release_id)
        before = trail[: trail.index(current)] if current in trail else trail
        for release_id in reversed(before):
            if (self.releases / release_id / MANIFEST).is_file():
                return self.promote(release_id, "rollback")
        raise ReleaseError(
            "There is nothing to roll back to",
            expected="a release that served earlier and was not pruned",
            found="none",
            fix="Choose a release with frontdesk releases promote.",
        )

    def discard(self, release_id: str) -> None:
        """Take out a release that serves nobody; its blobs go with the next prune.

        :raises ReleaseError: it is the one that serves.
        """
        release = self.get(release_id)
        if release_id == self.current_id():
            raise ReleaseError(
                f"Release {release_id} serves now",
                expected="a release that does not serve",
                found="the current one",
                fix="Promote another one first.",
            )
        shutil.rmtree(release.folder)

    def prune(self, keep: int = 5) -> tuple[tuple[str, ...], int]:
        """Remove all but the ``keep`` newest releases, the current one and the one before it.

        Returns the removed ids and the bytes that were freed.
        """
        served = [str(entry["release"]) for entry in self.promotions()]
        earlier = [release_id for release_id in served if release_id != self.current_id()]
        wanted = {self.current_id(), *(earlier[-1:])}
        removed = []
        with self._writing():
            for index, release in enumerate(self.list()):
                if index >= max(keep, 1) and release.id not in wanted:
                    # Out of sight first: a half-removed release must not look like one.
                    hidden = self.releases / f".removed.{release.id}"
                    release.folder.rename(hidden)
                    removed.append(release.id)
            for leftover in self.releases.glob(".*"):
                shutil.rmtree(leftover, ignore_errors=True)
            freed = sum(self._drop_unused(blob) for blob in self.blobs.glob("*/*"))
        return tuple(removed), freed

    def _drop_unused(self, blob: Path) -> int:
        status = blob.stat()
        if status.st_nlink > 1:
            return 0
        digest = blob.name
        # Where links are impossible releases hold copies, so that the count says nothing.
        if any(digest in release.files.values() for release in self.list()):
            return 0
        blob.unlink()
        return status.st_size

    def _apply(self, files: dict[str, str], name: str, content: bytes | Path | None) -> None:
        if name.endswith("/"):
            for old in [key for key in files if key.startswith(name)]:
                del files[old]
            if isinstance(content, Path):
                for path in sorted(content.rglob("*")):
                    if path.is_file():
                        inner = name + path.relative_to(content).as_posix()
                        files[inner] = self._keep_bytes(path.read_bytes())
            return
        files.pop(name, None)
        if isinstance(content, bytes):
            files[name] = self._keep_bytes(content)
        elif isinstance(content, Path):
            digest = sha256_of(content)
            self._keep_file(content, digest, None)
            files[name] = digest

    def _blob(self, digest: str) -> Path:
        return self.blobs / digest[:2] / digest

    def _keep_bytes(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        blob = self._blob(digest)
        if not blob.exists():
            blob.parent.mkdir(exist_ok=True)
            partial = blob.with_name(f".{digest}.{os.getpid()}")
            partial.write_bytes(content)
            _settle(partial, blob)
        return digest

    def _keep_file(self, path: Path, digest: str, release: Release | None) -> None:
        blob = self._blob(digest)
        if blob.exists():
            return
        blob.parent.mkdir(exist_ok=True)
        partial = blob.with_name(f".{digest}.{os.getpid()}")
        try:
            shutil.copyfile(path, partial)
        except FileNotFoundError as error:
            raise ReleaseAltered(
                f"{path} is missing",
                expected="every file of the manifest",
                found="nothing",
                fix="Train again.",
            ) from error
        if release is not None and sha256_of(partial) != digest:
            partial.unlink()
            raise ReleaseAltered(
                f"{path} is not what was released",
                expected=f"SHA-256 {digest[:16]}…",
                found="another content",
                fix="Train again.",
            )
        _settle(partial, blob)

    def _build(self, facts: Facts, files: Mapping[str, str]) -> Release:
        target = self.releases / (facts.id or new_id())
        draft = self.releases / f".draft.{target.name}.{os.getpid()}"
        shutil.rmtree(draft, ignore_errors=True)
        for name, digest in files.items():
            path = draft / name
            path.parent.mkdir(parents=True, exist_ok=True)
            _link(self._blob(digest), path)
        write_manifest(draft, replace(facts, id=target.name), files)
        draft.rename(target)
        return Release.open(target)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time, among processes too."""
        with (self.home / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _settle(partial: Path, blob: Path) -> None:
    partial.chmod(0o444)
    partial.replace(blob)


def _link(blob: Path, path: Path) -> None:
    try:
        os.link(blob, path)
    except OSError:
        # No hard links on this file system, or too many of them.
        shutil.copyfile(blob, path)
        path.chmod(0o444)
