"""Finding a product by whatever customers call it, and one of its versions."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from datetime import date

from shop.numbers import plain_text
from shop.records import Product, Text, Variant
from shop.seed import COLORS

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:x\d+)*")
_LETTERS = re.compile(r"(?<![a-z])x*[sml](?![a-z])")
_MANY_X = re.compile(r"(?<!\d)([2-4])xl")
_SIZE_WORDS = {"small": "s", "medium": "m", "large": "l", "小": "s", "中": "m", "大": "l"}


def find(connection: sqlite3.Connection, name: str) -> Product | None:
    """The product that ``name`` means: a name or by-name of ours, also inside a longer text.

    The longest name wins, so that "drift pro earphones" is not taken for "earphones".
    """
    wanted = _folded(name)
    names = connection.execute("SELECT name, sku FROM product_names").fetchall()
    found = max(
        (row for row in names if _mentions(wanted, row["name"])),
        key=lambda row: len(row["name"]),
        default=None,
    )
    return _product(connection, found["sku"]) if found else None


def every(connection: sqlite3.Connection) -> tuple[Product, ...]:
    """All products but spare parts and accessories, whose numbers say so."""
    main = "SELECT sku FROM products WHERE sku NOT GLOB 'HL-A[0-9]*' ORDER BY sku"
    rows = connection.execute(main).fetchall()
    return tuple(_product(connection, row["sku"]) for row in rows)


def matching(product: Product, color: str | None, size: str | None) -> tuple[Variant, ...]:
    """The versions that fit what was said; empty when the product has no such version.

    A colour or size that says nothing about this product's kind (it has one size) is left out.
    """
    variants = product.variants
    if color and (wanted := _color(color)):
        variants = tuple(v for v in variants if v.color == wanted)
    elif color:
        return ()
    if size and len({v.size for v in product.variants}) > 1:
        variants = tuple(v for v in variants if v.size and _size(v.size) == _size(size))
    return variants


def _mentions(text: str, name: str) -> bool:
    if name.isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(name)}(?:e?s)?(?![a-z0-9])", text) is not None
    return name in text


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", plain_text(text).casefold()).strip()


def _color(text: str) -> Text | None:
    wanted = _folded(text)
    for key, names in COLORS.items():
        if key in wanted or wanted in (names.zh, names.zh.removesuffix("色")) or names.zh in wanted:
            return names
    return COLORS["grey"] if "gray" in wanted else None


def _size(text: str) -> str:
    """What tells sizes apart: ``L码`` and ``size L`` are ``l``, ``42码`` is ``42``."""
    folded = _folded(text).replace("×", "x").replace("*", "x").replace(" x ", "x")
    folded = _MANY_X.sub(lambda many: "x" * int(many[1]) + "l", folded)
    if found := _NUMBER.search(folded) or _LETTERS.search(folded):
        return found[0]
    return next((size for word, size in _SIZE_WORDS.items() if word in folded), folded)


def _product(connection: sqlite3.Connection, sku: str) -> Product:
    row = connection.execute("SELECT * FROM products WHERE sku = ?", (sku,)).fetchone()
    variants = connection.execute(
        "SELECT * FROM stock WHERE sku = ? ORDER BY position", (sku,)
    ).fetchall()
    return Product(
        sku=sku,
        name=Text(row["name_en"], row["name_zh"]),
        price=row["price"],
        facts=Text(row["facts_en"], row["facts_zh"]),
        warranty_months=row["warranty_months"],
        variants=tuple(_variant(item) for item in variants),
    )


def _variant(row: sqlite3.Row) -> Variant:
    back_on = date.fromisoformat(row["back_on"]) if row["back_on"] else None
    return Variant(COLORS[row["color"]], row["size"] or None, row["quantity"], back_on)


def sizes_of(product: Product) -> list[str]:
    """The sizes that a product comes in, each once."""
    return list(dict.fromkeys(variant.size for variant in product.variants if variant.size))


def worn(sizes: Iterable[str]) -> bool:
    """Whether these are sizes of clothes or shoes."""
    return all(re.fullmatch(r"X*[SML]|\d{2}", size) for size in sizes)
