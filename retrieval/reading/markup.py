"""Plain text of the HTML that helpdesks keep messages in."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

_NAMES = (
    "a|abbr|address|article|b|blockquote|body|br|center|code|dd|div|dl|dt|em|font|footer|form|h[1-6]"
    "|head|header|hr|html|i|img|label|li|link|main|meta|ol|p|pre|s|script|section|small|span|strong"
    "|style|sub|sup|table|tbody|td|th|thead|title|tr|u|ul"
)
_TAG = re.compile(
    rf"</?(?:{_NAMES})(?:\s[^<>]{{0,2000}})?/?>|&(?:[a-zA-Z]{{2,8}}|#\d{{1,6}});", re.IGNORECASE
)
_BREAKS = frozenset(("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "ul", "ol", "table"))
_UNSEEN = frozenset(("style", "head", "title"))


def plain(text: str) -> str:
    """``text`` without markup, its paragraphs on lines of their own; plain text stays as it is."""
    if not _TAG.search(text):
        return text
    reader = _Text()
    try:
        reader.feed(text)
        reader.close()
    except (AssertionError, ValueError):  # html.parser on broken declarations
        return html.unescape(re.sub(r"<[^<>]*>", " ", text))
    said = re.sub(r"[ \t\xa0]+", " ", "".join(reader.pieces))
    return re.sub(r" ?\n[ \n]*", "\n", said).strip()


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _UNSEEN
        if tag in _BREAKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in _UNSEEN))
        if tag in _BREAKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)
