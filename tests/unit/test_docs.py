"""The documentation names every route, metric, command and error; its links hold."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute
from prometheus_client import Counter, Gauge, Histogram

import bot.api
import bot.metrics
from bot.cli import build_parser
from bot.events import Event, desk_view
from models.errors import ServiceError

ROOT = Path(__file__).parents[2]
SKIPPED = frozenset({"node_modules", "dist", "build", "var", "runs"})
SOURCES = ("bot", "intents", "models", "retrieval")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# -- the API --------------------------------------------------------------------------------


def routes() -> list[str]:
    """Every route as ``METHOD /path``; WebSockets as ``WS /path``."""
    found = []
    for module in pkgutil.iter_modules(bot.api.__path__):
        router = getattr(importlib.import_module(f"bot.api.{module.name}"), "router", None)
        for route in router.routes if router else ():
            path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path)
            if isinstance(route, APIWebSocketRoute):
                found.append(f"WS {path}")
            elif isinstance(route, APIRoute):
                found += [f"{method} {path}" for method in sorted(route.methods)]
    return found


def test_there_are_routes() -> None:
    assert len(routes()) > 30


@pytest.mark.parametrize("route", routes())
def test_every_route_is_documented(route: str) -> None:
    assert re.search(rf"(### |`){re.escape(route)}(\n|`)", read("docs/api.md"))


def test_no_route_is_documented_that_is_not_there() -> None:
    documented = re.findall(
        r"(?:^### |`)((?:GET|POST|PUT|DELETE|WS) /\S*?)(?:`|$)", read("docs/api.md"), re.M
    )
    assert set(documented) <= set(routes())


def test_every_key_of_an_event_is_documented() -> None:
    shown = desk_view(Event("user"), {}, {})
    assert shown is not None
    assert [key for key in shown if not re.search(rf'["`]{key}["`]', read("docs/api.md"))] == []


def errors(kind: type[ServiceError] = ServiceError) -> Iterator[type[ServiceError]]:
    yield kind
    for child in kind.__subclasses__():
        if child.__module__ == "models.errors":
            yield from errors(child)


@pytest.mark.parametrize("error", sorted({(e.status, e.code) for e in errors()}))
def test_every_error_code_is_documented(error: tuple[int, str]) -> None:
    assert f"| {error[0]} | `{error[1]}` |" in read("docs/api.md")


# -- metrics --------------------------------------------------------------------------------


def metrics() -> list[tuple[str, str]]:
    found = []
    for value in vars(bot.metrics).values():
        if isinstance(value, Counter | Gauge | Histogram):
            [family] = value.collect()
            found.append((family.name + "_total" * isinstance(value, Counter), family.type))
    return found


def test_there_are_metrics() -> None:
    assert len(metrics()) >= 8


@pytest.mark.parametrize(("name", "kind"), metrics())
def test_every_metric_is_documented_with_its_type(name: str, kind: str) -> None:
    assert f"| `{name}` | {kind} |" in read("docs/operating.md")


# -- the command ----------------------------------------------------------------------------


def commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    [choices] = [a.choices for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(choices)


@pytest.mark.parametrize("name", sorted(commands(build_parser())))
def test_every_subcommand_is_in_the_readme(name: str) -> None:
    assert f"| `frontdesk {name}` |" in read("README.md")


@pytest.mark.parametrize("name", ["train", "evaluate", "parse", "chat", "mine"])
def test_every_option_is_in_the_readme(name: str) -> None:
    options = {
        option
        for action in commands(build_parser())[name]._actions
        for option in action.option_strings
        if option.startswith("--") and option != "--help"
    }
    missing = [option for option in options if option not in read("README.md")]
    assert missing == []


@pytest.mark.parametrize("name", sorted(commands(commands(build_parser())["releases"])))
def test_every_deed_on_releases_is_in_the_readme(name: str) -> None:
    assert re.search(rf"\| `frontdesk releases` \|[^\n]*`{name}\b", read("README.md"))


# -- messages -------------------------------------------------------------------------------


def explained() -> list[str]:
    """The messages that troubleshooting explains."""
    page = read("docs/operating.md")
    table = page[page.index("## Troubleshooting") :]
    return re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)


def source() -> str:
    texts = [
        p.read_text(encoding="utf-8") for room in SOURCES for p in (ROOT / room).glob("**/*.py")
    ]
    # words of a message may stand in two pieces of a string
    return re.sub(r'"\s+f?"', "", "\n".join(texts))


SAID = source()


def test_there_are_messages() -> None:
    assert len(explained()) > 20


@pytest.mark.parametrize("message", explained())
def test_troubleshooting_quotes_messages_that_exist(message: str) -> None:
    parts = [part.strip() for part in message.split("…") if part.strip()]
    assert all(part in SAID for part in parts)


# -- links ----------------------------------------------------------------------------------


def pages() -> list[Path]:
    found = []
    for path in sorted(ROOT.glob("**/*.md")):
        inner = path.relative_to(ROOT).parts
        if not any(part in SKIPPED or part.startswith(".") for part in inner):
            found.append(path)
    return found


def prose(text: str) -> str:
    """The text without code, in which brackets are no links."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))


def anchors(text: str) -> set[str]:
    """The anchors that headings get."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(text: str) -> list[str]:
    """Relative targets, also of links whose words are code."""
    bare = re.sub(r"`([^`\n]*)`(?=\]\()", "code", text)
    found = re.findall(r"\]\(([^()\s]+)\)", prose(bare))
    return [target for target in found if not re.match(r"[a-z]+:", target)]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_resolve(page: Path) -> None:
    broken = []
    for target in links(page.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        known = file.suffix != ".md" or not anchor or anchor in anchors(file.read_text("utf-8"))
        if not file.exists() or not known:
            broken.append(target)
    assert broken == []
