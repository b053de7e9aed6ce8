"""Entity types that other tools bring along, and what finds them here."""

from __future__ import annotations

from intents.importing.draft import Draft

_TIME, _NUMBER, _MONEY, _PHONE = "time", "number", "amount-of-money", "phone-number"
DIALOGFLOW = {
    "date": _TIME,
    "date-time": _TIME,
    "date-period": _TIME,
    "time": _TIME,
    "time-period": _TIME,
    "duration": "duration",
    "number": _NUMBER,
    "number-integer": _NUMBER,
    "cardinal": _NUMBER,
    "percentage": _NUMBER,
    "ordinal": "ordinal",
    "unit-currency": _MONEY,
    "unit-length": "distance",
    "unit-weight": "quantity",
    "unit-volume": "quantity",
    "email": "email",
    "phone-number": _PHONE,
    "url": "url",
}
LUIS = {
    "datetimeV2": _TIME,
    "datetime": _TIME,
    "number": _NUMBER,
    "percentage": _NUMBER,
    "ordinal": "ordinal",
    "ordinalV2": "ordinal",
    "money": _MONEY,
    "dimension": "quantity",
    "email": "email",
    "phonenumber": _PHONE,
    "url": "url",
}
WIT = {
    "datetime": _TIME,
    "number": _NUMBER,
    "ordinal": "ordinal",
    "duration": "duration",
    "distance": "distance",
    "quantity": "quantity",
    "amount_of_money": _MONEY,
    "email": "email",
    "phone_number": _PHONE,
    "url": "url",
}
LEX = {
    "number": _NUMBER,
    "percentage": _NUMBER,
    "date": _TIME,
    "time": _TIME,
    "duration": "duration",
    "emailaddress": "email",
    "phonenumber": _PHONE,
}
"""Types by their names in each tool (without prefix), with Duckling's dimension for it."""

SAMPLES = {
    "en": {
        _TIME: "tomorrow",
        _NUMBER: "3",
        "duration": "two hours",
        "email": "ann@example.com",
        _PHONE: "555 0100",
        "city": "Paris",
        "country": "France",
        "state": "Ohio",
        "streetname": "High Street",
        "airport": "Heathrow",
        "firstname": "Anna",
        "lastname": "Smith",
        "alphanumeric": "AB123",
        "color": "blue",
    },
    "zh": {
        _TIME: "明天",
        _NUMBER: "3",
        "duration": "两个小时",
        "email": "li@example.com",
        _PHONE: "13800000000",
        "city": "上海",
        "country": "法国",
        "state": "浙江",
        "streetname": "中山路",
        "airport": "浦东机场",
        "firstname": "丽",
        "lastname": "王",
        "alphanumeric": "AB123",
        "color": "蓝色",
    },
}
"""A value to stand in a line where a tool has only a placeholder and no list of values."""


def system_entity(
    draft: Draft, name: str, table: dict[str, str], file: str, line: int
) -> tuple[str, bool]:
    """The entity type for one that a tool brings along, and whether rules find it."""
    if name in table:
        return draft.dimension(table[name], file, line), True
    known = name in draft.assistant.entities
    entity = draft.entity(name, file, line)
    if not known:
        what = f"the built-in entity {name}"
        draft.approximated(file, line, what, "It is learned from the lines that mark it.")
    return entity, False
