"""Releases as archives: how they leave an installation, and how they come into another.

An archive is a ``tar.gz`` of one release's folder, as ``POST /model/train`` gives it. What comes
from elsewhere is written file by file within bounds, never as the archive asks, and is taken in
only if every file is what its manifest says.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import AsyncIterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

from bot.home import Home
from intents.release import Release
from models.errors import BadRequest, ServiceError

MAX_FILES = 10_000


def packed(release: Release, folder: Path) -> Path:
    """Write a release as a ``tar.gz`` in a temporary file under ``folder``."""
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".archive-", suffix=".tar.gz")
    with (
        os.fdopen(descriptor, "wb") as raw,
        tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as archive,
    ):
        archive.add(release.folder, arcname=release.id)
    return Path(name)


async def kept(parts: AsyncIterable[Any], folder: Path, most: int) -> Path:
    """Write an archive that arrives in parts into a temporary file under ``folder``.

    :raises ServiceError: it is larger than ``most`` bytes; nothing is left of it.
    """
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".archive-", suffix=".tar.gz")
    try:
        with os.fdopen(descriptor, "wb") as out:
            async for part in parts:
                if out.tell() + len(part) > most:
                    raise ServiceError(
                        "The model is too large",
                        expected=f"at most {most} bytes",
                        found="more than that",
                        fix="Set FRONTDESK_MAX_MODEL.",
                    )
                out.write(part)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    return Path(name)


def taken_in(archive: Path, home: Home, most: int) -> Release:
    """Take the release in ``archive`` into the home's releases. It is not put into service.

    :param most: bytes that its files may have together.
    :raises BadRequest: it is no archive of one release, or too large.
    :raises ReleaseError: the release is not what its manifest says.
    """
    with tempfile.TemporaryDirectory(dir=home.path, prefix=".unpack-") as name:
        return home.store.add(_unpacked(archive, Path(name), most))


def _unpacked(archive: Path, folder: Path, most: int) -> Path:
    """Write the archive's files under ``folder``; returns the one folder that holds them all."""
    left, tops = most, set()
    try:
        with tarfile.open(archive, mode="r:gz") as opened:
            for parts, content, size in _files(opened):
                left -= size
                if left < 0:
                    raise _unusable(f"files of at most {most} bytes", "more than that")
                tops.add(parts[0])
                target = folder.joinpath(*parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("xb") as out:
                    shutil.copyfileobj(content, out)
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise _unusable("a tar.gz of a release", type(error).__name__) from error
    if len(tops) != 1:
        raise _unusable("one folder", f"{len(tops)} at the top")
    return folder / tops.pop()


def _files(opened: tarfile.TarFile) -> Iterator[tuple[tuple[str, ...], IO[bytes], int]]:
    """Each plain file: the parts of its path, its content, its size. Raises BadRequest."""
    for number, member in enumerate(opened):
        path = PurePosixPath(member.name)
        content = opened.extractfile(member) if member.isreg() else None
        inside = len(path.parts) > 1 and not path.is_absolute() and ".." not in path.parts
        if number >= MAX_FILES:
            raise _unusable(f"at most {MAX_FILES} files", "more than that")
        if content is not None and inside:
            yield path.parts, content, member.size
        elif not member.isdir():
            raise _unusable("plain files in one folder", member.name[:200])


def _unusable(expected: str, found: str) -> BadRequest:
    return BadRequest(
        "The archive cannot be taken in",
        expected=expected,
        found=found,
        fix="Give the archive of a release that Frontdesk trained (POST /model/train).",
    )
