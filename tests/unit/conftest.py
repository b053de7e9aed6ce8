"""What all unit tests share."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("FRONTDESK_TEST_EXAMPLES", "20"))

settings.register_profile(
    "unit", deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unit")
