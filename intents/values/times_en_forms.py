"""The forms in which English times are written: expressions and their words."""

from __future__ import annotations

import re

from intents.values.english import NUMBER
from intents.values.feasts import ENGLISH

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip
_WEEKDAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?"
    r"|sat(?:urday)?|sun(?:day)?)\b\.?"
)
_LONG_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
ORDINALS = {
    word: place
    for place, word in enumerate(
        (
            "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
            "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth",
            "seventeenth", "eighteenth", "nineteenth", "twentieth", "twenty first",
            "twenty second", "twenty third", "twenty fourth", "twenty fifth", "twenty sixth",
            "twenty seventh", "twenty eighth", "twenty ninth", "thirtieth", "thirty first",
        ),
        1,
    )
}  # fmt: skip
_NTH_WORDS = "|".join(sorted(ORDINALS, key=len, reverse=True)).replace(" ", "[ -]")
_NTH = rf"(?:\d{{1,2}}(?:st|nd|rd|th)|{_NTH_WORDS})"
_MDAY = rf"(?:{_NTH}|\d{{1,2}}(?![\d:]))"
_YEAR = r"(?:,?\s+(?P<{0}>\d{{4}})\b)?"
_UNIT = (
    r"(?P<unit>(?:(?:working|business)\s+)?"
    r"(?:sec(?:ond)?|min(?:ute)?|h(?:ou)?r|day|week|fortnight|month|year))s?"
)
PARTS = {
    "morning": "morning",
    "noon": "noon",
    "midday": "noon",
    "afternoon": "afternoon",
    "evening": "evening",
    "night": "night",
    "lunchtime": "noon",
    "lunch time": "noon",
}
HOLIDAYS = {
    "new year's eve": (12, 31),
    "new years eve": (12, 31),
    "new year's day": (1, 1),
    "new years day": (1, 1),
    "christmas eve": (12, 24),
    "christmas day": (12, 25),
    "christmas": (12, 25),
    "xmas": (12, 25),
    "boxing day": (12, 26),
    "halloween": (10, 31),
    "valentine's day": (2, 14),
    "valentines day": (2, 14),
}
DAYS = {
    "day before yesterday": -2, "yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1,
    "tmrw": 1, "tmr": 1, "tomorow": 1, "tommorow": 1, "tommorrow": 1, "day after tomorrow": 2,
}  # fmt: skip
_DATE = rf"""(?:
  (?:the\s+)?(?P<word>day\ before\ yesterday|day\ after\ tomorrow|yesterday|today|tonight|tomorr?ow
  |tommorr?ow|tmrw|tmr)\b
 |(?P<which>next|last|this|coming|this\ coming|past)\s+(?:
  (?P<wweekday>{_WEEKDAY})|(?P<wunit>weekend|week|month|year)\b
  |(?P<wmonth>{_MONTH})(?:\s+(?:the\s+)?(?P<wmday>{_MDAY}))?)
 |the\s+(?P<following>weekend)\b
 |(?:(?P<weekday2>{_WEEKDAY}),?\s+)?(?:the\s+)?(?P<day1>{_MDAY})(?:\s+of)?[\s-]+
  (?P<month1>{_MONTH}){_YEAR.format("year1")}
 |(?:(?P<weekday3>{_WEEKDAY}),?\s+)?(?P<month2>{_MONTH})\s*(?:the\s+)?
  (?P<day2>{_MDAY}){_YEAR.format("year2")}
 |(?:(?P<weekday4>{_WEEKDAY}),?\s+)?(?:the\s+(?=\d)
  |(?<=\bon\ )the\s+|(?<=\bby\ )the\s+|(?<=\bfor\ )the\s+)(?P<dom>{_NTH})
  (?!\s+(?:one|time|item|order|of|day|week|floor|option|person|party|parcel|package|product
  |letter|line|box))\b(?!-)
 |(?P<iy>\d{{4}})[-/](?P<im>\d{{1,2}})[-/](?P<id>\d{{1,2}})\b
 |(?<![\d/.])(?P<sm>\d{{1,2}})/(?P<sd>\d{{1,2}})(?:/(?P<sy>\d{{4}}|\d{{2}}))?(?![\d/])
 |(?P<month3>(?!may\b|mar\b|sun\b){_MONTH})\s+(?P<year3>\d{{4}})\b
 |(?P<month4>january|february|april|june|july|august|september|october|november|december)\b
 |(?P<holiday>{"|".join([*HOLIDAYS, *ENGLISH]).replace(" ", chr(92) + " ")})\b
 |(?P<weekday>{_LONG_WEEKDAY}|(?:mon|tues?|wed|thurs?|fri)\b)s?\b
)"""
_HOUR = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_HALF_OF_DAY = r"(?P<{0}>a\.?m\b\.?|p\.?m\b\.?)"
_CLOCK = rf"""(?:
  (?<!from\ )(?P<offset>half|(?:a\ )?quarter|five|ten|twenty(?:[\s-]five)?
  |(?:5|10|20|25)(?=\s+(?:past|to|till)\b)|(?:{NUMBER})\s+minutes?)
  [\s-]+(?P<side>past|to|till|after|before)\s+(?P<oh>{_HOUR})(?:\s*{_HALF_OF_DAY.format("om")})?\b
 |half[\s-]+(?P<halfh>(?!an?\b|the\b){_HOUR})\b(?!\s*(?:hour|price|dozen|the|of|off|\d|percent|%))
 |(?P<h1>\d{{1,2}})\s?[:.h]\s?(?P<m1>[0-5]\d)(?:[:]\d\d)?\s*
  (?:{_HALF_OF_DAY.format("p1")}|o'?clock)?(?![\d%])
 |(?<![\d$€£.,])(?P<h2>{_HOUR})\s*
  (?:{_HALF_OF_DAY.format("p2")}|(?P<oclock>o'?\s?clock)(?:\s*{_HALF_OF_DAY.format("p3")})?)
 |(?P<named>noon|midday|midnight)\b
)"""
_BARE = (
    rf"(?:at|around|about)\s+(?P<h3>{_HOUR})\b(?=\s*(?:$|[,;!?]|\.(?!\d)|"
    r"(?:on|in|for|and|or|with|tomorrow|today|tonight|this|please|sharp|then|if|but)\b))"
)
_PART = (
    r"(?:(?:in\s+the\s+|at\s+|during\s+the\s+|,\s*|)(?:(?:early|late)\s+)?"
    r"(?P<part>morning|afternoon|evening|night|lunch\s?time)\b)"
)
_DAYPART = (
    r"(?P<thispart>this|in\s+the|at)\s+(?:(?:early|late)\s+)?"
    r"(?P<part2>morning|afternoon|evening|night)\b"
)


