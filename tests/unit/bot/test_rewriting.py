"""Another generator's words go out only where the checker passes them."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from pydantic import ValidationError

from bot.events import Event
from bot.generation.editing import Editing
from bot.generation.endpoint import EndpointGenerator
from bot.generation.generators import rewriter_of
from bot.generation.gguf import GgufGenerator
from bot.generation.prompting import messages, reply_of
from bot.generation.rewriting import Breaker, Rewriter
from bot.inference import Inference
from bot.live import Live
from bot.settings import Settings
from models.editing.edits import Script, edited, words_of
from models.errors import GenerationError
from models.filling.generator import (
    Generated,
    GenerationRequest,
    TemplateFiller,
    Value,
    as_template,
    resolve,
)

REQUEST = GenerationRequest(
    "Order {order_id} can't be cancelled any more. The refund of {refund_amount} isn't possible.",
    {"order_id": Value("HL20418376", "slot:order_id"), "refund_amount": Value(129.5, "action:a")},
    "en",
    kinds={"order_id": "text", "refund_amount": "money"},
    context={"customer": "I am Emma, cancel it!"},
)
LIVE = cast(Live, SimpleNamespace(editor=None))
GOOD = "It's too late to cancel order {order_id}, and a refund of {refund_amount} is not possible."
PROMISE = GOOD + " We'll send you a voucher instead."
TURNED = "Order {order_id} can be cancelled. A refund of {refund_amount} is possible."


class Says:
    name = "says"

    def __init__(self, words: str, seconds: float = 0.0) -> None:
        self.words, self.seconds, self.asked = words, seconds, 0

    def generate(self, request: GenerationRequest) -> Generated:
        self.asked += 1
        time.sleep(self.seconds)
        return reply_of(self.words, request, self.name)


def rewritten(generator: Any, timeout: float = 2.0) -> Event:
    filled = TemplateFiller().generate(REQUEST)
    event = Event("bot", {"text": filled.text, "generator": filled.generator, "provenance": {}})
    return asyncio.run(Rewriter(generator, timeout).rewritten(event, REQUEST, LIVE))


def test_a_right_rewriting_goes_out_with_its_values_traced() -> None:
    event = rewritten(Says(GOOD))
    text = event.data["text"]
    assert text.startswith("It's too late to cancel order HL20418376, and a refund of ¥129.50")
    assert event.data["generator"] == "says"
    assert event.data["provenance"]["checked"]["passed"]
    for value in event.data["provenance"]["values"]:
        assert text[value["start"] : value["end"]] in ("HL20418376", "¥129.50")


@pytest.mark.parametrize(
    ("words", "finding"),
    [
        (PROMISE, "claim"),
        (TURNED, "negation"),
        (GOOD + " Call 13812345678.", "code"),
        ("Sorry.", "failed"),
        ("", "failed"),
        (GOOD + " <script>x</script>", ""),
    ],
)
def test_a_wrong_one_leaves_the_template(words: str, finding: str) -> None:
    event = rewritten(Says(words))
    assert event.data["text"] == TemplateFiller().generate(REQUEST).text
    assert event.data["generator"] == "template-filler"
    refused = event.data["provenance"]["refused"]
    assert refused["generator"] == "says"
    assert not finding or finding in refused["findings"]


def test_slow_generators_are_not_waited_for_and_left_alone_for_a_while() -> None:
    slow = Says(GOOD, seconds=0.05)
    filled = TemplateFiller().generate(REQUEST)
    event = Event("bot", {"text": filled.text, "generator": filled.generator, "provenance": {}})
    rewriter = Rewriter(slow, 0.005, Breaker(limit=2, pause=60))

    async def thrice() -> list[Event]:
        return [await rewriter.rewritten(event, REQUEST, LIVE) for _ in range(3)]

    events = asyncio.run(thrice())
    assert [e.data["provenance"]["refused"]["findings"] for e in events] == [
        ["failed"], ["failed"], ["paused"],
    ]  # fmt: skip
    assert slow.asked == 2
    assert {e.data["text"] for e in events} == {filled.text}


def test_the_breaker_closes_again() -> None:
    breaker = Breaker(limit=1, pause=0.01)
    breaker.note(False)
    assert breaker.open
    time.sleep(0.02)
    assert not breaker.open


def test_nothing_of_the_customer_is_sent_unless_asked_for() -> None:
    sent = json.dumps(messages(REQUEST, personal=False))
    assert not any(word in sent for word in ("Emma", "HL20418376", "129"))
    assert all(word in json.dumps(messages(REQUEST, personal=True)) for word in ("Emma", "129.5"))


@pytest.mark.parametrize(
    "words", ["{order_id}", "{{order_id}} [[if x: {refund_amount}]] {order_id} {a b} }"]
)
def test_brackets_in_a_models_words_are_words(words: str) -> None:
    request = GenerationRequest("{order_id}", {"order_id": Value("{x}", "slot:order_id")}, "en")
    made = reply_of(words, request, "g")
    assert made.text == words.replace("{order_id}", "{x}")
    assert all(made.text[t.start : t.end] == "{x}" for t in made.traces)


def endpoint(answer: Callable[[httpx.Request], httpx.Response], **options: Any) -> Any:
    transport = httpx.MockTransport(answer)
    return EndpointGenerator("http://x/v1/", "m", key="secret", transport=transport, **options)


def stream(*chunks: object) -> bytes:
    lines = [chunk if isinstance(chunk, str) else json.dumps(chunk) for chunk in chunks]
    return "".join(f"data: {line}\n\n" for line in lines).encode()


def delta(words: str, reason: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": words}, "finish_reason": reason}]}


@pytest.mark.parametrize(
    "last", [{"choices": [], "usage": {}}, {"choices": None, "usage": {}}, {"usage": {"n": 1}}]
)
def test_a_stream_is_read_whatever_its_usage_chunk_looks_like(last: dict[str, Any]) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        half = len(GOOD) // 2
        body = stream({"choices": [{"delta": {"role": "assistant"}}]}, delta(GOOD[:half]),
                      delta(GOOD[half:]), delta("", "stop"), last, "[DONE]")  # fmt: skip
        return httpx.Response(200, content=b": hello\n\n" + body)

    made = endpoint(answer, max_tokens=77).generate(REQUEST)
    assert made.text.startswith("It's too late")
    assert made.generator == "endpoint:m"
    (request,) = seen
    body = json.loads(request.content)
    assert str(request.url) == "http://x/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer secret"
    assert body["max_tokens"] == 77
    assert body["stream"] is True


def test_a_body_without_a_stream_is_read_too() -> None:
    body = {"choices": [{"message": {"content": GOOD}, "finish_reason": "stop"}]}
    assert "HL20418376" in endpoint(lambda _: httpx.Response(200, json=body)).generate(REQUEST).text


def refuses(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route")


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: httpx.Response(429, json={"error": {"message": "slow down"}}),
        lambda _: httpx.Response(500, text="oops"),
        lambda _: httpx.Response(200, content=stream(delta(GOOD[:20], "length"))),
        lambda _: httpx.Response(200, content=stream({"error": {"message": "overloaded"}})),
        lambda _: httpx.Response(200, content=stream(delta("x" * 7_000))),
        lambda _: httpx.Response(200, content=stream([1])),
        lambda _: httpx.Response(200, content=stream({"choices": ["x"]})),
        lambda _: httpx.Response(200, content=b"<html>"),
        lambda _: httpx.Response(200, content=b""),
        refuses,
    ],
)
def test_whatever_goes_wrong_there_is_one_error(
    answer: Callable[[httpx.Request], httpx.Response],
) -> None:
    with pytest.raises(GenerationError):
        endpoint(answer).generate(REQUEST)


def test_a_stream_that_takes_too_long_is_left() -> None:
    def drip(_: httpx.Request) -> httpx.Response:
        def body() -> Any:
            for _ in range(100):
                time.sleep(0.005)
                yield stream(delta("x"))

        return httpx.Response(200, content=body())

    with pytest.raises(GenerationError, match="too slow"):
        endpoint(drip, timeout=0.02).generate(REQUEST)


class Local:
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def handle_chat_completions(self, asked: dict[str, Any]) -> Any:
        assert asked["messages"][0]["role"] == "system"
        if isinstance(self.answer, Exception):
            raise self.answer
        if isinstance(self.answer, bytes):
            return self.answer
        return {"choices": [{"message": {"content": self.answer}, "finish_reason": "stop"}]}


def test_a_local_model_is_loaded_once_and_asked() -> None:
    loads: list[tuple[Path, int]] = []

    def load(path: Path, threads: int) -> Local:
        loads.append((path, threads))
        return Local(GOOD)

    generator = GgufGenerator(Path("/m/small.gguf"), threads=2, load=load)
    assert [generator.generate(REQUEST).generator for _ in range(2)] == ["gguf:small"] * 2
    assert loads == [(Path("/m/small.gguf"), 2)]


@pytest.mark.parametrize(
    "answer", [None, RuntimeError("x"), ValueError("too long"), b"<html>", b'{"choices": []}']
)
def test_a_local_model_that_fails_is_one_error(answer: Any) -> None:
    generator = GgufGenerator(Path("m.gguf"), load=lambda *_: Local(answer))
    with pytest.raises(GenerationError):
        generator.generate(REQUEST)


class Binding:
    """llama.cpp's binding, without llama.cpp."""

    class CommonParams:
        def __init__(self) -> None:
            self.model = SimpleNamespace(path="")
            self.cpuparams, self.cpuparams_batch = SimpleNamespace(), SimpleNamespace()

    def Server(self, options: Any) -> Any:
        if options.model.path.endswith("broken.gguf"):
            raise RuntimeError("Failed to init server")
        self.options = options
        body = {"choices": [{"message": {"content": GOOD}, "finish_reason": "stop"}]}
        return Local(json.dumps(body).encode())


