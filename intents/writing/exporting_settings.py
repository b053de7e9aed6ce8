"""``config.yml`` and ``frontdesk.yml`` of an assistant, as the data that are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from intents.assistant import Assistant
from intents.pipeline import Component, Pipeline, from_pipeline
from intents.settings import PatternSettings, Settings


def pipeline_document(pipeline: Pipeline) -> dict[str, Any]:
    """``config.yml``; empty where there was none."""
    parts = {
        "language": pipeline.language,
        "pipeline": [_component(one) for one in pipeline.components],
        "policies": [_component(one) for one in pipeline.policies],
    }
    return {**pipeline.other, **{key: value for key, value in parts.items() if value}}


def _component(component: Component) -> dict[str, Any]:
    return {"name": component.name, **component.options}


def settings_document(assistant: Assistant) -> dict[str, Any]:
    """``frontdesk.yml``: what differs from the defaults; empty where nothing does."""
    settings, defaults = assistant.settings, from_pipeline(Settings(), assistant.pipeline)
    found = {
        key: _shown(getattr(settings, key))
        for key in Settings.__dataclass_fields__
        if key not in ("default_language", "slots")
        and getattr(settings, key) != getattr(defaults, key)
    }
    if settings.slots:
        found["slots"] = {name: {"title": dict(one)} for name, one in settings.slots.items()}
    return found


def _shown(value: Any) -> Any:
    if isinstance(value, PatternSettings):
        return {key: list(part) for key, part in vars(value).items() if part}
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Mapping):
        return {key: _shown(part) for key, part in value.items()}
    fields = getattr(value, "__dataclass_fields__", None)
    return (
        {key: _shown(getattr(value, key)) for key in fields if getattr(value, key)}
        if fields
        else value
    )
