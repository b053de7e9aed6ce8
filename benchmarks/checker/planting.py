# ruff: noqa: E501
"""Right paraphrases and replies with one planted error each, made by rule from the pack's templates."""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from intents.reading.folder import read_assistant

PACK = Path(__file__).parents[2] / "intents" / "packs" / "retail"
PLACE = re.compile(r"\{(\w+)\}")
PEOPLE = {
    "en": ("Emma Clarke", "John Miller", "Sofia Rossi", "Peter Brown", "Anna Schmidt"),
    "zh": ("王芳", "李建国", "陈晓明", "赵丽颖", "周文斌"),
}
POLICIES = {
    "en": (
        "If it is late, we pay you ¥20.", "You also get a free gift with it.",
        "Gold members are served within an hour.", "We guarantee this in writing.",
        "You can return it at any time, even after a year.", "A voucher of ¥10 is on its way to you.",
        "We will call you back within two hours.", "Shipping is always free for you from now on.",
        "The warranty is extended to five years.", "You may keep the item and still get the money.",
        "We'll upgrade you to express at no cost.", "Insurance is included.",
        "As an exception we double your points.", "You can also collect it at any of our stores.",
        "Your next order is half price.", "We refund all bank fees as well.",
        "If you are not happy, we compensate you.", "This offer is valid for life.",
        "You can cancel whenever you like.", "Our courier comes on Sundays too.",
        "We also ship to other countries.", "A manager will apologise to you in person.",
        "You can pay in cash as well.", "Spare parts are free of charge.",
        "Installation at your home is included.", "We promise that it never happens again.",
    ),
    "zh": (
        "如果晚到，我们赔您20元。", "另外送您一份小礼物。", "金卡会员一小时内处理。", "我们书面保证。",
        "任何时候都可以退，一年后也行。", "已为您发放10元优惠券。", "两小时内给您回电话。", "以后都给您免运费。",
        "保修期延长到五年。", "商品不用退，钱也照样退。", "免费给您升级特快。", "已经包含运费险。",
        "这次破例给您双倍积分。", "也可以到任意门店自提。", "下一单半价。", "银行手续费我们也一并退给您。",
        "不满意的话我们会补偿您。", "此优惠终身有效。", "您随时都可以取消。", "周日也会上门取件。",
        "其他国家也可以寄。", "店长会当面向您道歉。", "也可以付现金。", "配件全部免费。",
        "免费上门安装。", "我们承诺绝不会再发生。",
    ),
}  # fmt: skip
FRAMES = {
    "en": (("", ""), ("Hello! ", ""), ("Thanks for asking. ", ""), ("Of course: ", ""),
           ("", " Thank you for your patience."), ("", " Just ask if anything is unclear."),
           ("Good question! ", ""), ("Let me tell you: ", " I hope this helps.")),
    "zh": (("", ""), ("您好，", ""), ("感谢您的咨询。", ""), ("好的，", ""), ("", "感谢您的耐心等待。"),
           ("", "有不清楚的随时问我。"), ("亲，", ""), ("跟您说一下：", "希望对您有帮助。")),
}  # fmt: skip
WORDS = {
    "en": (("parcel", "package"), ("can't be cancelled any more", "can no longer be cancelled"),
           ("I'm sorry", "Unfortunately"), ("goes back to", "is returned to"), ("shipping", "delivery"),
           ("isn't", "is not"), ("hasn't", "has not"), ("can't", "cannot"), ("aren't", "are not"),
           ("colleague", "team member"), ("e-mail", "email"), ("is expected on", "should arrive on"),
           ("at the latest", "at the very latest"), ("within", "in the space of"), ("you wish", "you like"),
           ("about", "regarding"), ("once", "one time"), ("choose", "pick")),
    "zh": (("包裹", "快件"), ("不能", "不可以"), ("抱歉", "不好意思"), ("预计", "大约"), ("送达", "送到"),
           ("同事", "人工客服"), ("可以", "能"), ("已经", "已"), ("支持", "可以用"), ("告诉我", "跟我说"),
           ("收到", "拿到"), ("需要的话", "如果需要"), ("或者", "或"), ("修改", "更改"), ("帮您", "替您")),
}  # fmt: skip
NOTS = {
    "en": ((r"\bcan't\b", "can"), (r"\bcannot\b", "can"), (r"\bisn't\b", "is"), (r"\baren't\b", "are"),
           (r"\bhasn't\b", "has"), (r"\bhaven't\b", "have"), (r"\bwon't\b", "will"), (r"\bdoesn't\b", "does"),
           (r"\bnever\b", "always"), (r"\bwithout\b", "with"), (r"\bexcluded\b", "included"),
           (r"\bnot possible\b", "possible"), (r"\bunpaid\b", "paid"), (r"\bunused\b", "used")),
    "zh": ((r"不能", "能"), (r"不支持", "支持"), (r"没法", "可以"), (r"无法", "可以"), (r"未付款", "已付款"),
           (r"不会扣", "会扣"), (r"未使用", "使用过"), (r"不参加", "参加"), (r"还没有?", "已经"), (r"不算", "算"),
           (r"没有", "有"), (r"不可以", "可以"), (r"改不了", "改得了"), (r"送不了", "送得了")),
}  # fmt: skip
ADDED = {
    "en": ((r"\bcan be\b", "can't be"), (r"\byou can\b", "you can't"), (r"\bis free\b", "is not free"),
           (r"\bis set up\b", "is not set up"), (r"\bwe pay\b", "we don't pay"), (r"\bis in stock\b", "isn't in stock"),
           (r"\bis done\b", "isn't done"), (r"\bpossible\b", "impossible")),
    "zh": ((r"(?<!不)可以", "不可以"), (r"(?<!不)支持", "不支持"), (r"免费", "不免费"), (r"包邮", "不包邮"), (r"已完成", "未完成"),
           (r"由我们承担", "不由我们承担"), (r"有货", "没有货"), (r"能退", "不能退")),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One output with its sources; ``kind`` names the planted error of a wrong one."""

    template: str
    values: dict[str, dict[str, Any]]
    facts: tuple[str, ...]
    output: str
    right: bool
    kind: str
    language: str


@functools.cache
def templates() -> tuple[tuple[str, str], ...]:
    """(language, text) of every wording of the pack that says something exact or denies."""
    found = []
    for variations in read_assistant(PACK).responses.values():
        for variation in variations:
            texts = {"en": variation.text, **variation.translation}
            found += [
                (language, text) for language, text in texts.items() if text and len(text) > 25
            ]
    return tuple(sorted(set(found)))


def right_lines(number: int, rng: random.Random) -> Iterator[Line]:
    """Right paraphrases: other forms of dates and amounts, other words, a frame of courtesy."""
    base = templates()
    for _ in range(number):
        language, template = rng.choice(base)
        values = _values(template, language, rng)
        output = _reworded(_filled(template, values, language, rng), language, rng)
        yield Line(template, values, (), output, True, "paraphrase", language)


def wrong_lines(number: int, rng: random.Random) -> Iterator[Line]:
    """Replies with one error each, every kind alike often."""
    base = templates()
    kinds = ("amount", "date", "negation", "policy", "person")
    made = 0
    while made < number:
        kind = kinds[made % len(kinds)]
        language, template = rng.choice(base)
        values = _values(template, language, rng)
        output = _filled(template, values, language, rng)
        if rng.random() < 0.5:
            output = _reworded(output, language, rng)
        planted = _PLANT[kind](output, template, values, language, rng)
        if planted is not None and planted != output:
            made += 1
            yield Line(template, values, (), planted, False, kind, language)


def _values(template: str, language: str, rng: random.Random) -> dict[str, dict[str, Any]]:
    day = date(2025, 1, 1) + timedelta(days=rng.randint(0, 300))
    found: dict[str, dict[str, Any]] = {}
    for name in dict.fromkeys(PLACE.findall(template)):
        if name.endswith("_date"):
            day += timedelta(days=rng.randint(1, 9))
            found[name] = {"value": day.isoformat(), "type": "date"}
        elif name.endswith("_amount"):
            found[name] = {"value": str(rng.randint(100, 90_000) / 100), "type": "money"}
        elif name in ("points", "left"):
            found[name] = {"value": rng.randint(2, 900), "type": "number"}
        else:
            found[name] = {"value": _text(name, language, rng), "type": "text"}
    return found


def _text(name: str, language: str, rng: random.Random) -> str:
    en = language == "en"
    match name:
        case "order_id" | "return_no":
            return f"{'HL' if name == 'order_id' else 'RT'}{rng.randint(10**7, 10**8 - 1)}"
        case "tracking_no":
            return f"SF{rng.randint(10**11, 10**12 - 1)}"
        case "carrier":
            return "SF Express" if en else "顺丰速运"
        case "email":
            return f"{rng.choice(('emma', 'li', 'sofia'))}{rng.randint(1, 99)}@example.com"
        case "days_late":
            return f"{rng.randint(2, 9)} days" if en else f"{rng.randint(2, 9)}天"
        case "payment_method":
            return "Alipay" if en else "支付宝"
    return rng.choice(
        ("the Dune mug", "linen shirt (white, M)", "Silver")
        if en
        else ("沙丘马克杯", "亚麻衬衫（白色，M）", "银卡")
    )


def _filled(
    template: str, values: dict[str, dict[str, Any]], language: str, rng: random.Random
) -> str:
    return PLACE.sub(lambda place: _shown(values[place.group(1)], language, rng), template)


def _shown(given: dict[str, Any], language: str, rng: random.Random) -> str:
    if given["type"] == "date":
        day = date.fromisoformat(given["value"])
        zh = (f"{day.year}年{day.month}月{day.day}日", f"{day.month}月{day.day}日")
        en = (
            f"{day:%B} {day.day}, {day.year}",
            f"{day.day} {day:%B} {day.year}",
            f"{day:%A}, {day:%B} {day.day}",
        )
        return rng.choice(zh if language == "zh" else en)
    if given["type"] == "money":
        amount = float(given["value"])
        zh = (f"¥{amount:.2f}", f"{amount:.2f}元")
        return rng.choice(zh if language == "zh" else (f"¥{amount:,.2f}", f"{amount:.2f} yuan"))
    return str(given["value"])


def _reworded(output: str, language: str, rng: random.Random) -> str:
    swaps = [pair for pair in WORDS[language] if pair[0] in output]
    for old, new in rng.sample(swaps, min(len(swaps), rng.randint(0, 3))):
        output = output.replace(old, new, 1)
    before, after = rng.choice(FRAMES[language])
    return before + output + after


# -- planting: each returns the output with its error, or None where there is no place for it ------


def _amount(
    output: str, template: str, values: dict[str, dict[str, Any]], language: str, rng: random.Random
) -> str | None:
    figures = [
        m for m in re.finditer(r"(?<![\dA-Za-z.,:-])\d+(?:\.\d+)?(?=\s?(?:元|天|小时|分钟|个工作日|个月|%|days|hours|minutes|months|yuan|working)|[ .,;，。；）)])", output)
        if not re.search(r"\d{4}年$|[年月]$", output[: m.start()])
    ]  # fmt: skip
    figures = [
        m
        for m in figures
        if not re.search(
            r"(?:January|February|March|April|May|June|July|August|September|October|November|December) $|, $",
            output[: m.start()],
        )
    ]
    if not figures:
        return None
    figure = rng.choice(figures)
    other = f"{float(figure.group()) * rng.choice((2, 3, 0.5)) + 1:g}"
    return output[: figure.start()] + other + output[figure.end() :]


def _date(
    output: str, template: str, values: dict[str, dict[str, Any]], language: str, rng: random.Random
) -> str | None:
    pattern = (
        r"(?:\d{4}年)?\d{1,2}月\d{1,2}日"
        if language == "zh"
        else r"(?:[A-Z]\w+day, )?(?:[A-Z][a-z]+ \d{1,2}(?:, \d{4})?|\d{1,2} [A-Z][a-z]+ \d{4})"
    )
    days = list(re.finditer(pattern, output))
    if not days or not any(v["type"] == "date" for v in values.values()):
        return None
    if len(days) >= 2 and rng.random() < 0.6:
        first, second = days[0], days[1]
        return (output[: first.start()] + second.group() + output[first.end() : second.start()]
                + first.group() + output[second.end() :])  # fmt: skip
    one = rng.choice(days)
    moved = date(2026, 1, 1) + timedelta(days=rng.randint(0, 300))
    kept = {
        date.fromisoformat(v["value"]).strftime("%m%d")
        for v in values.values()
        if v["type"] == "date"
    }
    if moved.strftime("%m%d") in kept:
        return None
    shown = _shown({"type": "date", "value": moved.isoformat()}, language, rng)
    return output[: one.start()] + shown + output[one.end() :]


def _negation(
    output: str, template: str, values: dict[str, dict[str, Any]], language: str, rng: random.Random
) -> str | None:
    rules = [rule for rule in (*NOTS[language], *ADDED[language]) if re.search(rule[0], output)]
    if not rules:
        return None
    old, new = rng.choice(rules)
    return re.sub(old, new, output, count=1)


def _policy(
    output: str, template: str, values: dict[str, dict[str, Any]], language: str, rng: random.Random
) -> str | None:
    gap = " " if language == "en" else ""
    return output + gap + rng.choice(POLICIES[language])


def _person(
    output: str, template: str, values: dict[str, dict[str, Any]], language: str, rng: random.Random
) -> str | None:
    codes = list(re.finditer(r"(?:HL|RT)\d{8}|SF\d{12}|[\w.]+@example\.com", output))
    name = rng.choice(PEOPLE[language])
    if codes and rng.random() < 0.6:
        code = rng.choice(codes)
        other = re.sub(r"\d(?=\d)", lambda d: str((int(d.group()) + 3) % 10), code.group())
        other = other if "@" not in other else "x" + other
        return output[: code.start()] + other + output[code.end() :]
    if language == "en":
        return rng.choice((f"Hello {name}, {output}", f"{output} It was signed for by {name}.",
                           f"{output} Your phone number is 139{rng.randint(10**7, 10**8 - 1)}."))  # fmt: skip
    return rng.choice((f"{name}您好，{output}", f"{output}由{name}签收。",
                       f"{output}您的手机号是139{rng.randint(10**7, 10**8 - 1)}。"))  # fmt: skip


_PLANT = {
    "amount": _amount,
    "date": _date,
    "negation": _negation,
    "policy": _policy,
    "person": _person,
}
