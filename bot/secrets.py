"""Secrets of the service and what is made from them: tokens, signatures, wrapped keys."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
import time
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.errors import ServiceError, Unauthenticated


def load_secret(home: Path, given: str | None) -> bytes:
    """Return the service's secret: the given one, or one made once under ``home`` (mode 0600)."""
    if given:
        return hashlib.sha256(given.encode()).digest()
    path = home / "secret"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".secret.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.urlsafe_b64encode(secrets.token_bytes(32)))
        # a link appears whole and once, whoever else starts at the same moment
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return base64.urlsafe_b64decode(path.read_bytes())


class Signer:
    """Signs short strings for one purpose; a signature of one purpose fails for another."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._key = hmac.digest(secret, purpose.encode(), "sha256")

    def sign(self, value: str) -> str:
        """Return a URL-safe HMAC-SHA256 of ``value``."""
        digest = hmac.digest(self._key, value.encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:24]).decode()

    def verify(self, value: str, signature: str) -> bool:
        """Tell in constant time whether ``signature`` belongs to ``value``."""
        return hmac.compare_digest(self.sign(value).encode(), signature.encode())

    def seal(self, value: str) -> str:
        """Return ``value`` together with its signature."""
        payload = base64.urlsafe_b64encode(value.encode()).decode()
        return f"{payload}.{self.sign(value)}"

    def open(self, sealed: str) -> str | None:
        """Return the value that ``seal`` was given, or None if the seal is broken."""
        payload, _, signature = sealed.rpartition(".")
        try:
            value = base64.urlsafe_b64decode(payload.encode()).decode()
            return value if self.verify(value, signature) else None
        except (ValueError, UnicodeError):
            return None


class Vault:
    """AES-256-GCM with one key per data subject; dropping the key erases what it locked.

    Keys rest wrapped by the service's secret. Source: NIST SP 800-38D (GCM), with the
    subject as associated data so that a wrapped key cannot be moved to another subject.
    """

    def __init__(self, secret: bytes) -> None:
        self._wrapper = AESGCM(hmac.digest(secret, b"vault", "sha256"))

    def new_key(self, subject: str) -> bytes:
        """Return a fresh wrapped key of ``subject``."""
        nonce = secrets.token_bytes(12)
        key = AESGCM.generate_key(256)
        return nonce + self._wrapper.encrypt(nonce, key, subject.encode())

    def cipher(self, subject: str, wrapped: bytes) -> Cipher:
        """Unwrap a key. Raises ServiceError when the service's secret has changed."""
        try:
            key = self._wrapper.decrypt(wrapped[:12], wrapped[12:], subject.encode())
        except InvalidTag as error:
            raise ServiceError(
                "The record was written under another secret",
                expected="the FRONTDESK_SECRET (or secret file) that this home began with",
                found="a different one",
                fix="Restore the secret; without it personal data cannot be read.",
            ) from error
        return Cipher(AESGCM(key))


class Cipher:
    """Encrypts one subject's personal fields."""

    def __init__(self, aead: AESGCM) -> None:
        self._aead = aead

    def lock(self, data: bytes) -> bytes:
        """Encrypt ``data``."""
        nonce = secrets.token_bytes(12)
        return nonce + self._aead.encrypt(nonce, data, None)

    def unlock(self, data: bytes) -> bytes:
        """Decrypt what ``lock`` returned."""
        return self._aead.decrypt(data[:12], data[12:], None)


def read_customer_token(token: str, secret: str | None) -> str:
    """Return the customer id of a JWT (HS256, RFC 7519) that the embedding site signed.

    Raises Unauthenticated when sign-in is not set up, or the token is forged or expired.
    """
    if not secret:
        raise Unauthenticated(
            "Customers cannot sign in here",
            fix="Set FRONTDESK_CUSTOMER_JWT_SECRET to the embedding site's signing secret.",
        )
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            options={"require": ["sub", "exp"]},
            audience="frontdesk",
        )
    except jwt.PyJWTError as error:
        raise Unauthenticated(
            "The customer token is not valid",
            expected="an HS256 JWT with sub, exp and aud 'frontdesk'",
            found=type(error).__name__,
            fix="Let the embedding site sign the customer in again.",
        ) from error
    return str(claims["sub"])


def make_customer_token(customer: str, secret: str, seconds: int = 3600) -> str:
    """Sign a customer in, as an embedding site does."""
    claims = {"sub": customer, "aud": "frontdesk", "exp": int(time.time()) + seconds}
    return jwt.encode(claims, secret, algorithm="HS256")
