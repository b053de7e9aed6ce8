"""A generator in this process: a GGUF model by llama.cpp's binding, which is an optional extra."""

from __future__ import annotations

import importlib
import json
import secrets
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bot.generation.prompting import messages, reply_of
from models.errors import GenerationError
from models.filling.generator import Generated, GenerationRequest

CONTEXT = 2_048


class GgufGenerator:
    """Loads the model at its first reply; one reply at a time."""

    def __init__(
        self,
        path: Path,
        *,
        threads: int = 1,
        max_tokens: int = 400,
        personal: bool = False,
        load: Callable[[Path, int], Any] | None = None,
    ) -> None:
        self.name = f"gguf:{path.stem}"
        self._path, self._threads = path, threads
        self._max_tokens, self._personal = max_tokens, personal
        self._load = load or serving
        self._model: Any = None
        self._lock = threading.Lock()

    def generate(self, request: GenerationRequest) -> Generated:
        """Have the template reworded.

        :raises GenerationError: the binding or the model is absent, or what it says is no reply.
        """
        with self._lock:
            if self._model is None:
                self._model = self._opened()
            try:
                answer = self._model.handle_chat_completions(
                    {
                        "messages": messages(request, personal=self._personal),
                        "temperature": 0.2,
                        "max_tokens": self._max_tokens,
                    }
                )
                choice = _object(answer)["choices"][0]
                words, ended = choice["message"]["content"], choice.get("finish_reason")
            except (ValueError, RuntimeError, KeyError, IndexError, TypeError) as error:
                raise _failed(f"{type(error).__name__}: {error}") from error
        if ended not in (None, "stop") or not isinstance(words, str):
            raise _failed(f"it ended by {ended}")
        return reply_of(words, request, self.name)

    def _opened(self) -> Any:
        try:
            return self._load(self._path, self._threads)
        except (ImportError, OSError, ValueError, RuntimeError) as error:
            raise _failed(f"{type(error).__name__}: {error}") from error


def serving(path: Path, threads: int) -> Any:
    """llama.cpp with the model open; its own local port wants a key that nobody has."""
    binding = importlib.import_module("xllamacpp")
    if not path.is_file():
        raise FileNotFoundError(path)
    options = binding.CommonParams()
    options.model.path = str(path)
    options.n_ctx, options.n_parallel, options.warmup = CONTEXT, 1, False
    options.cpuparams.n_threads = options.cpuparams_batch.n_threads = threads
    options.api_keys = [secrets.token_hex(32)]
    return binding.Server(options)


def _object(answer: Any) -> Any:
    return answer if isinstance(answer, Mapping) else json.loads(answer)


def _failed(found: str) -> GenerationError:
    return GenerationError(
        "The local model gave no reply",
        expected="a GGUF model and xllamacpp",
        found=found,
        fix="Run: pip install 'frontdesk[gguf]', and name the file in FRONTDESK_GENERATOR_MODEL.",
    )
