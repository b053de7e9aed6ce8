from __future__ import annotations

import stat
import time
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import update

from bot.record import schema
from bot.record.record import Record
from bot.staff import Staff, User
from models.errors import BadRequest, Conflict, Forbidden, NotFound, Unauthenticated

PASSWORD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def staff(record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Staff:
    monkeypatch.setattr("bot.staff.PasswordHasher", lambda: QUICK)
    return Staff(record, tmp_path, None)


def test_passwords_are_hashed_as_argon2_recommends(record: Record, tmp_path: Path) -> None:
    Staff(record, tmp_path, None).create("ana", "Ana", "agent", PASSWORD)
    with record.engine.connect() as db:
        [stored] = db.execute(schema.staff.select()).all()
    assert stored.password_hash.startswith("$argon2id$v=19$m=65536,t=3")


# -- the first administrator ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["admin", "root", "frontdesk", ""])
@pytest.mark.parametrize("password", ["admin", "password", "frontdesk", ""])
def test_no_default_account_works(staff: Staff, name: str, password: str) -> None:
    with pytest.raises(Unauthenticated):
        staff.sign_in(name, password)


def test_set_up_code_works_once(staff: Staff, tmp_path: Path) -> None:
    assert staff.setup_needed()
    code = staff.setup_code()
    assert code is not None
    assert staff.setup_code() == code
    assert stat.S_IMODE((tmp_path / "setup-code").stat().st_mode) == 0o600
    session = staff.set_up(f" {code}\n", "ana", "Ana", PASSWORD)
    assert session.user == User("ana", "Ana", "admin")
    assert not staff.setup_needed()
    assert staff.setup_code() is None
    assert not (tmp_path / "setup-code").exists()
    with pytest.raises(Conflict, match="already"):
        staff.set_up(code, "ben", "Ben", PASSWORD)


def test_wrong_set_up_code_makes_nobody(staff: Staff) -> None:
    staff.setup_code()
    for code in ("", "x", "é"):
        with pytest.raises(Forbidden, match="wrong"):
            staff.set_up(code, "ana", "Ana", PASSWORD)
    assert staff.setup_needed()


def test_weak_password_does_not_use_the_code_up(staff: Staff) -> None:
    code = staff.setup_code()
    assert code is not None
    with pytest.raises(BadRequest, match="too weak"):
        staff.set_up(code, "ana", "Ana", "short")
    assert staff.setup_code() == code


def test_given_set_up_code_counts(record: Record, tmp_path: Path) -> None:
    staff = Staff(record, tmp_path, "chosen-code")
    assert staff.setup_code() == "chosen-code"
    assert not (tmp_path / "setup-code").exists()


# -- accounts -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a", "x" * 65, "a b", "a/b", "<b>", "a\n", ""])
def test_name_that_cannot_be_used(staff: Staff, name: str) -> None:
    with pytest.raises(BadRequest, match="user name"):
        staff.create(name, "Ana", "agent", PASSWORD)


@pytest.mark.parametrize("password", ["", "123456789", "ana@shop.example"])
def test_weak_password(staff: Staff, password: str) -> None:
    with pytest.raises(BadRequest, match="too weak"):
        staff.create("ana@shop.example", "Ana", "agent", password)


def test_role_that_does_not_exist(staff: Staff) -> None:
    with pytest.raises(BadRequest, match="role"):
        staff.create("ana", "Ana", "owner", PASSWORD)  # type: ignore[arg-type]


def test_name_is_taken_once(staff: Staff) -> None:
    staff.create("ana", "", "agent", PASSWORD)
    with pytest.raises(Conflict, match="taken"):
        staff.create("ana", "Ana", "admin", PASSWORD)
    assert staff.users() == [User("ana", "ana", "agent")]
    assert staff.display_name("ana") == "ana"
    assert staff.display_name("nobody") == "nobody"


def test_rights_grow_with_the_role() -> None:
    may = {
        role: [
            wanted for wanted in ("agent", "operator", "admin") if User("u", "U", role).may(wanted)
        ]  # type: ignore[arg-type]
        for role in ("agent", "operator", "admin")
    }
    assert may == {
        "agent": ["agent"],
        "operator": ["agent", "operator"],
        "admin": ["agent", "operator", "admin"],
    }


def test_account_that_is_switched_off_is_signed_out_and_stays_out(staff: Staff) -> None:
    staff.create("ada", "Ada", "admin", PASSWORD)
    staff.create("ana", "Ana", "agent", PASSWORD)
    session = staff.sign_in("ana", PASSWORD)
    assert staff.change("ana", disabled=True).disabled
    with pytest.raises(Unauthenticated):
        staff.session(session.token)
    with pytest.raises(Unauthenticated, match="switched off"):
        staff.sign_in("ana", PASSWORD)
    with pytest.raises(Unauthenticated, match="wrong"):
        staff.sign_in("ana", "wrong password")
    staff.change("ana", disabled=False)
    assert staff.session(staff.sign_in("ana", PASSWORD).token).user == User("ana", "Ana", "agent")


def test_new_role_or_password_ends_the_sessions_and_a_new_name_does_not(staff: Staff) -> None:
    staff.create("ada", "Ada", "admin", PASSWORD)
    staff.create("ana", "Ana", "agent", PASSWORD)
    session = staff.sign_in("ana", PASSWORD)
    staff.change("ana", display_name="Anna")
    assert staff.session(session.token).user == User("ana", "Anna", "agent")
    assert staff.change("ana", role="operator").role == "operator"
    with pytest.raises(Unauthenticated):
        staff.session(session.token)
    session = staff.sign_in("ana", PASSWORD)
    staff.change("ana", password="another one of hers")
    with pytest.raises(Unauthenticated):
        staff.session(session.token)
    with pytest.raises(Unauthenticated):
        staff.sign_in("ana", PASSWORD)
    staff.sign_in("ana", "another one of hers")


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": "operator"}])
def test_last_administrator_stays_one(staff: Staff, change: dict[str, Any]) -> None:
    staff.create("ada", "Ada", "admin", PASSWORD)
    staff.create("bea", "Bea", "admin", PASSWORD)
    staff.change("bea", **change)
    with pytest.raises(Conflict, match="last administrator"):
        staff.change("ada", **change)
    assert staff.change("ada", display_name="A.").role == "admin"


def test_change_that_cannot_be_made(staff: Staff) -> None:
    staff.create("ada", "Ada", "admin", PASSWORD)
    with pytest.raises(NotFound):
        staff.change("nobody", disabled=True)
    with pytest.raises(BadRequest, match="role"):
        staff.change("ada", role="owner")  # type: ignore[arg-type]
    with pytest.raises(BadRequest, match="too weak"):
        staff.change("ada", password="short")


# -- sessions -------------------------------------------------------------------------------


def test_session_from_sign_in_to_sign_out(staff: Staff) -> None:
    staff.create("ana", "Ana", "operator", PASSWORD)
    session = staff.sign_in("ana", PASSWORD)
    found = staff.session(session.token)
    assert (found.user, found.csrf) == (User("ana", "Ana", "operator"), session.csrf)
    assert staff.sign_in("ana", PASSWORD).token != session.token
    staff.sign_out(session.token)
    with pytest.raises(Unauthenticated):
        staff.session(session.token)


def test_wrong_password_and_wrong_name_sound_alike(staff: Staff) -> None:
    staff.create("ana", "Ana", "agent", PASSWORD)
    errors = []
    for name, password in (("ana", "wrong password"), ("nobody", PASSWORD), ("ana", "")):
        with pytest.raises(Unauthenticated) as refused:
            staff.sign_in(name, password)
        errors.append(str(refused.value))
    assert len(set(errors)) == 1


def test_unknown_name_costs_a_hash_as_well(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    staff.create("ana", "Ana", "agent", PASSWORD)
    verified: list[str] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, stored: str, given: str) -> bool:
        verified.append(stored)
        return bool(verify(self, stored, given))

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    for name in ("ana", "nobody"):
        with pytest.raises(Unauthenticated):
            staff.sign_in(name, "wrong password")
    assert len(verified) == 2
    assert verified[0].split("$")[:4] == verified[1].split("$")[:4]


def test_session_ends_by_itself(staff: Staff, record: Record) -> None:
    staff.create("ana", "Ana", "agent", PASSWORD)
    session = staff.sign_in("ana", PASSWORD)
    with record.engine.begin() as db:
        db.execute(update(schema.staff_sessions).values(expires_at=time.time() - 1))
    with pytest.raises(Unauthenticated):
        staff.session(session.token)


def test_tokens_rest_as_hashes(staff: Staff, record: Record) -> None:
    staff.create("ana", "Ana", "agent", PASSWORD)
    session = staff.sign_in("ana", PASSWORD)
    with record.engine.connect() as db:
        [stored] = db.execute(schema.staff_sessions.select()).all()
    assert session.token not in str(stored)
    with pytest.raises(Unauthenticated):
        staff.session(stored.token_hash)


def test_what_staff_did_is_noted(staff: Staff, record: Record) -> None:
    staff.note("ana", "opened", "c" * 500)
    with record.engine.connect() as db:
        [row] = db.execute(schema.audit.select()).all()
    assert (row.who, row.what, len(row.target)) == ("ana", "opened", 200)
