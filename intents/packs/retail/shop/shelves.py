"""What products are for, in the words of customers who have no product in mind yet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from shop.records import Product


@dataclass(frozen=True)
class Shelf:
    """Products that go together, by the ends of their numbers, and the words that ask for them."""

    words: re.Pattern[str]
    products: frozenset[str]


def _shelf(english: str, chinese: str, products: str) -> Shelf:
    words = re.compile(rf"(?<![a-z])(?:{english})(?![a-z])|{chinese}", re.IGNORECASE)
    return Shelf(words, frozenset(f"HL-{end}" for end in products.split()))


SHELVES = (
    _shelf(
        r"kitchen\w*|cook(?:s|ing|er)?|bak(?:es|ing)|tea|coffee|drinks?|smoothies?|breakfast",
        "厨房|厨具|做饭|做菜|下厨|喝茶|泡茶|咖啡|喝水|早餐|果汁|杯子",
        "KET BLD MUG THM",
    ),
    _shelf(
        r"clothes|clothing|clothed|apparel|fashion|(?:to |some)wear|outfits?|garments?",
        "衣服|服装|服饰|衣物|穿的|穿搭",
        "TSH HOD JKT SHO",
    ),
    _shelf(
        r"electronics?|electronic (?:things|stuff|goods)|tech|techy|gadgets?|geeky?",
        "电子|数码|电器|科技",
        "EAR EAR2 PWR LMP VAC",
    ),
    _shelf(
        r"bed|bedroom|bedding|sleep(?:s|ing)?",
        "床上用品|床品|卧室|睡觉|睡眠|床",
        "DUV SHT LMP",
    ),
    _shelf(
        r"home ?ware|household|housewarming|(?:for|around) the (?:home|house)|living room"
        r"|new (?:flat|home|house|apartment)",
        "家居|居家|家用|家里用|日用|新家|乔迁|搬家|客厅",
        "DUV SHT MUG LMP KET VAC THM",
    ),
    _shelf(
        r"winter|cold (?:weather|days)|keep(?:s|ing)? (?:me |him |her |them )?warm"
        r"|warm (?:things|clothes|stuff)",
        "冬天|冬季|保暖|御寒|怕冷|过冬",
        "HOD JKT DUV THM",
    ),
    _shelf(
        r"travel(?:l?ing|s)?|trips?|hik(?:es|ing)|camping|outdoors?|commut\w+",
        "旅行|旅游|出差|户外|徒步|露营|通勤|爬山",
        "BAG JKT THM PWR EAR2",
    ),
    _shelf(
        r"office|desks?|work|stud(?:y|ies|ying|ents?)|school|uni(?:versity)?|college",
        "办公|上班|书桌|学习|学生|开学|上学",
        "LMP MUG THM BAG EAR2",
    ),
    _shelf(
        r"sport\w*|gym|running|runs|jogging|workouts?|fitness|exercise",
        "运动|健身|跑步|锻炼",
        "SHO TSH EAR2 THM",
    ),
    _shelf(
        r"music|listen(?:s|ing)?|podcasts?|audio",
        "音乐|听歌|音响|播客",
        "EAR EAR2",
    ),
    _shelf(r"rain\w*|wet weather", "下雨|雨天|防雨", "JKT"),
    _shelf(r"clean(?:s|ing)?|dust|hoovering", "打扫|清洁|除尘", "VAC"),
)


def fitting(products: Iterable[Product], text: str) -> tuple[Product, ...]:
    """The products that fit every purpose named in ``text``, or any where none fits all of them;
    empty where it names none."""
    asked = [shelf.products for shelf in SHELVES if shelf.words.search(text)]
    if not asked:
        return ()
    wanted = frozenset.intersection(*asked) or frozenset.union(*asked)
    return tuple(product for product in products if product.sku in wanted)
