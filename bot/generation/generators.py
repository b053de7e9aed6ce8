"""The generator that the settings name."""

from __future__ import annotations

from pathlib import Path

from bot.generation.editing import Editing
from bot.generation.endpoint import EndpointGenerator
from bot.generation.gguf import GgufGenerator
from bot.generation.rewriting import Rewriter
from bot.inference import Inference
from bot.settings import Settings
from models.filling.generator import Generator


def rewriter_of(settings: Settings, inference: Inference) -> Rewriter | None:
    """What rewrites the template filler's replies; None leaves them as they are."""
    if settings.generator == "editor":
        return Editing(inference, settings.generator_timeout)
    generator = _generator(settings)
    return Rewriter(generator, settings.generator_timeout) if generator else None


def _generator(settings: Settings) -> Generator | None:
    model = settings.generator_model or ""
    if settings.generator == "endpoint":
        key = settings.generator_key
        return EndpointGenerator(
            settings.generator_url or "",
            model,
            key=key.get_secret_value() if key else None,
            timeout=settings.generator_timeout,
            max_tokens=settings.generator_max_tokens,
            personal=settings.generator_personal,
        )
    if settings.generator == "gguf":
        return GgufGenerator(
            Path(model),
            threads=settings.threads,
            max_tokens=settings.generator_max_tokens,
            personal=settings.generator_personal,
        )
    return None
