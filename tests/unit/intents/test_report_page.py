"""The report as a page: whole, closed to hostile lines, and readable without a script."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.examples import Entity, Example
from intents.reporting import render, report_on_lines, report_on_release
from intents.reporting.build import Report
from intents.reporting.html import el, line, text
from intents.reporting.page import policy_of
from intents.reporting.tables import SORTS, order_rules
from intents.reporting.texts import WORDS
from intents.understanding import Understanding
from tests.unit.intents.hashing import TOPICS, HashingEncoder, example_lines, release_at

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><svg onload=alert(1)>",
    "</title><iframe src=//evil.example></iframe>",
    "javascript:alert(1) <a href=javascript:alert(1)>x</a>",
    "{intent} {other} {{n}} %s &amp; &#x27; <!-- -->",
    "\u202eright to left\u202c \x00\x07 \ufffe end",
)
VOID = frozenset({"meta", "input", "br", "wbr", "rect", "line", "circle", "path"})
TAGS = (
    "html head meta title style body header nav main section h1 h2 h3 h4 p a b i ul ol li dl dt dd "
    "div span small strong code bdi br wbr table thead tbody tr th td details summary figure "
    "figcaption input label svg text rect line circle path"
)
ALLOWED = frozenset(TAGS.split())


class Page(HTMLParser):
    """Reads a page and remembers what is in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.said: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def all_of(report: Report) -> list[Page]:
    return [Page(render(report, language)) for language in ("en", "zh")]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A report in which every place that holds a line or a name holds markup."""
    names = dict(
        zip(TOPICS, ['<b onclick="x()">', "</table>a_b", "'\"&", "i<i", "size"], strict=True)
    )
    examples = [
        Example(
            f"{e.text} {HOSTILE[i % len(HOSTILE)]}", names[str(e.intent)], file="<u>.yml", line=i
        )
        for i, e in enumerate(example_lines())
    ]
    odd = [Example(f"refund money {h}", names["greet"], file="a.yml", line=1) for h in HOSTILE]
    twice = [Example("both <i>ways</i>", names[name]) for name in ("refund", "greet")]
    release = release_at(tmp_path_factory.mktemp("r") / "release", [*examples, *odd, *twice])
    understanding = Understanding.load(release.folder, encoder=HashingEncoder())  # type: ignore[arg-type]
    marked = [
        Example(h, names["refund"], (Entity(0, len(h), "<s>type</s>", h),), file=h, line=1)
        for h in HOSTILE
    ]
    lines = [*marked, *examples[::3], *odd]
    parses = understanding.parse([e.text for e in lines])
    return report_on_lines(understanding, lines, parses, ["<img src=x>.csv"])


def test_hostile_lines_stay_words(hostile: Report) -> None:
    for page in all_of(hostile):
        assert set(page.tags) <= ALLOWED
        assert page.open == []
        assert not [a for a in page.attributes if a[1].startswith("on") or a[1] in ("src", "style")]
        links = [value for _, name, value in page.attributes if name in ("href", "xlink:href")]
        assert all(re.fullmatch(r"#\w+", link) for link in links)
        said = "".join(page.said)
        assert "<script>alert(1)</script>" in said
        assert '"><img src=x onerror=alert(1)>' in said
        assert "\x00" not in said


def test_nothing_is_loaded_and_no_script_is_needed(hostile: Report) -> None:
    for language in ("en", "zh"):
        page = render(hostile, language)
        style = page[page.index("<style>") + 7 : page.index("</style>")]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in policy_of(page)
        assert "default-src 'none'" in policy_of(page)
        assert "script" not in policy_of(page)
        assert not re.search(r"url\(|@import|expression\(", style)


def test_every_picture_has_its_table_and_every_link_its_place(hostile: Report) -> None:
    for language in ("en", "zh"):
        page = render(hostile, language)
        figures = re.findall(r"<figure>.*?</figure>", page, re.S)
        assert len(figures) == 3
        assert all("<details>" in f and "<table>" in f and 'role="img"' in f for f in figures)
        read = Page(page)
        links = {v[1:] for _, name, v in read.attributes if name == "href"}
        assert links <= set(read.ids)
        assert {"advice", "confusion", "intents", "look", "entities", "method"} <= links
        assert len(read.ids) == len(set(read.ids))


def test_the_own_report_names_what_it_rests_on(tmp_path: Path) -> None:
    release = release_at(tmp_path / "release", example_lines())
    report = report_on_release(release)
    english, chinese = ("".join(page.said) for page in all_of(report))
    assert "judged by a head that did not see it" in english
    assert "没有读取任何测试语句" in chinese
    assert release.id in english
    assert render(report, "zh").count('lang="zh-CN"') == 1


def test_both_languages_say_the_same_things() -> None:
    english, chinese = WORDS["en"], WORDS["zh"]
    assert set(english) == set(chinese)
    for key, said in english.items():
        places = set(re.findall(r"\{(\w+)\}", said))
        assert set(re.findall(r"\{(\w+)\}", chinese[key])) == places, key


def test_each_order_moves_every_row_once(hostile: Report) -> None:
    rules = order_rules(hostile.intents)
    for key in SORTS:
        places = re.findall(
            rf"#sort-{key}:checked~table tbody>:nth-child\((\d+)\){{order:(\d+)}}", rules
        )
        wanted = 0 if key == "f1" else len(hostile.intents)
        assert len({child for child, _ in places}) == len({o for _, o in places}) == wanted


@given(st.text(max_size=60))
@settings(max_examples=80, deadline=None)
def test_no_text_becomes_markup(value: str) -> None:
    page = Page(el("p", line(value), el("b", value), title=value))
    assert page.tags == ["p", "bdi", "b"]
    assert page.open == []
    text(value).encode("utf-8")
