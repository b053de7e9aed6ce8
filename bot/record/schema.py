"""Tables of the record. Alembic's migrations under ``bot/record/migrations`` create them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

subjects = Table(
    "subjects",
    metadata,
    Column("subject", String(128), primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=True),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("created_at", Float, nullable=False),
    Column("channel", String(32), nullable=False),
    Column("external_id", String(200), nullable=True),
    Column("language", String(8), nullable=False),
    Column("subject", String(128), ForeignKey("subjects.subject"), nullable=False),
    Column("customer_id", String(128), nullable=True),
    Column("visitor", String(64), nullable=False),
    Column("owner", String(8), nullable=False, default="bot"),
    Column("agent", String(64), nullable=True),
    Column("epoch", Integer, nullable=False, default=0),
    Column("last_seq", Integer, nullable=False, default=0),
    Column("updated_at", Float, nullable=False),
    UniqueConstraint("channel", "external_id"),
    Index("ix_conversations_owner", "owner"),
)

events = Table(
    "events",
    metadata,
    Column("conversation", String(64), ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("at", Float, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("turn", String(64), nullable=True),
    Column("data", LargeBinary, nullable=False),
)

client_messages = Table(
    "client_messages",
    metadata,
    Column("conversation", String(64), ForeignKey("conversations.id"), primary_key=True),
    Column("client_message_id", String(128), primary_key=True),
    Column("seq", Integer, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("conversation", String(64), ForeignKey("conversations.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("accepted_at", Float, nullable=False),
    Column("status", String(8), nullable=False),
    Column("worker", String(64), nullable=True),
    Column("lease_until", Float, nullable=False, default=0.0),
    Column("fence", BigInteger, nullable=False, default=0),
    Column("done_at", Float, nullable=True),
    Column("release", String(64), nullable=True),
    Column("language", String(8), nullable=True),
    Column("intent", String(128), nullable=True),
    Column("confidence", Float, nullable=True),
    Column("decision", String(32), nullable=True),
    Column("reason", String(400), nullable=True),
    Column("template", String(128), nullable=True),
    Column("milliseconds", Float, nullable=True),
    UniqueConstraint("conversation", "seq"),
    Index("ix_turns_status", "status", "lease_until"),
    Index("ix_turns_accepted", "accepted_at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("conversation", String(64), ForeignKey("conversations.id"), primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("recipient", String(200), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("part", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", Float, nullable=True),
    Column("worker", String(64), nullable=True),
    Column("lease_until", Float, nullable=False),
    Index("ix_deliveries_due", "due"),
)

reminders = Table(
    "reminders",
    metadata,
    Column("conversation", String(64), ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("due", Float, nullable=False),
    Index("ix_reminders_due", "due"),
)

attachments = Table(
    "attachments",
    metadata,
    Column("conversation", String(64), ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

steps = Table(
    "steps",
    metadata,
    Column("turn", String(64), ForeignKey("turns.id"), primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("result", LargeBinary, nullable=False),
)

escalations = Table(
    "escalations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("conversation", String(64), ForeignKey("conversations.id"), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("status", String(10), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("summary", LargeBinary, nullable=False),
    Column("agent", String(64), nullable=True),
    Column("online", Boolean, nullable=False),
    Column("told", Boolean, nullable=False, default=False),
    Column("closed_at", Float, nullable=True),
    Index("ix_escalations_status", "status"),
    Index("ix_escalations_conversation", "conversation"),
)

staff = Table(
    "staff",
    metadata,
    Column("username", String(64), primary_key=True),
    Column("display_name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("disabled", Boolean, nullable=False, default=False, server_default=false()),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("username", String(64), ForeignKey("staff.username"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("expires_at", Float, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),
    Column("who", String(64), nullable=False),
    Column("what", String(64), nullable=False),
    Column("target", String(200), nullable=False),
)
