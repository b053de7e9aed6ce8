"""The report as one HTML file: nothing is loaded, no script is needed."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources

from intents.reporting import sections, tables
from intents.reporting.build import Report
from intents.reporting.html import Markup, el, join
from intents.reporting.sections import Words
from intents.reporting.texts import Language

PARTS = (
    ("advice", sections.advised),
    ("confidence", sections.confidence),
    ("confusion", tables.confusions),
    ("intents", tables.intents),
    ("learning", sections.learned),
    ("overlap", tables.overlapping),
    ("look", tables.look_at),
    ("entities", tables.entities),
    ("method", sections.method),
)


def render(report: Report, language: Language = "en") -> str:
    """The whole page in ``language``.

    Its policy allows its own style sheet, by hash, and nothing else: were a line of the data ever
    to become markup, it could neither run nor load anything.
    """
    w = Words(language)
    style = Markup(_style() + tables.order_rules(report.intents))
    policy = f"default-src 'none'; style-src '{_hash(style)}'; base-uri 'none'; form-action 'none'"
    parts = [(key, part(report, w)) for key, part in PARTS]
    shown = [(key, part) for key, part in parts if part is not None]
    title = w("title", release=report.head.release)
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", title),
        el("style", style),
    )
    links = el(
        "nav",
        [el("a", w(key), href=f"#{key}") for key, _ in shown],
        aria_label=w("contents"),
    )
    body = el(
        "body",
        el("header", _heading(report, w), sections.tiles(report, w)),
        links,
        el("main", [part for _, part in shown]),
    )
    tag = "zh-CN" if language == "zh" else "en"
    return join(Markup("<!doctype html>\n"), el("html", head, body, lang=tag)) + "\n"


def policy_of(page: str) -> str:
    """The policy that a page of :func:`render` carries, for the header it is served with."""
    start = page.index('Content-Security-Policy" content="') + len(
        'Content-Security-Policy" content="'
    )
    return page[start : page.index('"', start)].replace("&#x27;", "'")


def _heading(report: Report, w: Words) -> Markup:
    h = report.head
    names = ", ".join(h.names) or "–"
    about = (
        w("on_own", lines=h.lines)
        if h.source == "held_out"
        else w("on_data", lines=h.lines, names=el("bdi", names))
    )
    made = w("made", made=h.made.replace("T", " ").split("+")[0] + " UTC", seconds=h.seconds)
    return join(
        el("h1", w("title", release=el("code", h.release))),
        el("p", about, " · ", made, class_="about"),
    )


@cache
def _style() -> str:
    sheet = resources.files("intents.reporting").joinpath("report.css")
    return sheet.read_text(encoding="utf-8")


def _hash(style: str) -> str:
    digest = hashlib.sha256(style.encode("utf-8")).digest()
    return "sha256-" + base64.b64encode(digest).decode()
