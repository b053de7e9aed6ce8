"""Writing HTML in which every text is escaped unless it was written here.

Training lines are hostile input: they reach a page only as the children of :func:`el`, which
escapes whatever is not :class:`Markup`.
"""

from __future__ import annotations

import html
import re

_VOID = frozenset({"br", "hr", "meta", "link", "input"})
_DRAWN = frozenset({"line", "circle", "rect", "path"})
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def text(value: object) -> Markup:
    """A text as HTML; characters that a page may not hold become a replacement mark."""
    return Markup(html.escape(_UNFIT.sub("\ufffd", str(value)), quote=True))


def el(tag: str, *children: object, **attributes: object) -> Markup:
    """An element; ``class_`` is written ``class``, other underscores become hyphens.

    Children may be texts, numbers, markup, None and lists of them. An attribute that is None or
    False is left out; True stands without a value.
    """
    opened = f"<{tag}{''.join(_attribute(k, v) for k, v in attributes.items())}"
    if tag in _DRAWN:
        return Markup(f"{opened}/>")
    if tag in _VOID:
        return Markup(f"{opened}>")
    return Markup(f"{opened}>{join(*children)}</{tag}>")


def join(*children: object) -> Markup:
    """Children one after the other."""
    return Markup("".join(_child(child) for child in children))


def line(value: str) -> Markup:
    """A line that somebody wrote, kept apart from what surrounds it whatever its direction."""
    return el("bdi", value, class_="line")


def _child(child: object) -> str:
    if child is None:
        return ""
    if isinstance(child, list | tuple):
        return "".join(_child(inner) for inner in child)
    return child if isinstance(child, Markup) else text(child)


def _attribute(name: str, value: object) -> str:
    if value is None or value is False:
        return ""
    shown = name.rstrip("_").replace("_", "-")
    return f" {shown}" if value is True else f' {shown}="{text(value)}"'