def _marked(expression: str, mark: str) -> str:
    return expression.replace("(?P<", f"(?P<{mark}")


TIME = re.compile(
    rf"""\b(?:
     {_DATE}(?:\s+{_PART})?
     (?:,?\s*(?:at\s+|@\s*|around\s+|about\s+)?{_CLOCK}|\s+{_BARE})?
     (?:\s+{_marked(_PART, "z")})?
    |(?:{_marked(_CLOCK, "x")}|{_marked(_BARE, "x")})(?:\s+{_marked(_PART, "x")})?
     (?:,?\s*(?:on\s+)?{_marked(_DATE, "x")}(?:\s+{_marked(_PART, "y")})?)?
    |{_DAYPART}
    )""",
    re.VERBOSE | re.IGNORECASE,
)
SHIFT = re.compile(
    rf"""\b(?:
     (?P<in>in|within|after)\s+(?:(?:about|around|the\s+next|the)\s+)?
     (?P<c1>{NUMBER})(?:\s+more)?[\s-]+{_marked(_UNIT, "a")}(?:'|\b)(?:\s+time\b)?
     (?:\s+from\s+(?:now|today)\b)?
    |(?:(?:about|around)\s+)?(?P<c2>{NUMBER})[\s-]+{_marked(_UNIT, "b")}\b
     \s+(?P<dir>ago|back|earlier|from\s+now|from\s+today|later|from\s+tomorrow)\b
    |(?:(?:for|over|in|during)\s+)?the\s+(?P<pastnext>past|last|next)\s+(?P<c3>{NUMBER})?\s*
     {_marked(_UNIT, "c")}\b
    )""",
    re.VERBOSE | re.IGNORECASE,
)
BEFORE = re.compile(
    r"\b(?:(by|before|until|till|no later than)|(after)|(since|from|starting))\s+$", re.I
)
JOIN = re.compile(r"\s*(?:-|–|—|~|to|till|until|and|through|thru)\s*(?:on\s+|at\s+)?", re.I)
RANGE_START = re.compile(
    rf"(?<![\d$€£:/.-])(?P<h>{_HOUR})\s*(?=(?:-|–|to|and|till|until)\s*\d{{1,2}}(?::\d\d)?\s*(?:a\.?m|p\.?m))",
    re.IGNORECASE,
)
