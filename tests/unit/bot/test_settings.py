from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Settings
from bot.settings_doc import PAGE, page


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable and no .env file of this machine counts."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"FRONTDESK_{name.upper()}", raising=False)


def test_every_option_is_described() -> None:
    assert [n for n, field in Settings.model_fields.items() if not field.description] == []


def test_the_page_is_what_the_settings_make_it() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run 'python -m bot.settings_doc'"


def test_defaults_need_no_other_service(tmp_path: Path) -> None:
    found = Settings()
    assert found.home == tmp_path / "var"
    assert found.database_url == f"sqlite:///{tmp_path / 'var' / 'record.sqlite3'}"
    assert found.redis_url is None
    assert not found.typed_intents
    assert found.host == "127.0.0.1"


def test_defaults_answer_within_ten_seconds() -> None:
    found = Settings()
    assert found.action_timeout < 9
    assert found.turn_lease + 1 < 10


def test_variables_and_env_file_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("FRONTDESK_PORT=9000\nOTHER=1\n")
    monkeypatch.setenv("FRONTDESK_ORIGINS", '["https://shop.example"]')
    monkeypatch.setenv("FRONTDESK_RECORD_URL", "postgresql+psycopg://u@h/d")
    found = Settings()
    assert found.port == 9000
    assert found.origins == ("https://shop.example",)
    assert found.database_url == "postgresql+psycopg://u@h/d"


def test_secrets_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_SECRET", "very-secret")
    monkeypatch.setenv("FRONTDESK_CUSTOMER_JWT_SECRET", "j" * 40)
    monkeypatch.setenv("FRONTDESK_SETUP_CODE", "setup-secret")
    shown = repr(Settings()) + str(Settings().model_dump())
    assert "very-secret" not in shown
    assert "setup-secret" not in shown
    assert "j" * 40 not in shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "99999"),
        ("WORKERS", "0"),
        ("ACTION_TIMEOUT", "0"),
        ("ORIGINS", "https://shop.example"),
        ("CUSTOMER_JWT_SECRET", "short"),
        ("MAX_TEXT", "many"),
    ],
)
def test_value_that_cannot_be_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"FRONTDESK_{name}", value)
    with pytest.raises((ValidationError, ValueError)):
        Settings()


@pytest.mark.parametrize(
    "given",
    [
        {"rasa_token": "short"},
        {"webhook_secret": "short"},
        {"channel_jwt_secret": "s" * 31},
        {"chatwoot_url": "https://chat.example"},
        {"chatwoot_token": "t", "chatwoot_secret": "s" * 16},
        {"webhook_url": "https://shop.example"},
        {"socketio_path": "socket.io"},
        {"socketio_namespace": "chat"},
    ],
)
def test_channels_are_set_up_whole_or_not_at_all(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Settings(**given)  # type: ignore[arg-type]
    Settings(
        chatwoot_url="https://chat.example",
        chatwoot_token="t",  # type: ignore[arg-type]
        chatwoot_secret="s" * 16,  # type: ignore[arg-type]
    )
