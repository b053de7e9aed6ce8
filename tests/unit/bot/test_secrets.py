from __future__ import annotations

import stat
import threading
import time
from pathlib import Path

import jwt
import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from bot.events import Event
from bot.record import schema
from bot.record.record import Record
from bot.secrets import Signer, Vault, load_secret, make_customer_token, read_customer_token
from models.errors import NotFound, ServiceError, Unauthenticated
from tests.support.records import SECRET, opened, talk

SITE = "s" * 32


def test_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = load_secret(tmp_path / "home", None)
    assert len(first) == 32
    assert load_secret(tmp_path / "home", None) == first
    assert stat.S_IMODE((tmp_path / "home" / "secret").stat().st_mode) == 0o600


def test_given_secret_is_not_written(tmp_path: Path) -> None:
    assert load_secret(tmp_path, "chosen") == load_secret(tmp_path, "chosen")
    assert load_secret(tmp_path, "chosen") != load_secret(tmp_path, "other")
    assert list(tmp_path.iterdir()) == []


def test_processes_that_start_together_get_one_secret(tmp_path: Path) -> None:
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(load_secret(tmp_path, None))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert len(found) == 8
    assert set(map(len, found)) == {32}
    assert len(set(found)) == 1


@given(st.text())
def test_seal_opens_to_what_was_sealed(value: str) -> None:
    signer = Signer(SECRET, "button")
    if any("\ud800" <= c <= "\udfff" for c in value):
        return
    assert signer.open(signer.seal(value)) == value


@given(st.text(alphabet=st.characters(codec=None)))
def test_nothing_unsealed_opens(value: str) -> None:
    assert Signer(SECRET, "button").open(value) is None


def test_seal_of_another_purpose_or_service_does_not_open() -> None:
    sealed = Signer(SECRET, "button").seal("/human")
    assert Signer(SECRET, "conversation").open(sealed) is None
    assert Signer(b"\x08" * 32, "button").open(sealed) is None
    assert Signer(SECRET, "button").open(sealed[:-2] + "AA") is None


def test_vault_reads_back_for_its_own_subject_only() -> None:
    vault = Vault(SECRET)
    wrapped = vault.new_key("customer:1")
    locked = vault.cipher("customer:1", wrapped).lock(b"address")
    assert vault.cipher("customer:1", wrapped).unlock(locked) == b"address"
    with pytest.raises(ServiceError, match="another secret"):
        vault.cipher("customer:2", wrapped)
    with pytest.raises(ServiceError, match="another secret"):
        Vault(b"\x09" * 32).cipher("customer:1", wrapped)


def test_altered_field_is_refused() -> None:
    vault = Vault(SECRET)
    cipher = vault.cipher("customer:1", vault.new_key("customer:1"))
    locked = bytearray(cipher.lock(b"address"))
    locked[-1] ^= 1
    with pytest.raises(InvalidTag):
        cipher.unlock(bytes(locked))


def test_personal_words_do_not_stand_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "record.sqlite3"
    with opened(path) as record:
        conversation = talk(record)
        record.accept(conversation.id, "m1", {"text": "I live at 12 Harbour Lane"})
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"Harbour" not in stored


def _erase(record: Record, subject: str) -> None:
    with record.engine.begin() as db:
        db.execute(
            update(schema.subjects)
            .where(schema.subjects.c.subject == subject)
            .values(wrapped_key=None)
        )


def test_dropped_key_makes_a_customer_unreadable_and_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "record.sqlite3"
    with opened(path) as record:
        gone, kept = talk(record, "C1"), talk(record, "C2")
        for conversation in (gone, kept):
            record.accept(conversation.id, "m1", {"text": "my secret"})
            record.escalate(conversation.id, [Event("handoff", {"summary": "my secret"})])
        _erase(record, gone.subject)
    with opened(path) as record:
        with pytest.raises(NotFound, match="erased"):
            record.events(gone.id)
        with pytest.raises(NotFound, match="erased"):
            record.append(gone.id, [Event("slot", {"name": "a", "value": 1})])
        assert record.events(kept.id)[0].data["text"] == "my secret"
        assert [item["conversation"] for item in record.queue()] == [kept.id]


def test_key_moved_to_another_customer_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path / "record.sqlite3") as record:
        mine, theirs = talk(record, "C1"), talk(record, "C2")
        record.accept(mine.id, "m1", {"text": "mine"})
        with record.engine.begin() as db:
            keys = schema.subjects.c
            wrapped = db.execute(schema.subjects.select().where(keys.subject == mine.subject)).one()
            db.execute(
                update(schema.subjects)
                .where(keys.subject == theirs.subject)
                .values(wrapped_key=wrapped.wrapped_key)
            )
        with pytest.raises(ServiceError, match="another secret"):
            record.accept(theirs.id, "m1", {"text": "theirs"})


def test_customer_token_names_its_customer() -> None:
    assert read_customer_token(make_customer_token("C1001", SITE), SITE) == "C1001"


@pytest.mark.parametrize(
    ("token", "why"),
    [
        (make_customer_token("C1", "t" * 32), "InvalidSignatureError"),
        (make_customer_token("C1", SITE, seconds=-5), "ExpiredSignatureError"),
        ("nonsense", "DecodeError"),
        (jwt.encode({"sub": "C1", "exp": time.time() + 86_400}, SITE), "MissingRequiredClaimError"),
        (jwt.encode({"aud": "frontdesk", "sub": "C1"}, SITE), "MissingRequiredClaimError"),
        (
            jwt.encode({"aud": "other", "sub": "C1", "exp": time.time() + 86_400}, SITE),
            "InvalidAudienceError",
        ),
    ],
)
def test_forged_expired_or_foreign_customer_token_is_refused(token: str, why: str) -> None:
    with pytest.raises(Unauthenticated, match=why):
        read_customer_token(token, SITE)


def test_unsigned_customer_token_is_refused() -> None:
    claims = {"aud": "frontdesk", "sub": "C1", "exp": time.time() + 60}
    with pytest.raises(Unauthenticated):
        read_customer_token(jwt.encode(claims, None, algorithm="none"), SITE)


def test_no_customer_signs_in_where_there_is_no_secret() -> None:
    with pytest.raises(Unauthenticated, match="FRONTDESK_CUSTOMER_JWT_SECRET"):
        read_customer_token(make_customer_token("C1", SITE), None)