def test_the_bindings_own_port_is_closed_to_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binding = Binding()
    monkeypatch.setitem(sys.modules, "xllamacpp", binding)  # type: ignore[arg-type]
    for name in ("small.gguf", "broken.gguf"):
        (tmp_path / name).write_bytes(b"GGUF")
    assert "HL20418376" in GgufGenerator(tmp_path / "small.gguf").generate(REQUEST).text
    (key,) = binding.options.api_keys
    assert len(key) == 64
    assert binding.options.cpuparams.n_threads == 1
    with pytest.raises(GenerationError, match="Failed to init"):
        GgufGenerator(tmp_path / "broken.gguf").generate(REQUEST)


def test_a_binding_or_file_that_is_not_there_is_told() -> None:
    with pytest.raises(GenerationError, match="pip install"):
        GgufGenerator(Path("/nowhere.gguf")).generate(REQUEST)


def test_settings_choose_the_generator(tmp_path: Path) -> None:
    run = Inference()
    assert rewriter_of(Settings(home=tmp_path, _env_file=None), run) is None
    edits = Settings(home=tmp_path, generator="editor", _env_file=None)
    assert isinstance(rewriter_of(edits, run), Editing)
    there = {"generator_url": "http://x/v1", "generator_model": "m"}
    assert rewriter_of(Settings(home=tmp_path, generator="endpoint", _env_file=None, **there), run)
    assert rewriter_of(Settings(home=tmp_path, generator="gguf", generator_model="m.gguf"), run)
    for wrong in ({"generator": "endpoint"}, {"generator": "gguf"}, {"generator": "other"}):
        with pytest.raises(ValidationError):
            Settings(home=tmp_path, _env_file=None, **wrong)


