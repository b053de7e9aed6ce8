"""Values as words of a language: items of an order, days, sizes, lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from shop.catalogue import sizes_of
from shop.records import (
    Language,
    Line,
    Order,
    OrderStatus,
    Product,
    Text,
    Variant,
    Voucher,
)

STATUS = {
    OrderStatus.UNPAID: Text("waiting for payment", "待付款"),
    OrderStatus.PREPARING: Text("paid, being packed in our warehouse", "已付款，仓库备货中"),
    OrderStatus.SHIPPED: Text("on its way to you", "已发货，运输中"),
    OrderStatus.DELIVERED: Text("delivered", "已签收"),
    OrderStatus.CANCELLED: Text("cancelled", "已取消"),
    OrderStatus.RETURNED: Text("returned", "已退货"),
}
REFUND_ON_ITS_WAY = Text("on its way to you", "正在退款中")
REFUND_WAITS = Text("waiting for your parcel to be checked in our warehouse", "等待退货到仓验收")
PERSONAL = Text("personal", "个人")

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def yuan(fen: int) -> int | float:
    """Fen as yuan, whole where they are whole."""
    return fen // 100 if fen % 100 == 0 else fen / 100


def day_text(day: date, language: Language) -> str:
    """A day inside a longer text."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


def listed(parts: Iterable[str], language: Language, last: Text) -> str:
    """``a, b and c``, with ``last`` before the last one in English."""
    items = list(parts)
    if language == "zh":
        return "、".join(items)
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + f" {last.en} {items[-1]}"


AND = Text("and", "、")
OR = Text("or", "、")


def version(name: str, marks: Sequence[str], language: Language) -> str:
    """A product's name with what tells its version in brackets."""
    if not marks:
        return name
    return f"{name}（{'，'.join(marks)}）" if language == "zh" else f"{name} ({', '.join(marks)})"


def items_text(order: Order, language: Language) -> str:
    """What was ordered, on one line."""
    return listed((line_text(line, language) for line in order.lines), language, AND)


def line_text(line: Line, language: Language) -> str:
    """One line of an order, such as ``Dune mug (white) × 2``."""
    marks = [line.color.in_(language)] if line.color else []
    marks += [line.size] if line.size else []
    name = version(line.product.in_(language), marks, language)
    if line.quantity == 1:
        return name
    return f"{name}×{line.quantity}" if language == "zh" else f"{name} × {line.quantity}"


def options_text(product: Product, language: Language) -> str:
    """The colours of a product, and its sizes where there are several."""
    colors = dict.fromkeys(variant.color.in_(language) for variant in product.variants)
    sizes = sizes_of(product)
    shown = listed(colors, language, OR)
    if len(sizes) < 2:
        return shown
    if language == "zh":
        return f"{shown}；规格：{'、'.join(sizes)}"
    return f"{shown}; sizes {', '.join(sizes)}"


_UP_TO = re.compile(
    r"(?:under|below|up to|less than|max(?:imum)?|within|for)\s*[¥￥]?\s*(\d{1,5})(?!\d)"
    r"|(?<!\d)(\d{1,5})\s*(?:元|块钱?|rmb|yuan)?\s*(?:以内|以下|之内|内的|左右)",
    re.IGNORECASE,
)


def price_limit(amounts: Iterable[float], text: str = "") -> int | None:
    """The largest of the amounts that were named, in fen; None where none was.

    :param text: the message, whose ``under 200`` and 300以内 count where no amount was found.
    """
    found = list(amounts)
    if not found:
        found = [float(one or other) for one, other in _UP_TO.findall(text)]
    return round(100 * max(found)) if found else None


def price_list(products: Iterable[Product], language: Language) -> str:
    """A line for each product, with its price."""
    return "\n".join(f"· {p.name.in_(language)} ¥{yuan(p.price)}" for p in products)


def missing_text(variants: Iterable[Variant], language: Language) -> str:
    """Versions that are sold out, with the day they come back where it is known."""
    return ("、" if language == "zh" else ", ").join(_missing(v, language) for v in variants)


def _missing(variant: Variant, language: Language) -> str:
    name = " ".join(filter(None, (variant.color.in_(language), variant.size)))
    if variant.back_on is None:
        return name
    day = day_text(variant.back_on, language)
    return f"{name}（预计{day}到货）" if language == "zh" else f"{name} (back on {day})"


def voucher_text(voucher: Voucher, language: Language) -> str:
    """One voucher with what it gives, from which total, until when."""
    until = day_text(voucher.valid_until, language)
    gives, least = _worth(voucher, language), yuan(voucher.minimum)
    if language == "zh":
        condition = f"满{least}元{gives}" if voucher.minimum else f"{gives}，无门槛"
        return f"{voucher.code}（{condition}，{until}前有效）"
    condition = f"{gives} from ¥{least}" if voucher.minimum else f"{gives}, no minimum"
    return f"{voucher.code} ({condition}, valid until {until})"


def _worth(voucher: Voucher, language: Language) -> str:
    if voucher.percent:
        return f"优惠{voucher.percent}%" if language == "zh" else f"{voucher.percent} % off"
    amount = yuan(voucher.amount)
    return f"减{amount}元" if language == "zh" else f"¥{amount} off"


def months_text(months: int, language: Language) -> str:
    """A number of months."""
    return f"{months}个月" if language == "zh" else f"{months} months"


def days_text(days: int, language: Language) -> str:
    """A number of days."""
    if language == "zh":
        return f"{days}天"
    return "1 day" if days == 1 else f"{days} days"


def title_text(title: str, language: Language) -> str:
    """An invoice's title; a personal one in the language's word."""
    return PERSONAL.in_(language) if title == PERSONAL.en else title
