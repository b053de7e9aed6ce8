"""The forms in which amounts are written in Chinese and English, and the names of their units."""

from __future__ import annotations

import re

from intents.values import english

_HAN = "\u3400-\u9fff"
_ZH = (
    r"(?:(?<!\d)\d[\d,]{0,15}(?:\.\d{1,6})?[万千百亿]?|"
    r"(?<![零〇一二两三四五六七八九十百千万亿])[零〇一二两三四五六七八九十百千万亿]{1,12}|半)"
)
_ZH_PAIRS = (
    r"(?:[一二两三四五六七八九]{2}"
    r"(?=[十百千万个件条双只台套盒瓶箱份包把张床副对支杯部样天块元年月周小]))"
)
_TO = r"\s*(?:-|–|~|～|到|至|to)\s*"
_EN = english.NUMBER
CURRENCIES = {
    "元": "", "块": "", "圆": "", "人民币": "CNY", "rmb": "CNY", "cny": "CNY", "yuan": "CNY",
    "kuai": "CNY", "¥": "CNY", "￥": "CNY", "$": "USD", "us$": "USD", "usd": "USD", "刀": "USD",
    "美元": "USD", "美金": "USD", "美刀": "USD", "dollar": "", "buck": "", "us dollar": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "欧元": "EUR", "£": "GBP", "gbp": "GBP",
    "pound": "GBP",
    "quid": "GBP", "英镑": "GBP", "hk$": "HKD", "hkd": "HKD", "港币": "HKD", "港元": "HKD",
    "jpy": "JPY", "yen": "JPY", "日元": "JPY", "a$": "AUD", "aud": "AUD", "c$": "CAD", "cad": "CAD",
    "sgd": "SGD", "s$": "SGD", "nt$": "TWD", "台币": "TWD", "新台币": "TWD", "澳元": "AUD",
    "加元": "CAD", "韩元": "KRW", "krw": "KRW", "₩": "KRW", "₹": "INR", "inr": "INR",
    "rupee": "INR",
}  # fmt: skip
_SIGN = r"(?:US\$|HK\$|NT\$|A\$|C\$|S\$|[¥￥$€£₩₹])"
_WRITTEN = (
    r"(?<!\d)(?:\d{1,3}(?:[.,\s]\d{3}){1,5}(?:[.,]\d{1,2})?(?!\d)"
    r"|\d{1,15}(?:[.,]\d{1,2})?(?!\d)|\d{1,15})"
)
_ZH_UNIT = (
    r"(?:元|块钱|块(?![表肉布糖板屏地蛋石])|圆|人民币|美元|美金|美刀|刀(?!具|片)|港币|港元|"
    r"欧元|英镑|日元|新台币|台币|澳元|加元|韩元)"
)
_EN_UNIT = (
    r"(?:us\s+dollars?|dollars?|bucks?|euros?|eur|pounds?(?!\s+of)|quid|gbp|usd|hkd|yuan|rmb|cny|kuai|yen|jpy|"
    r"aud|cad|sgd|rupees?|inr|krw)\b"
)
MONEY = re.compile(
    rf"""(?P<sign>{_SIGN})\s?(?P<a1>{_WRITTEN})(?P<k1>\s?(?:k|m|million|万|千)(?![A-Za-z]))?(?:\s*(?:-|–|~|到|to)\s*{_SIGN}?\s?(?P<a1b>\d[\d,]{{0,15}}(?:\.\d{{1,6}})?)(?![\d%]))?
    |(?P<a2>{_WRITTEN})\s?(?P<sign2>[€£₩₹])
    |(?:(?P<a3low>{_ZH}){_TO})?(?P<a3>{_ZH_PAIRS}[十百千万]?|{_ZH})(?P<about>多|来|几)?\s?(?P<u3>{_ZH_UNIT})(?P<tail>{_ZH}(?![{_HAN}\d])|(?:[\d一二两三四五六七八九]角|[\d一二两三四五六七八九]毛)(?:[\d一二两三四五六七八九]分)?)?(?:钱)?
    |(?<![\d.])(?P<dimes>[\d一二两三四五六七八九半])(?:毛|角)(?:钱)?(?P<cents>[\d一二三四五六七八九]分)?(?![{_HAN}]{{0,1}}[球衣巾笔])
    |(?:(?P<a4low>(?<!\d)\d[\d,]{{0,15}}(?:\.\d{{1,6}})?){_TO})?\b(?P<a4>{_EN})\s?(?P<u4>{_EN_UNIT})(?:\s+(?:and\s+)?(?P<c4>{_EN})\s+cents?\b)?
    |\b(?P<a5>{_EN})\s+(?:cents?|pence)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
BOUND = re.compile(
    r"\b(?:(?P<most>under|below|less\s+than|up\s+to|no\s+more\s+than|at\s+most|max(?:imum)?(?:\s+of)?)"
    r"|(?P<least>over|above|more\s+than|at\s+least|min(?:imum)?(?:\s+of)?))\s+$"
    r"|(?:(?P<zmost>不到|不超过|最多|低于|少于)|(?P<zleast>超过|至少|最少|高于|多于|不少于))\s*$",
    re.IGNORECASE,
)
BOUND_AFTER = re.compile(
    r"\s*(?:(?P<zmost>以内|以下|之内|之下)|(?P<zleast>以上|之上|起(?![来步])))"
)
TIME_UNITS = {
    "second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2592000,
    "quarter": 7776000, "year": 31536000, "working_day": 86400,
}  # fmt: skip
EN_TIME = {
    "second": "second", "sec": "second", "minute": "minute", "min": "minute", "hour": "hour",
    "hr": "hour", "day": "day", "night": "day", "week": "week", "fortnight": "week",
    "month": "month", "year": "year", "working day": "working_day", "business day": "working_day",
}  # fmt: skip
ZH_TIME = {
    "秒钟": "second", "秒": "second", "分钟": "minute", "刻钟": "minute", "小时": "hour",
    "钟头": "hour", "工作日": "working_day", "天": "day", "晚": "day", "星期": "week",
    "礼拜": "week", "周": "week", "月": "month", "季度": "quarter", "年": "year",
}  # fmt: skip
DURATION = re.compile(
    rf"""(?:(?P<low>{_ZH}){_TO})?(?P<n>{_ZH_PAIRS}|{_ZH}|几)(?P<more>多)?\s?(?P<piece>个)?(?P<half>半)?(?P<zu>{"|".join(ZH_TIME)})(?P<half2>半(?![价天]))?(?![号日初末底级纪])
    |(?:(?P<elow>(?<!\d)\d{{1,15}}|{english.WORDS}|an?)(?:\s*(?:-|–|to|or)\s*))?\b(?P<en>{_EN})[\s-]+(?P<eu>(?:(?:working|business)\s+)?(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|nights?|weeks?|fortnights?|months?|years?))\b(?P<ehalf>\s+and\s+a\s+half\b)?
    |(?<![\d.])(?P<sn>\d{{1,15}}(?:\.\d{{1,6}})?)\s?(?P<su>h|hrs?|min|mins|sec)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
LENGTH_UNITS = {
    "km": "kilometre", "kilometer": "kilometre", "kilometre": "kilometre", "公里": "kilometre",
    "千米": "kilometre", "里地": "li", "m": "metre", "meter": "metre", "metre": "metre",
    "米": "metre", "cm": "centimetre", "centimeter": "centimetre", "centimetre": "centimetre",
    "厘米": "centimetre", "公分": "centimetre", "mm": "millimetre", "毫米": "millimetre",
    "millimeter": "millimetre", "mile": "mile", "英里": "mile", "ft": "foot", "foot": "foot",
    "feet": "foot", "英尺": "foot", "inch": "inch", "inche": "inch", "英寸": "inch", "寸": "inch",
    "yard": "yard",
}  # fmt: skip
DISTANCE = re.compile(
    rf"(?P<zn>{_ZH})多?\s?(?P<zu>公里|千米|厘米|毫米|公分|英里|英尺|英寸|寸|米(?![饭色白粉]))(?P<half>半|[一二三四五六七八九](?![十百千万{_HAN}]))?"
    rf"|\b(?P<en>{_EN})[\s-]?(?P<eu>kilometers?|kilometres?|km|centimeters?|centimetres?|cm|"
    r"millimeters?|mm|meters?|metres?|m|miles?|feet|foot|ft|inch(?:es)?|yards?)\b"
    r"|(?<!\d)(?P<qn>\d{1,15}(?:\.\d{1,6})?)(?P<qu>['\"″′])(?!\w)",
    re.IGNORECASE,
)
_CLASSIFIERS = "|".join("个件条双只台套盒瓶箱份包把张床副对支杯部样袋罐枚串本颗粒块桶顶枝组单打位")
WEIGHTS = {
    "kg": "kilogram", "kilogram": "kilogram", "kilo": "kilogram", "公斤": "kilogram",
    "千克": "kilogram", "g": "gram", "gram": "gram", "克": "gram", "斤": "jin", "lb": "pound",
    "pound": "pound", "oz": "ounce", "ounce": "ounce", "l": "litre", "liter": "litre",
    "litre": "litre", "升": "litre", "ml": "millilitre", "毫升": "millilitre", "吨": "ton",
    "ton": "ton",
}  # fmt: skip
QUANTITY = re.compile(
    rf"""(?:(?P<low>{_ZH}){_TO})?(?<![几十百千])(?P<zn>{_ZH_PAIRS}|{_ZH})(?P<more>多)?\s?(?P<zu>公斤|千克|毫升|{_CLASSIFIERS}|克|斤|升(?!级)|吨)(?!月|人民|小时|钟头|星期|礼拜|工作日)
    |(?:(?P<elow>(?<!\d)\d{{1,15}}|{english.WORDS})(?:\s*(?:-|–|to|or)\s*))?\b(?P<en>{_EN})[\s-]?(?P<eu>kilograms?|kilos?|kgs?|grams?|g|lbs?|pounds?(?=\s+of)|ounces?|oz|lit(?:er|re)s?|l|ml|tons?|pieces?|pcs|items?|pairs?|boxes|box|bottles?|packs?|packets?|packages?|sets?|bags?|units?|copies|copy|cups?|cans?|tins?|rolls?|sheets?|cases?|cartons?|dozens?\b(?!\s+\w)|people|persons?|guests?|tickets?|orders?|parcels?)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
ORDINAL_WORDS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth",
)  # fmt: skip
ORDINAL = re.compile(
    r"第(?P<zn>\d{1,9}|[一二两三四五六七八九十百零]{1,9})(?!时间)|\b(?P<dn>\d{1,9})(?:st|nd|rd|th)\b"
    rf"|\b(?P<wn>{'|'.join(ORDINAL_WORDS)})\b",
    re.IGNORECASE,
)
NUMBER = re.compile(
    rf"(?<![\w.])-?(?:{english.DIGITS})(?:\s?(?:k|million|thousand|billion)\b|[万千百亿])?(?![A-Za-z_]|\.\d)"
    rf"|(?P<zh>(?<![零〇一二两三四五六七八九十百千万亿])[零〇一二两三四五六七八九十百千万亿]{{2,12}}|(?<![第这那哪每上下几])[二两三四五六七八九十](?=个|件|条|双|只|台)|(?<![{_HAN}])[一二两三四五六七八九十](?=$|[,，。！？!?\s]))"
    rf"|\b(?P<en>{english.WORDS}(?:\s+and\s+a\s+half\b)?|(?:a\s+)?(?:couple|dozen|few)(?:\s+of)?\b)",
    re.IGNORECASE,
)
