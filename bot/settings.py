"""Every option of the service, read from ``FRONTDESK_*`` variables or an ``.env`` file.

``docs/settings.md`` is generated from the descriptions below and checked by a test.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Options of ``frontdesk serve``; the defaults run everything on one machine."""

    model_config = SettingsConfigDict(env_prefix="FRONTDESK_", env_file=".env", extra="ignore")

    home: Path = Field(
        Path("var"), description="Folder of all state: record, releases, secrets, Redis data."
    )
    pack: Path | None = Field(
        None, description="Assistant to prepare on first start; the shipped retail pack if unset."
    )
    host: str = Field("127.0.0.1", description="Address the service listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port the service listens on.")
    workers: int = Field(1, ge=1, le=32, description="Number of worker processes.")
    threads: int = Field(
        1, ge=1, le=32, description="Compute threads of a worker's encoder; one is fastest."
    )
    redis_url: str | None = Field(
        None, description="Redis or Valkey by URL; the embedded server if unset."
    )
    record_url: str | None = Field(
        None, description="SQLAlchemy URL of the record; SQLite under `home` if unset."
    )
    actions_url: str | None = Field(
        None,
        description="Address of an action server, `http(s)://…/webhook` or `grpc(s)://host:port`; "
        "the pack's own as a child if unset.",
    )
    actions_ca: Path | None = Field(
        None, description="PEM of who signs the action server's certificate; the system's if unset."
    )
    actions_cert: Path | None = Field(
        None, description="PEM of the certificate that the action server is shown."
    )
    actions_key: Path | None = Field(None, description="PEM of that certificate's key.")
    endpoints: Path | None = Field(
        None,
        description="A Rasa `endpoints.yml`, whose `action_endpoint` counts where "
        "`FRONTDESK_ACTIONS_URL` is unset, `models` where `FRONTDESK_MODELS_URL` is, and `nlg` "
        "where `FRONTDESK_NLG_URL` is.",
    )
    actions_user: str | None = Field(
        None,
        description="User the pack's action server runs as where the service is root: "
        "`frontdesk-actions`, else `nobody`, if unset; `root` keeps it as it is.",
    )
    secret: SecretStr | None = Field(
        None, description="Signs tokens and wraps keys; made once under `home` if unset."
    )
    customer_jwt_secret: SecretStr | None = Field(
        None, description="HS256 secret of the embedding site, which signs its customers in."
    )
    origins: tuple[str, ...] = Field(
        (), description="Other web origins whose pages may embed the widget (JSON list)."
    )
    secure_cookies: bool = Field(
        False, description="Send the staff cookie over HTTPS only; set it behind TLS."
    )
    trusted_proxies: tuple[str, ...] = Field(
        (), description="Addresses of reverse proxies whose X-Forwarded-For is believed."
    )
    demo: bool = Field(
        True, description="Serve the demo shop at `/`, with sign-in as its example customers."
    )
    setup_code: SecretStr | None = Field(
        None, description="One-time code that creates the first administrator; printed if unset."
    )
    max_text: int = Field(4_000, ge=100, description="Longest message in characters.")
    max_body: int = Field(65_536, ge=1_024, description="Largest request body in bytes.")
    messages_per_minute: int = Field(
        40, ge=1, description="Messages of one conversation a minute before it is slowed down."
    )
    conversations_per_minute: int = Field(
        60, ge=1, description="New conversations of one address a minute."
    )
    familiar_messages: int = Field(
        1_000,
        ge=0,
        description="Short messages whose reading each worker remembers, as others send the same; "
        "0 reads every message anew.",
    )
    action_timeout: float = Field(
        6.0, gt=0, le=300, description="Seconds an action may take before a person is offered."
    )
    turn_lease: float = Field(
        4.0, gt=0.5, le=60, description="Seconds after which another worker takes up a turn."
    )
    session_ttl: int = Field(
        86_400, ge=60, description="Seconds that a tracker snapshot stays in Redis."
    )
    presence_ttl: float = Field(
        40.0, gt=1, description="Seconds after an agent's last sign before they count as away."
    )
    takeover_lapse: float = Field(
        180.0, gt=1, description="Seconds an absent agent keeps a conversation."
    )
    handoff_wait: float = Field(
        120.0, gt=1, description="Seconds a customer waits for a person before the bot goes on."
    )
    escalation_webhook: str | None = Field(
        None, description="URL that is told of each new escalation by a signed POST."
    )
    typed_intents: bool = Field(
        False, description="Accept `/intent{...}` typed by anyone; for development only."
    )
    open_intents: tuple[str, ...] = Field(
        ("restart", "session_start"),
        description="Intents that anyone may send as `/intent` on any channel (JSON list); "
        "`intent{}` also with entities, as in `/intent{...}`.",
    )
    rasa_token: SecretStr | None = Field(
        None,
        description="Token of the operator's own servers: turns on Rasa's HTTP API, and lets them "
        "speak for any sender on the Rasa channels.",
    )
    rasa_jwt_secret: SecretStr | None = Field(
        None, description="HS256 secret of JWTs for Rasa's HTTP API, with roles `admin` and `user`."
    )
    training_timeout: float = Field(
        1800.0, gt=0, description="Seconds that a training asked for by Rasa's HTTP API may last."
    )
    max_training_body: int = Field(
        10_000_000, ge=1_024, description="Largest body of such a training or test, in bytes."
    )
    nlg_url: str | None = Field(
        None,
        description="Server that words responses, as `nlg` in Rasa's `endpoints.yml`; the "
        "assistant's own wording is said where it is away.",
    )
    nlg_token: SecretStr | None = Field(
        None, description="Token for that server, sent as `?token=`."
    )
    nlg_timeout: float = Field(2.0, gt=0, description="Seconds that it may take for one response.")
    models_url: str | None = Field(
        None,
        description="Server that models are pulled from, as `models` in Rasa's `endpoints.yml`; "
        "the first start takes its model instead of training one.",
    )
    models_token: SecretStr | None = Field(
        None, description="Token for that server, sent as `?token=`."
    )
    models_interval: float = Field(
        100.0, ge=1, description="Seconds between two questions for another model."
    )
    max_model: int = Field(
        2_000_000_000, ge=1_024, description="Largest model that is fetched, in bytes."
    )
    channel_jwt_secret: SecretStr | None = Field(
        None,
        description="HS256 secret of the JWTs that the Rasa channels then require; a `sub` in one "
        "binds its conversations to whoever holds it.",
    )
    socketio_path: str = Field(
        "/socket.io", pattern="^(/[A-Za-z0-9._-]+)+$", description="Path of the socket.io channel."
    )
    socketio_namespace: str = Field(
        "/", pattern="^/[A-Za-z0-9._-]*$", description="Namespace of the socket.io channel."
    )
    socketio_metadata_keys: tuple[str, ...] = Field(
        ("metadata", "customData"),
        description="Keys under which socket.io clients send metadata with a message (JSON list).",
    )
    socketio_session_persistence: bool = Field(
        True,
        description="Keep a socket.io session over reconnects; if not, each connection is one.",
    )
    callback_url: str | None = Field(
        None, description="URL that gets the replies of Rasa's callback channel; off if unset."
    )
    webhook_secret: SecretStr | None = Field(
        None, description="Signs the webhook channel's requests, both ways, and callbacks."
    )
    webhook_url: str | None = Field(
        None, description="URL that gets the replies of the signed webhook channel; off if unset."
    )
    chatwoot_url: str | None = Field(
        None, description="Address of a Chatwoot whose agent bot this is; off if unset."
    )
    chatwoot_token: SecretStr | None = Field(
        None, description="Access token of the agent bot in Chatwoot."
    )
    chatwoot_secret: SecretStr | None = Field(
        None,
        description="Secret of the agent bot's webhook: signs it, or stands in its address.",
    )
    chatwoot_storages: tuple[str, ...] = Field(
        (),
        description="Origins beside Chatwoot's own that its files may be fetched from (JSON list), "
        "such as the bucket it keeps them in.",
    )
    generator: Literal["template", "editor", "endpoint", "gguf"] = Field(
        "template",
        description="Who words the replies: the templates as they are, the neural editor that "
        "`frontdesk editor` trained, or a language model; what rewrites stands behind the checker "
        "([generation](generation.md)).",
    )
    generator_url: str | None = Field(
        None, description="Base URL of an OpenAI-compatible endpoint, up to and with `/v1`."
    )
    generator_model: str | None = Field(
        None, description="The endpoint's model, or the path of the GGUF file."
    )
    generator_key: SecretStr | None = Field(
        None, description="The endpoint's key, if it wants one."
    )
    generator_timeout: float = Field(
        4.0, gt=0.1, le=8, description="Seconds a rewriting may take before the template goes out."
    )
    generator_max_tokens: int = Field(
        400, ge=16, le=4_000, description="Most tokens of a rewritten reply."
    )
    generator_personal: bool = Field(
        False,
        description="Send the generator the customer's words and values; only placeholders if not.",
    )
    max_attachment: int = Field(
        5_000_000,
        ge=0,
        le=50_000_000,
        description="Largest file that a customer may send, in bytes; 0 takes none.",
    )
    speech_reader: str | None = Field(
        None,
        description="Speech to text for voice messages ([attachments](attachments.md)): "
        "`module:Class`, or the base URL of an OpenAI-compatible endpoint; none if unset.",
    )
    speech_model: str = Field("whisper-1", description="Model of the speech endpoint.")
    speech_key: SecretStr | None = Field(None, description="Key of the speech endpoint.")
    picture_reader: str | None = Field(
        None, description="What describes pictures, named in the same way; none if unset."
    )
    picture_model: str = Field("gpt-4o-mini", description="Model of the picture endpoint.")
    picture_key: SecretStr | None = Field(None, description="Key of the picture endpoint.")
    reader_timeout: float = Field(
        20.0, gt=0, le=120, description="Seconds that reading one file may take."
    )
    log_level: str = Field("INFO", description="Lowest level that is logged.")
    log_json: bool = Field(False, description="Log JSON lines instead of readable ones.")

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator("customer_jwt_secret", "rasa_jwt_secret", "channel_jwt_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value().encode()) < 32:
            raise ValueError("expected at least 32 bytes for HS256 (RFC 7518, 3.2)")
        return value

    @field_validator("rasa_token", "webhook_secret", "chatwoot_secret")
    @classmethod
    def _unguessable(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 16:
            raise ValueError("expected at least 16 characters that nobody guesses")
        return value

    @model_validator(mode="after")
    def _whole_channels(self) -> Settings:
        chatwoot = self.chatwoot_url, self.chatwoot_token, self.chatwoot_secret
        if any(chatwoot) and not all(chatwoot):
            raise ValueError(
                "expected all of FRONTDESK_CHATWOOT_URL, FRONTDESK_CHATWOOT_TOKEN and "
                "FRONTDESK_CHATWOOT_SECRET, or none"
            )
        if self.webhook_url and self.webhook_secret is None:
            raise ValueError("expected FRONTDESK_WEBHOOK_SECRET with FRONTDESK_WEBHOOK_URL")
        return self

    @model_validator(mode="after")
    def _whole(self) -> Settings:
        if self.generator == "endpoint" and not (self.generator_url and self.generator_model):
            raise ValueError("expected FRONTDESK_GENERATOR_URL and FRONTDESK_GENERATOR_MODEL")
        if self.generator == "gguf" and not self.generator_model:
            raise ValueError("expected the path of a GGUF file in FRONTDESK_GENERATOR_MODEL")
        return self

    @property
    def database_url(self) -> str:
        """URL of the record, with the SQLite default under ``home``."""
        return self.record_url or f"sqlite:///{self.home / 'record.sqlite3'}"
