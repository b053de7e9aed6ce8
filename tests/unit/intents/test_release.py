import json
import os
import threading
from pathlib import Path

import pytest

from intents.release import MANIFEST, Facts, Release, seal
from intents.store import ReleaseStore
from models.errors import ReleaseAltered, ReleaseError, ReleaseNotFound


def make(folder: Path, **files: str) -> Release:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return seal(folder, Facts(labels=("a", "b"), languages=("en",), seed=7))


@pytest.fixture
def made(tmp_path: Path) -> Release:
    return make(tmp_path / "made", encoder__model="weights", intent="head one")


@pytest.fixture
def store(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path / "home")


def test_manifest_keeps_facts_and_hashes(made: Release) -> None:
    again = Release.open(made.folder)
    assert again.facts.labels == ("a", "b")
    assert again.facts.seed == 7
    assert again.id
    assert again.facts.created
    assert set(again.files) == {"encoder/model", "intent"}
    again.verify()


@pytest.mark.parametrize("change", ["edit", "remove", "add"])
def test_any_change_of_a_release_is_found(made: Release, change: str) -> None:
    target = made.folder / "intent"
    if change == "edit":
        target.write_text("another head")
    elif change == "remove":
        target.unlink()
    else:
        (made.folder / "more").write_text("x")
    with pytest.raises(ReleaseAltered, match="Roll back"):
        made.verify()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"files": {}}', '{"id": "a", "created": "x", "files": {"../etc": "0"}}',
     '{"id": "../x", "created": "x", "files": {}}', '{"id": "a", "created": "b", "files": []}'],
)  # fmt: skip
def test_broken_manifests_are_refused(made: Release, text: str) -> None:
    (made.folder / MANIFEST).write_text(text)
    with pytest.raises(ReleaseAltered):
        Release.open(made.folder)


def test_no_manifest_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(ReleaseNotFound):
        Release.open(tmp_path)


def test_store_shares_files_by_hard_links(made: Release, store: ReleaseStore) -> None:
    first = store.add(made.folder)
    second = store.derive(first, {"intent": b"head two"}, note="changed")
    assert first.id != second.id
    assert second.facts.parent == first.id
    assert second.facts.note == "changed"
    assert os.path.samefile(first.path("encoder/model"), second.path("encoder/model"))
    assert second.path("intent").read_bytes() == b"head two"
    assert first.path("intent").read_bytes() == b"head one"
    first.verify()
    second.verify()


def test_adding_twice_is_adding_once(made: Release, store: ReleaseStore) -> None:
    assert store.add(made.folder).id == store.add(made.folder).id
    assert len(store.list()) == 1


def test_altered_folder_is_not_taken_in(made: Release, store: ReleaseStore) -> None:
    (made.folder / "intent").write_text("another")
    with pytest.raises(ReleaseAltered):
        store.add(made.folder)
    assert store.list() == []


def test_derive_replaces_and_drops_folders(
    made: Release, store: ReleaseStore, tmp_path: Path
) -> None:
    first = store.add(made.folder)
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "a.bin").write_bytes(b"1")
    second = store.derive(first, {"index/": tmp_path / "index"})
    assert second.has("index/a.bin")
    third = store.derive(second, {"index/": None, "intent": None, "card": tmp_path / "index/a.bin"})
    assert set(third.files) == {"encoder/model", "card"}
    third.verify()


def test_promote_and_rollback_walk_back(made: Release, store: ReleaseStore) -> None:
    assert store.current() is None
    assert store.current_id() is None
    a = store.add(made.folder)
    b = store.derive(a, {"intent": b"2"})
    c = store.derive(b, {"intent": b"3"})
    for release in (a, b, c):
        store.promote(release.id)
    assert store.current_id() == c.id
    assert store.rollback().id == b.id
    assert store.rollback().id == a.id
    with pytest.raises(ReleaseError, match="roll back"):
        store.rollback()
    store.promote(c.id)
    assert store.rollback().id == a.id


def test_altered_release_is_not_promoted(made: Release, store: ReleaseStore) -> None:
    a = store.add(made.folder)
    b = store.derive(a, {"intent": b"2"})
    store.promote(a.id)
    b.path("intent").chmod(0o644)
    b.path("intent").write_bytes(b"9")
    with pytest.raises(ReleaseAltered):
        store.promote(b.id)
    assert store.current_id() == a.id


def test_what_a_sound_release_shares_is_not_read_again(made: Release, store: ReleaseStore) -> None:
    a = store.add(made.folder)
    b = store.derive(a, {"intent": b"2"})
    shared = next(name for name in a.files if name != "intent")
    before = b.path(shared).read_bytes()
    b.path(shared).chmod(0o644)
    b.path(shared).write_bytes(before + b"!")
    assert store.promote(b.id, sound=a).id == b.id
    with pytest.raises(ReleaseAltered):
        store.promote(b.id)
    b.path(shared).unlink()
    with pytest.raises(ReleaseAltered):
        store.promote(b.id, sound=a)


def test_what_a_sound_release_does_not_share_is_compared(
    made: Release, store: ReleaseStore
) -> None:
    a = store.add(made.folder)
    b = store.derive(a, {"intent": b"2"})
    b.path("intent").chmod(0o644)
    b.path("intent").write_bytes(b"9")
    with pytest.raises(ReleaseAltered):
        store.promote(b.id, sound=a)


@pytest.mark.parametrize("name", ["nope", "", "..", "a/b", ".draft"])
def test_unknown_ids(store: ReleaseStore, name: str) -> None:
    with pytest.raises(ReleaseNotFound):
        store.get(name)
    with pytest.raises(ReleaseNotFound):
        store.promote(name)


def test_prune_keeps_what_serves_and_frees_the_rest(made: Release, store: ReleaseStore) -> None:
    first = store.add(made.folder)
    store.promote(first.id)
    releases = [first]
    for number in range(5):
        releases.append(store.derive(releases[-1], {"intent": f"head {number}".encode()}))
    (store.releases / ".draft.left.1").mkdir()
    removed, freed = store.prune(keep=2)
    assert {r.id for r in store.list()} == {first.id, releases[-1].id, releases[-2].id}
    assert len(removed) == 3
    assert freed == 3 * len(b"head 0")
    assert not list(store.releases.glob(".*"))
    for release in store.list():
        release.verify()


def test_readers_always_find_a_whole_current_release(made: Release, store: ReleaseStore) -> None:
    a = store.add(made.folder)
    b = store.derive(a, {"intent": b"2"})
    store.promote(a.id)
    seen: set[str] = set()
    stop = threading.Event()
    failures: list[BaseException] = []

    def read() -> None:
        while not stop.is_set():
            try:
                found = ReleaseStore(store.home).current()
                assert found is not None
                found.verify()
                seen.add(found.id)
            except BaseException as error:
                failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(30):
        store.promote(b.id)
        store.promote(a.id)
    stop.set()
    reader.join()
    assert failures == []
    assert seen <= {a.id, b.id}


def test_promotions_are_logged(made: Release, store: ReleaseStore) -> None:
    a = store.add(made.folder)
    store.promote(a.id, "first")
    (entry,) = store.promotions()
    assert (entry["release"], entry["reason"]) == (a.id, "first")
    assert json.loads((store.home / "promotions.jsonl").read_text())["release"] == a.id


def test_files_of_the_store_are_read_only(made: Release, store: ReleaseStore) -> None:
    release = store.add(made.folder)
    assert release.path("intent").stat().st_mode & 0o222 == 0
