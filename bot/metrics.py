"""Prometheus metrics, served at ``/metrics`` (merged over workers when there are several)."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_FAST = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)

TURN_SECONDS = Histogram(
    "frontdesk_turn_seconds", "From acceptance of a message to its reply.", buckets=_FAST
)
TURNS = Counter("frontdesk_turns", "Turns answered, by the policy that decided.", ["policy"])
TURN_ERRORS = Counter("frontdesk_turn_errors", "Turns that failed and ended in an apology.")
HANDOFFS = Counter("frontdesk_handoffs", "Conversations handed to a person.", ["reason"])
REQUEST_SECONDS = Histogram(
    "frontdesk_http_seconds", "HTTP requests.", ["method", "route", "status"], buckets=_FAST
)
SOCKETS = Gauge("frontdesk_sockets", "Open WebSockets.", ["kind"], multiprocess_mode="livesum")
WAITING = Gauge(
    "frontdesk_escalations_waiting", "Escalations nobody has taken.", multiprocess_mode="max"
)
DELIVERIES = Counter(
    "frontdesk_deliveries", "Messages to channels that are told by requests.", ["channel", "result"]
)
FAMILIAR = Counter(
    "frontdesk_familiar_messages", "Messages understood from an earlier reading of the same words."
)
RELEASE_SWAPS = Counter("frontdesk_release_swaps", "Releases put into service.")
