"""Accounts of agents, operators and administrators, and their sessions.

Passwords are hashed by Argon2id (RFC 9106); session tokens rest as SHA-256 only. There is no
default account: the first administrator is made with a one-time code from the terminal.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.record import schema as t
from bot.record.record import Record
from models.errors import BadRequest, Conflict, Forbidden, NotFound, Unauthenticated

Role = Literal["agent", "operator", "admin"]
RANK: dict[str, int] = {"agent": 1, "operator": 2, "admin": 3}
SESSION_SECONDS = 12 * 3600
MIN_PASSWORD = 10
_USERNAME = re.compile(r"[\w.@-]{2,64}")


@dataclass(frozen=True)
class User:
    """A member of staff."""

    username: str
    display_name: str
    role: Role
    disabled: bool = False

    def may(self, role: Role) -> bool:
        """Whether the user has at least the rights of ``role``."""
        return RANK[self.role] >= RANK[role]


@dataclass(frozen=True)
class Session:
    """A signed-in browser: the token goes into a cookie, ``csrf`` into a header."""

    token: str
    csrf: str
    user: User


class Staff:
    """Creates accounts and signs people in. Methods block."""

    def __init__(self, record: Record, home: Path, setup_code: str | None) -> None:
        self._engine = record.engine
        self._hasher = PasswordHasher()
        self._code_file = home / "setup-code"
        self._given_code = setup_code
        # verified when no such user exists, so that both take the same time
        self._decoy = self._hasher.hash(secrets.token_hex(16))

    # -- the first administrator ------------------------------------------------------------

    def setup_needed(self) -> bool:
        """Whether there is no account yet."""
        with self._engine.connect() as db:
            return db.execute(select(func.count()).select_from(t.staff)).scalar() == 0

    def setup_code(self) -> str | None:
        """Return the one-time code, made on first call; None when it is no longer needed."""
        if not self.setup_needed():
            return None
        if self._given_code:
            return self._given_code
        if not self._code_file.exists():
            self._code_file.touch(mode=0o600)
            self._code_file.write_text(secrets.token_urlsafe(9))
        return self._code_file.read_text().strip()

    def set_up(self, code: str, username: str, display_name: str, password: str) -> Session:
        """Create the first administrator. Raises Forbidden on a wrong code."""
        expected = self.setup_code()
        if expected is None:
            raise Conflict("There is an administrator already", fix="Sign in instead.")
        if not secrets.compare_digest(expected.encode(), code.strip().encode()):
            raise Forbidden(
                "The set-up code is wrong", fix="Copy it from the terminal of 'frontdesk serve'."
            )
        self.create(username, display_name, "admin", password)
        self._code_file.unlink(missing_ok=True)
        return self.sign_in(username, password)

    # -- accounts ---------------------------------------------------------------------------

    def create(self, username: str, display_name: str, role: Role, password: str) -> User:
        """Create an account. Raises BadRequest, Conflict."""
        if not _USERNAME.fullmatch(username):
            raise BadRequest(
                "This user name cannot be used",
                expected="2 to 64 letters, digits, '.', '@', '-' or '_'",
                found=repr(username[:70]),
            )
        if role not in RANK:
            raise BadRequest("There is no such role", expected=", ".join(RANK), found=repr(role))
        _check_password(password, username)
        values = {
            "username": username,
            "display_name": (display_name or username)[:64],
            "role": role,
            "password_hash": self._hasher.hash(password),
            "created_at": time.time(),
        }
        try:
            with self._engine.begin() as db:
                db.execute(insert(t.staff).values(**values))
        except IntegrityError as error:
            raise Conflict("This user name is taken") from error
        return User(username, str(values["display_name"]), role)

    def users(self) -> list[User]:
        """Return all accounts."""
        with self._engine.connect() as db:
            rows = db.execute(select(t.staff).order_by(t.staff.c.username)).all()
        return [_user(row) for row in rows]

    def change(
        self,
        username: str,
        *,
        role: Role | None = None,
        disabled: bool | None = None,
        password: str | None = None,
        display_name: str | None = None,
    ) -> User:
        """Change an account; whoever is signed in under it must sign in anew.

        Another name alone leaves the sessions as they are. Raises NotFound, BadRequest, and
        Conflict where nobody would be left who may change accounts.
        """
        if role is not None and role not in RANK:
            raise BadRequest("There is no such role", expected=", ".join(RANK), found=repr(role))
        given = {"role": role, "disabled": disabled, "display_name": display_name}
        values: dict[str, Any] = {name: to for name, to in given.items() if to is not None}
        if password is not None:
            _check_password(password, username)
            values["password_hash"] = self._hasher.hash(password)
        with self._engine.begin() as db:
            # all rows: two administrators must not switch each other off at once
            rows = db.execute(select(t.staff).with_for_update()).all()
            known = next((row for row in rows if row.username == username), None)
            if known is None:
                raise NotFound("There is no such account")
            after = replace(_user(known), **{k: v for k, v in values.items() if k in given})
            others = [_user(row) for row in rows if row.username != username]
            if not any(user.role == "admin" and not user.disabled for user in (*others, after)):
                raise Conflict(
                    "This is the last administrator", fix="Make somebody else one first."
                )
            if values:
                db.execute(update(t.staff).where(t.staff.c.username == username).values(**values))
            if values.keys() - {"display_name"}:
                db.execute(delete(t.staff_sessions).where(t.staff_sessions.c.username == username))
        return after

    def display_name(self, username: str) -> str:
        """Return how customers see an agent."""
        with self._engine.connect() as db:
            name = db.execute(
                select(t.staff.c.display_name).where(t.staff.c.username == username)
            ).scalar()
        return str(name or username)

    # -- sessions ---------------------------------------------------------------------------

    def sign_in(self, username: str, password: str) -> Session:
        """Check a password and open a session. Raises Unauthenticated."""
        with self._engine.connect() as db:
            row = db.execute(select(t.staff).where(t.staff.c.username == username)).first()
        try:
            self._hasher.verify(row.password_hash if row else self._decoy, password)
        except (VerifyMismatchError, InvalidHashError):
            row = None
        if row is None:
            raise Unauthenticated("User name or password is wrong")
        if row.disabled:
            raise Unauthenticated("This account is switched off", fix="Ask an administrator.")
        session = Session(secrets.token_urlsafe(32), secrets.token_urlsafe(24), _user(row))
        with self._engine.begin() as db:
            db.execute(delete(t.staff_sessions).where(t.staff_sessions.c.expires_at < time.time()))
            db.execute(
                insert(t.staff_sessions).values(
                    token_hash=_hash(session.token),
                    username=row.username,
                    csrf=session.csrf,
                    expires_at=time.time() + SESSION_SECONDS,
                )
            )
        return session

    def session(self, token: str) -> Session:
        """Return the session of a cookie. Raises Unauthenticated."""
        with self._engine.connect() as db:
            row = db.execute(
                select(t.staff_sessions.c.csrf, t.staff)
                .join(t.staff, t.staff.c.username == t.staff_sessions.c.username)
                .where(
                    t.staff_sessions.c.token_hash == _hash(token),
                    t.staff_sessions.c.expires_at > time.time(),
                    t.staff.c.disabled.is_(False),
                )
            ).first()
        if row is None:
            raise Unauthenticated("You are not signed in", fix="Sign in and try again.")
        return Session(token, row.csrf, _user(row))

    def sign_out(self, token: str) -> None:
        """Close a session."""
        with self._engine.begin() as db:
            db.execute(
                delete(t.staff_sessions).where(t.staff_sessions.c.token_hash == _hash(token))
            )

    def note(self, who: str, what: str, target: str) -> None:
        """Write an entry of the audit log."""
        with self._engine.begin() as db:
            db.execute(
                insert(t.audit).values(at=time.time(), who=who, what=what, target=target[:200])
            )


def _check_password(password: str, username: str) -> None:
    if len(password) < MIN_PASSWORD or password.casefold() in username.casefold():
        raise BadRequest(
            "The password is too weak",
            expected=f"at least {MIN_PASSWORD} characters, not part of the user name",
            found=f"{len(password)} characters",
        )


def _user(row: Row[Any]) -> User:
    return User(row.username, row.display_name, row.role, row.disabled)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
