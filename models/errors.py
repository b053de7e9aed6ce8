"""Every error Frontdesk raises on purpose.

    FrontdeskError
    ├── WeightsError             packaged or local encoder weights
    │   ├── WeightsMissing
    │   └── WeightsAltered
    ├── ModelError               a head, tagger or exported graph cannot be used
    ├── NotEnoughMemory          a training would not fit, so it was not started
    ├── PathRefused              the system lets no file be read or written there
    ├── DataError                files an operator wrote
    │   ├── AssistantInvalid
    │   └── LogUnreadable
    ├── ReleaseError
    │   ├── ReleaseNotFound
    │   ├── ReleaseAltered
    │   └── GateRefused          a new release would harm intents that worked
    ├── ReadingFailed            an attachment could not be turned into words
    ├── GenerationError
    │   └── MissingValue         a template names a value nobody knows
    └── ServiceError             what a client of the service gets to see
        ├── BadRequest           400
        ├── Unauthenticated      401
        ├── Forbidden            403
        ├── NotFound             404
        ├── Conflict             409
        ├── TooLarge             413
        ├── TooMany              429
        ├── Unavailable          503
        ├── DeliveryFailed       502, the far end of a channel did not take a message
        └── ActionError          the action server
            ├── ActionUnknown
            ├── ActionRejected
            └── ActionUnavailable

A message says what was expected, what was found and what to do about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One finding in a file: where it is, what stands there and how to mend it."""

    file: str
    line: int
    expected: str
    found: str
    fix: str
    severity: str = "error"

    def __str__(self) -> str:
        return (
            f"{self.file}:{self.line}: {self.severity}: expected {self.expected}, "
            f"found {self.found}. {self.fix}"
        )


class FrontdeskError(Exception):
    """Base of the tree; ``fix`` tells the reader what to do next."""

    def __init__(
        self,
        message: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        fix: str | None = None,
    ) -> None:
        self.message = message
        self.expected = expected
        self.found = found
        self.fix = fix
        parts = [message.rstrip(".") + "."]
        if expected is not None:
            parts.append(f"Expected: {expected}.")
        if found is not None:
            parts.append(f"Found: {found}.")
        if fix is not None:
            parts.append(fix)
        super().__init__(" ".join(parts))


class WeightsError(FrontdeskError):
    """Encoder weights cannot be used."""


class WeightsMissing(WeightsError):
    """A weight file or package is not installed."""


class WeightsAltered(WeightsError):
    """A weight file's SHA-256 differs from the pinned one."""


class ModelError(FrontdeskError):
    """A model part does not fit its release or its inputs."""


class NotEnoughMemory(FrontdeskError):
    """A training would need more memory than this machine or its limits leave."""


class PathRefused(FrontdeskError):
    """A path that the system does not let us use: rights, a full disk, a file for a folder."""

    def __init__(self, error: OSError) -> None:
        super().__init__(
            f"{error.filename} cannot be used",
            found=error.strerror,
            fix="Check the path, the rights on it and the space left.",
        )


class DataError(FrontdeskError):
    """A file that an operator wrote cannot be used; ``problems`` says where."""

    def __init__(self, message: str, problems: Sequence[Problem] = (), **details: str) -> None:
        self.problems = tuple(problems)
        shown = "".join(f"\n  {problem}" for problem in self.problems[:20])
        more = len(self.problems) - 20
        super().__init__(
            message + shown + (f"\n  … and {more} more" if more > 0 else ""), **details
        )


class AssistantInvalid(DataError):
    """The assistant's YAML does not hold together."""


class LogUnreadable(DataError):
    """A support log cannot be read."""


class ReleaseError(FrontdeskError):
    """A release cannot be used."""


class ReleaseNotFound(ReleaseError):
    """No release of that id."""


class ReleaseAltered(ReleaseError):
    """A release's files differ from its manifest."""


class GateRefused(ReleaseError):
    """The candidate would make intents worse than the gate allows."""


class ReadingFailed(FrontdeskError):
    """A model could not turn an attachment into words."""


class GenerationError(FrontdeskError):
    """A reply cannot be generated."""


class MissingValue(GenerationError):
    """A template needs values that nobody knows; ``names`` lists them."""

    def __init__(self, template: str, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__(
            f"Template {template!r} cannot be filled",
            expected="a value for " + ", ".join(self.names),
            found="none",
            fix="Ask for it, look it up, or choose another template.",
        )


class ServiceError(FrontdeskError):
    """An error that a client sees: ``status`` is the HTTP status, ``code`` a stable name."""

    status = 500
    code = "internal_error"


class BadRequest(ServiceError):
    """The request is malformed."""

    status, code = 400, "bad_request"


class Unauthenticated(ServiceError):
    """No valid credentials."""

    status, code = 401, "unauthenticated"


class Forbidden(ServiceError):
    """Valid credentials without the right."""

    status, code = 403, "forbidden"


class NotFound(ServiceError):
    """No such thing, or not visible to this client."""

    status, code = 404, "not_found"


class Conflict(ServiceError):
    """The state has moved on since the client looked."""

    status, code = 409, "conflict"


class TooLarge(ServiceError):
    """The body is over the size limit."""

    status, code = 413, "too_large"


class TooMany(ServiceError):
    """Over the rate limit."""

    status, code = 429, "too_many_requests"


class Unavailable(ServiceError):
    """A part that this request needs is down."""

    status, code = 503, "unavailable"


class DeliveryFailed(ServiceError):
    """The far end of a channel did not take a message; ``again``: it may be sent once more."""

    status, code = 502, "delivery_failed"

    def __init__(self, message: str, *, again: bool, found: str | None = None) -> None:
        self.again = again
        super().__init__(message, found=found)


class ActionError(ServiceError):
    """The action server did not do what was asked."""

    status, code = 502, "action_failed"


class ActionUnknown(ActionError):
    """The action server has no such action (404)."""


class ActionRejected(ActionError):
    """The action declined to run (400 with an action name)."""


class ActionUnavailable(ActionError):
    """The action server is down, slow, or answers garbage."""