class Editor:
    """An editor that adds an opening, or a promise."""

    def __init__(self, opening: str) -> None:
        self.opening = opening

    def generate(self, request: GenerationRequest) -> Generated:
        _, words = words_of(resolve(request))
        script = Script.of(words, (), (), {0: self.opening})
        template = as_template(edited(words, script))
        made = TemplateFiller().generate(replace(request, template=template))
        return Generated(made.text, made.traces, "editor", script.told(words))


def edited_event(editor: Editor | None) -> Event:
    filled = TemplateFiller().generate(REQUEST)
    event = Event("bot", {"text": filled.text, "generator": filled.generator, "provenance": {}})
    live = cast(Live, SimpleNamespace(editor=editor))

    async def run() -> Event:
        inference = Inference()
        try:
            return await Editing(inference, 2.0).rewritten(event, REQUEST, live)
        finally:
            await inference.close()

    return asyncio.run(run())


def test_edits_that_the_checker_passes_go_out_and_are_told() -> None:
    event = edited_event(Editor("Hello!"))
    assert event.data["text"].startswith("Hello! Order HL20418376 can't")
    assert event.data["generator"] == "editor"
    assert event.data["provenance"]["edits"] == [{"operation": "add", "text": "Hello!", "at": 0}]
    for value in event.data["provenance"]["values"]:
        assert event.data["text"][value["start"] : value["end"]] in ("HL20418376", "¥129.50")


def test_refused_edits_leave_the_template_and_no_editor_leaves_no_trace() -> None:
    refused = edited_event(Editor("You get a voucher of ¥50 from us."))
    assert refused.data["text"].startswith("Order HL20418376 can't")
    assert refused.data["provenance"]["refused"]["generator"] == "editor"
    assert edited_event(None).data["provenance"] == {}
