"""Detector for Chinese addresses told by their parts: an estate, a building, a room, a village.

A house number ends few addresses: what follows it (``越洋广场38F``) belongs to it as long as it is
made of names of buildings, numbers and parts of houses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.redaction.spans import Span

_HAN = "[㐀-鿿]"
# Characters that end an address: they speak of it.
_SPEAKING = (
    "的了吗呢吧啊是在有和跟被把都就说给让叫帮你我他她它谢要请麻"
    "怎没不哦对收送放退换寄发取但因还也电手快急早晚午今明昨已同"
)
_NAME_CHAR = rf"(?![{_SPEAKING}])[㐀-鿿]"
_NUMBER = r"(?:\d{1,5}|[零一二三四五六七八九十百]{1,4})"
_INNER = (
    rf"(?:[A-Za-z]{{0,2}}{_NUMBER}[A-Za-z]?(?:号楼|号院|号|栋|幢|座|单元|门|层|楼|室|房|户|铺|床"
    rf"|组|队|期|区|舍|寝|弄"
    r"|馆|柜|F\b|f\b)|[A-Za-z]\d{0,2}[座区栋馆塔楼]|[A-Za-z]?\d{1,4}(?:[-–_]\d{1,5}){1,3}"
    r"|[A-Za-z]\d{2,5}"
    r"|之[一二三四五]|地下室|负[一二三]楼)"
)
_BUILDING = (
    r"(?:大厦|广场|中心|大楼|宿舍|酒店|宾馆|医院|学校|大学|中学|小学|公司|小区|公寓|家园|花园"
    r"|花苑|嘉园|新村|驿站"
    r"|快递柜|丰巢|门卫|前台|幼儿园|市场|超市|商场|商城|大院|校区|园区|科技园|产业园|工业园|天街"
    r"|公馆|山庄|豪庭"
    r"|[店城苑园楼厂院馆府庭湾村庄门口站房社部])"
)
_REST = re.compile(
    rf"(?:[\s,，_-]{{0,2}}(?:(?:{_NAME_CHAR}){{0,10}}?{_INNER}"
    rf"|(?:{_NAME_CHAR}){{1,9}}?{_BUILDING}))+"
    rf"(?:(?:{_NAME_CHAR}){{2,10}}(?=$|[\s,，。;；]))?"
)
_CUE = (
    r"(?:地址[是为:\s]{0,2}|寄到|寄往|送到|送往|送去|发到|发往|改到|改成|改为|住在|家住|住|搬到"
    r"|放在?|放到|派到|位于"
    r"|我在|人在)"
)
_ESTATE = (
    rf"(?:{_NAME_CHAR}){{2,8}}?(?:花园|小区|公寓|家园|新村|名苑|花苑|嘉园|雅苑|豪庭|公馆|山庄"
    rf"|天街|大厦|科技园|产业园"
    r"|工业园|大院|宿舍|新城|华府|府邸|国际|名邸|学府|御景|广场|苑|府)"
)
_PLACES = re.compile(
    rf"{_CUE}\s?({_ESTATE})(?!附近|旁边|那家|的?店)"
    rf"|((?:{_NAME_CHAR}){{2,8}}?(?:小区|花园|公寓|家园|花苑|嘉园|新村|天街))"
    r"(?=(?:那个|的)?(?:地址|门口|驿站|丰巢|快递柜|物业|保安|[东南西北]门))"
    rf"|((?:{_NAME_CHAR}){{2,10}}[A-Z]\d{{0,2}}[-–]\d{{3,4}}(?!\d))"
    rf"|((?:{_NAME_CHAR}){{2,6}}村(?:{_NAME_CHAR}){{1,4}}?(?:庄|屯|组|湾|坪|沟|队|\d{{1,3}}号))"
    rf"|((?:{_NAME_CHAR}){{2,16}}(?:医院|住院部|宿舍楼?|学校|大学|学院|校区|公寓|病区"
    rf"|科室?)(?:{_NAME_CHAR}){{0,6}}?"
    rf"{_NUMBER}(?:楼|号楼|层|床|号宿舍|舍|栋|室|病房|号)(?:[A-Za-z]?\d{{1,4}}(?:床|室|号|病房)?)?)"
    rf"|((?:{_NAME_CHAR}){{2,8}}(?:大学|学院|校区)(?:{_NAME_CHAR}){{0,4}}{_NUMBER}(?:舍|号楼|栋"
    rf"|寝|公寓)\s?\d{{2,4}}(?:寝|室)?)"
    rf"|{_CUE}\s?((?:[㐀-鿿]{{2,7}}?[省市区县镇乡州盟旗]){{1,4}}[㐀-鿿]{{1,6}}?(?:镇|乡|村|街道"
    rf"|旗|苏木))"
    rf"|{_CUE}\s?([㐀-鿿]{{2,12}}\d{{1,4}}号(?:民宿|酒店|院|铺|店|门|楼)?)"
    rf"|((?<![㐀-鿿])(?:{_NAME_CHAR}){{2,8}}\d{{1,4}}号(?:民宿|院|大院|公寓|别墅))"
    r"|((?<![㐀-鿿])(?![我你他她们这那哪每各某整全同本贵])[㐀-鿿]{2,4}(?:花园|公寓|家园|花苑|嘉园"
    r"|新村)(?!里|式|椅|用|装|的花))"
    r"|(?<=不是)((?![我你他她们这那])[㐀-鿿]{2,4}(?:花园|小区|公寓|家园|花苑|嘉园|新村))"
    r"|(?:地址"
    r"|住址)[是为:\s]{1,3}(?![不错改在什])((?=[^，,。\n]*[A-Z\d路街村镇乡区县侧旁])[^，,。！!？?\n]{4,40})"
    r"|(?<![\d第.])(\d{1,3}(?:单元|号楼|栋|幢)(?:\d{1,2}(?:单元|门|层|楼))?(?:\d{3,4}室?)?)(?!价"
    r"|房型)"
    r"|(?<![\d第.])(\d{3,4}室)(?!温)"
    r"|门牌号?[是为:\s]{0,2}(\d{1,5})(?=号|$|\D)"
    rf"|((?=[㐀-鿿]{{1,20}}[省市区县镇乡州])(?>(?:{_NAME_CHAR}){{4,30}})[A-Za-z]?\d{{1,5}}(?:[-–一]\d{{2,5}})+(?![天年月日元块件个小倍]))"
    rf"|({_NUMBER}(?:号楼|栋|幢|楼)\s?{_NUMBER}(?:单元|门)\s?\d{{2,4}}室?)"
)
_TRADITIONAL = str.maketrans(
    "區號樓縣鄉鎮棟層戶東門臺灣廣場廈園莊單國際學醫",
    "区号楼县乡镇栋层户东门台湾广场厦园庄单国际学医",
)


def simplified(text: str) -> str:
    """``text`` with the characters that addresses are known by in their simplified form."""
    return text.translate(_TRADITIONAL)


def find_estates(text: str) -> Iterator[Span]:
    """Addresses of ``text`` (folded, simplified) that no street and number tell."""
    for match in _PLACES.finditer(text):
        start, end = match.span(match.lastindex or 0)
        yield Span(start, whole(text, end), "address")


def whole(text: str, end: int) -> int:
    """Where the address that ``text[:end]`` ends with ends itself."""
    rest = _REST.match(text, end)
    return rest.end() if rest else end
