from __future__ import annotations

import io
import json
import os
import tarfile
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.home import Home
from bot.rasa.archives import kept, packed, taken_in
from intents.release import Facts, Release, seal
from models.errors import BadRequest, FrontdeskError, ReleaseAltered, ServiceError

MOST = 10_000


def release_in(folder: Path, text: str = "hello") -> Release:
    """A release small enough for a test, which could serve as far as its folders go."""
    for name in ("assistant/domain.yml", "index/rows.json"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return seal(folder, Facts())


def written(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for member, content in members:
            archive.addfile(member, io.BytesIO(content))
    return path


def plain(name: str, content: bytes = b"x") -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    return member, content


def other(name: str, kind: bytes, link: str = "") -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member, b""


def test_release_that_leaves_one_home_comes_into_another(tmp_path: Path) -> None:
    release = release_in(tmp_path / "release")
    archive = packed(release, tmp_path)
    home = Home(tmp_path / "home")
    taken = taken_in(archive, home, MOST)
    assert (taken.id, taken.files) == (release.id, release.files)
    assert taken.path("assistant/domain.yml").read_text() == "hello"
    taken.verify()
    assert home.store.current_id() is None
    assert not list(home.path.glob(".unpack-*"))


@pytest.mark.parametrize(
    "members",
    [
        [plain("/etc/passwd")],
        [plain("a/../../b")],
        [plain("release.json")],
        [plain("a/x"), plain("b/x")],
        [other("a/x", tarfile.SYMTYPE, "/etc/passwd")],
        [plain("a/x"), other("a/y", tarfile.LNKTYPE, "a/x")],
        [other("a/x", tarfile.CHRTYPE)],
        [other("a/x", tarfile.FIFOTYPE)],
        [plain("a/x"), plain("a/x")],
        [plain("a/x"), plain("a/x/y")],
        [plain("a/x", b"0" * (MOST + 1))],
        [plain("a/x", b"0" * MOST), plain("a/y")],
        [other("a", tarfile.DIRTYPE)],
        [],
    ],
)
def test_archive_of_anything_else_is_refused(
    tmp_path: Path, members: list[tuple[tarfile.TarInfo, bytes]]
) -> None:
    home = Home(tmp_path / "home")
    archive = written(tmp_path / "a.tar.gz", *members)
    with pytest.raises(BadRequest):
        taken_in(archive, home, MOST)
    assert not list(home.path.glob(".unpack-*"))
    assert home.store.list() == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz", "home"]


def altered(manifest: dict[str, object]) -> None:
    manifest["files"] = {"assistant/domain.yml": "0" * 64, "index/rows.json": "0" * 64}


def climbing(manifest: dict[str, object]) -> None:
    manifest["files"] = {"assistant/domain.yml": "../../../stolen"}


def outside(manifest: dict[str, object]) -> None:
    manifest["files"] = {"../x": "0" * 64}


def elsewhere(manifest: dict[str, object]) -> None:
    manifest["id"] = "../elsewhere"


@pytest.mark.parametrize("change", [altered, climbing, outside, elsewhere])
def test_release_that_is_not_what_its_manifest_says_is_refused(
    tmp_path: Path, change: Callable[[dict[str, object]], None]
) -> None:
    release = release_in(tmp_path / "release")
    path = release.folder / "release.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))
    home = Home(tmp_path / "home")
    with pytest.raises(ReleaseAltered):
        taken_in(packed(release, tmp_path), home, MOST)
    assert home.store.list() == []
    assert not (tmp_path / "stolen").exists()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0, 1), noise=st.binary(max_size=20))
def test_broken_archive_is_refused_or_whole(tmp_path: Path, cut: float, noise: bytes) -> None:
    release = release_in(tmp_path / "release")
    archive = packed(release, tmp_path)
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * cut)] + noise)
    with tempfile.TemporaryDirectory(dir=tmp_path) as name:
        home = Home(Path(name))
        try:
            taken_in(archive, home, MOST).verify()
        except FrontdeskError:
            assert home.store.list() == []
        else:
            # what was cut off is the padding at the end
            assert cut > 0.5
            assert home.store.list()[0].files == release.files
    archive.unlink()


@pytest.mark.anyio
async def test_what_arrives_is_kept_up_to_a_bound(tmp_path: Path) -> None:
    async def parts(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"0123456789"

    path = await kept(parts(3), tmp_path, 30)
    assert path.read_bytes() == b"0123456789" * 3
    path.unlink()
    with pytest.raises(ServiceError, match="FRONTDESK_MAX_MODEL"):
        await kept(parts(4), tmp_path, 30)
    assert os.listdir(tmp_path) == []
