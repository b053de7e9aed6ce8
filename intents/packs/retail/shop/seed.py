"""The shop on its first day: products, stock, customers, and orders around the day of seeding.

Names, phones and addresses are invented.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from shop.records import Text

COLORS = {
    "white": Text("white", "白色"),
    "black": Text("black", "黑色"),
    "grey": Text("grey", "灰色"),
    "green": Text("green", "绿色"),
    "blue": Text("blue", "蓝色"),
    "red": Text("red", "红色"),
    "yellow": Text("yellow", "黄色"),
    "beige": Text("beige", "米色"),
}
"""Colour words by the key that stock and order lines use."""

PLENTY = 60
TOPS = ("S", "M", "L", "XL", "XXL")


@dataclass(frozen=True)
class _Item:
    sku: str
    kind: str
    name: Text
    price: int
    colors: tuple[str, ...]
    sizes: tuple[str, ...]
    facts: Text
    warranty: int
    names: tuple[str, ...]


# fmt: off
PRODUCTS = (
    _Item(
        "HL-KET", "kitchen", Text("Tide kettle", "潮汐电热水壶"), 159, ("white", "grey"),
        ("1.5 L",),
        Text("1.5 L, 1500 W, stainless steel inside", "1.5L容量，1500W，不锈钢内胆"), 24,
        ("kettle", "water boiler", "电热水壶", "热水壶", "烧水壶", "水壶", "电水壶"),
    ),
    _Item(
        "HL-LMP", "electronics", Text("Pebble desk lamp", "卵石台灯"), 129, ("white", "green"),
        (),
        Text("8 W, dimmable, 3 colour temperatures, USB-C", "8W，可调光，3档色温，USB-C供电"), 12,
        ("desk lamp", "table lamp", "reading lamp", "pebble lamp", "lamp", "台灯"),
    ),
    _Item(
        "HL-EAR", "earphones", Text("Drift earphones", "漂流蓝牙耳机"), 299,
        ("black", "blue", "white"), (),
        Text("Bluetooth 5.3, 28 hours with the case", "蓝牙5.3，配合充电盒续航28小时"), 12,
        ("drift", "drift earbuds", "earphone", "earbud", "headphone", "漂流耳机", "漂流",
         "蓝牙耳机", "耳机"),
    ),
    _Item(
        "HL-EAR2", "earphones", Text("Drift Pro earphones", "漂流Pro蓝牙耳机"), 499,
        ("black", "blue"), (),
        Text("Bluetooth 5.3, noise cancelling, 36 hours with the case",
             "蓝牙5.3，主动降噪，配合充电盒续航36小时"), 12,
        ("drift pro", "drift pro earbuds", "pro earphone", "pro earbud",
         "noise cancelling earphone", "漂流pro耳机", "漂流pro", "降噪耳机", "pro耳机"),
    ),
    _Item(
        "HL-PWR", "electronics", Text("Anchor power bank", "船锚充电宝"), 189, ("black", "red"),
        ("10000 mAh", "20000 mAh"),
        Text("22.5 W, allowed in planes", "22.5W快充，可以带上飞机"), 12,
        ("power bank", "powerbank", "portable charger", "battery pack", "充电宝", "移动电源"),
    ),
    _Item(
        "HL-BLD", "kitchen", Text("Reef blender", "珊瑚破壁机"), 399, ("white",), (),
        Text("1.2 L, 800 W", "1.2L容量，800W"), 24,
        ("blender", "smoothie maker", "mixer", "破壁机", "料理机", "榨汁机"),
    ),
    _Item(
        "HL-VAC", "electronics", Text("Gust handheld vacuum", "疾风手持吸尘器"), 459, ("grey",), (),
        Text("handheld, 45 minutes on one charge", "手持式，充一次电可用45分钟"), 12,
        ("handheld vacuum", "gust vacuum", "vacuum cleaner", "vacuum", "hoover", "gust",
         "手持吸尘器", "吸尘器"),
    ),
    _Item(
        "HL-DUV", "home", Text("Cloud duvet", "云朵羽绒被"), 699, ("white",),
        ("150x200", "200x230", "220x240"),
        Text("90 % white goose down", "90%白鹅绒填充"), 3,
        ("duvet", "down duvet", "comforter", "quilt", "羽绒被", "鹅绒被", "被子"),
    ),
    _Item(
        "HL-SHT", "home", Text("Linen bed set", "亚麻四件套"), 369, ("grey", "beige", "green"),
        ("1.5 m", "1.8 m"), Text("100 % flax", "100%亚麻"), 3,
        ("bed set", "linen set", "bedding set", "bedding", "bed linen", "sheets", "四件套", "床品",
         "床单"),
    ),
    _Item(
        "HL-MUG", "home", Text("Dune mug", "沙丘马克杯"), 39, ("white", "black", "beige"),
        ("350 ml",), Text("350 ml, for microwave and dishwasher", "350ml，可用微波炉和洗碗机"), 3,
        ("mug", "coffee cup", "马克杯", "咖啡杯", "杯子"),
    ),
    _Item(
        "HL-TSH", "clothing", Text("Harbour T-shirt", "港湾T恤"), 89, ("white", "black", "blue"),
        TOPS, Text("cotton, 220 g", "220克纯棉"), 3,
        ("t-shirt", "tshirt", "t shirt", "tee", "t恤", "短袖"),
    ),
    _Item(
        "HL-HOD", "clothing", Text("Breakwater hoodie", "防波堤卫衣"), 229,
        ("grey", "black", "red"), TOPS, Text("fleece inside", "内里抓绒"), 3,
        ("hoodie", "hoody", "sweatshirt", "卫衣", "帽衫"),
    ),
    _Item(
        "HL-JKT", "clothing", Text("Squall rain jacket", "骤雨冲锋衣"), 399,
        ("blue", "yellow", "black"), TOPS[:4],
        Text("10,000 mm water column, sealed seams", "防水指数10000mm，压胶防水接缝"), 3,
        ("rain jacket", "raincoat", "squall", "jacket", "冲锋衣", "防雨外套", "雨衣", "外套"),
    ),
    _Item(
        "HL-SHO", "clothing", Text("Boardwalk sneakers", "栈桥运动鞋"), 329, ("white", "black"),
        tuple(str(size) for size in range(36, 46)),
        Text("run half a size small", "偏小半码，建议拍大一码"), 3,
        ("sneaker", "trainer", "running shoe", "shoe", "运动鞋", "小白鞋", "球鞋", "跑鞋", "鞋子",
         "鞋"),
    ),
    _Item(
        "HL-BAG", "clothing", Text("Mooring backpack", "系泊双肩包"), 269, ("black", "green"),
        ("22 L",), Text("22 L, fits a 15.6 inch laptop", "22L容量，放得下15.6寸笔记本电脑"), 3,
        ("backpack", "rucksack", "laptop bag", "双肩包", "背包", "书包", "电脑包"),
    ),
    _Item(
        "HL-THM", "home", Text("Glacier thermos", "冰川保温杯"), 119, ("white", "blue", "red"),
        ("500 ml",), Text("500 ml, keeps hot for 12 hours", "500ml，保温12小时"), 3,
        ("thermos", "thermoses", "thermos flask", "vacuum flask", "flask", "保温杯", "保温瓶"),
    ),
    _Item(
        "HL-A01", "accessory", Text("Drift protective case", "漂流保护套"), 39,
        ("red", "black", "green"), (),
        Text("silicone, for Drift and Drift Pro", "硅胶材质，适用于漂流和漂流Pro"), 3,
        ("protective case", "silicone case", "earphone cover", "耳机保护套", "保护套", "耳机套"),
    ),
    _Item(
        "HL-A02", "accessory", Text("Drift charging case", "漂流充电盒"), 99,
        ("black", "blue", "white"), (),
        Text("spare charging case for Drift", "漂流耳机的备用充电盒"), 12,
        ("charging case", "charging box", "充电盒", "充电仓"),
    ),
    _Item(
        "HL-A03", "accessory", Text("Drift ear tips", "漂流耳塞套"), 19,
        ("white", "black"), ("S", "M", "L"),
        Text("three pairs, for Drift and Drift Pro", "三对装，适用于漂流和漂流Pro"), 3,
        ("ear tip", "silicone tip", "耳塞套"),
    ),
    _Item(
        "HL-A04", "accessory", Text("Rope USB-C cable", "缆绳USB-C充电线"), 29,
        ("white", "black"), ("1 m", "2 m"),
        Text("for lamp, earphones and power bank", "台灯、耳机、充电宝都能用"), 12,
        ("usb-c cable", "usb c cable", "charging cable", "usb-c线", "充电线", "数据线"),
    ),
    _Item(
        "HL-A05", "accessory", Text("Pier charger", "码头充电器"), 79, ("white",), (),
        Text("30 W, for lamp, earphones and power bank", "30W，台灯、耳机、充电宝都能用"), 12,
        ("wall charger", "power adapter", "充电器", "充电头"),
    ),
    _Item(
        "HL-A06", "accessory", Text("Gust filter", "疾风滤网"), 29, ("grey",), (),
        Text("spare filter for the Gust vacuum", "疾风吸尘器的备用滤网"), 3,
        ("vacuum filter", "vacuum cleaner filter", "吸尘器滤网"),
    ),
    _Item(
        "HL-A07", "accessory", Text("Gust spare battery", "疾风备用电池"), 129, ("black",), (),
        Text("spare battery for the Gust vacuum", "疾风吸尘器的备用电池"), 12,
        ("spare battery", "vacuum battery", "吸尘器电池", "备用电池"),
    ),
    _Item(
        "HL-A08", "accessory", Text("Reef travel cup", "珊瑚随行杯"), 69, ("white",), (),
        Text("fits the Reef blender", "适用于珊瑚破壁机"), 3,
        ("travel cup", "blender cup", "随行杯", "搅拌杯"),
    ),
    _Item(
        "HL-A09", "accessory", Text("Glacier lid", "冰川杯盖"), 25, ("white", "blue", "red"), (),
        Text("spare lid for the Glacier thermos", "冰川保温杯的备用杯盖"), 3,
        ("thermos lid", "保温杯盖"),
    ),
    _Item(
        "HL-A10", "accessory", Text("Cloud duvet cover", "云朵被套"), 159,
        ("white", "grey", "beige"), ("150x200", "200x230", "220x240"),
        Text("cotton, for the Cloud duvet", "纯棉，适用于云朵羽绒被"), 3,
        ("duvet cover", "被套"),
    ),
    _Item(
        "HL-A11", "accessory", Text("Boardwalk insoles", "栈桥鞋垫"), 25, ("grey",),
        tuple(str(size) for size in range(36, 46)),
        Text("for the Boardwalk sneakers", "适用于栈桥运动鞋"), 3,
        ("insole", "sneaker insole", "鞋垫"),
    ),
    _Item(
        "HL-A12", "accessory", Text("Mooring rain cover", "系泊防雨罩"), 45,
        ("yellow", "black"), ("22 L",),
        Text("for the Mooring backpack", "适用于系泊双肩包"), 3,
        ("rain cover", "backpack cover", "背包防雨罩", "防雨罩", "防雨套"),
    ),
)
# fmt: on

EXCEPTIONS: tuple[tuple[str, str, str, int, int | None], ...] = (
    ("HL-EAR2", "blue", "", 0, 6),
    ("HL-JKT", "yellow", "L", 0, None),
    ("HL-SHO", "white", "42", 0, 10),
    ("HL-DUV", "white", "220x240", 3, None),
    ("HL-THM", "red", "500 ml", 0, 3),
)
"""Versions that are not plentiful: sku, colour, size, quantity, days until they are back."""

CUSTOMERS = (
    ("C1001", "林悦", "zh", "13800015521", "silver", 2340),
    ("C1002", "Emma Clarke", "en", "13900028846", "basic", 120),
    ("C1003", "张伟", "zh", "15700037719", "gold", 8800),
    ("C1004", "Priya Nair", "en", "18600049930", "silver", 1510),
    ("C1005", "陈静", "zh", "17700051187", "basic", 0),
    ("C1006", "Tom Becker", "en", "13500066402", "basic", 460),
)

VOUCHERS = (
    ("C1001", "AUTUMN30", 30, 0, 299, 40),
    ("C1001", "MEMBER5", 0, 5, 0, 10),
    ("C1002", "WELCOME10", 10, 0, 100, 20),
    ("C1005", "WELCOME10", 10, 0, 100, 20),
)
"""Customer, code, yuan off, percent off, minimum in yuan, days still valid."""

PAYMENT = {
    "C1001": Text("Alipay", "支付宝"),
    "C1002": Text("your Visa card", "您的Visa卡"),
    "C1003": Text("WeChat Pay", "微信支付"),
    "C1004": Text("your Mastercard", "您的万事达卡"),
    "C1005": Text("Alipay", "支付宝"),
    "C1006": Text("your UnionPay card", "您的银联卡"),
}

ADDRESS = {
    "C1001": "浙江省杭州市西湖区文三路478号3幢602",
    "C1002": "Room 1204, No. 66 Changle Road, Huangpu, Shanghai",
    "C1003": "北京市海淀区中关村大街27号院5号楼1单元302",
    "C1004": "No. 19 Renmin South Road, Wuhou, Chengdu, Sichuan",
    "C1005": "广东省广州市越秀区环市东路339号1808",
    "C1006": "Flat 8C, No. 240 Jiangning Road, Jing'an, Shanghai",
}


def fill(connection: sqlite3.Connection, now: datetime) -> None:
    """Write products, stock, customers and vouchers; days are counted from ``now``."""
    connection.executemany("INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?)", CUSTOMERS)
    for item in PRODUCTS:
        _product(connection, item)
    for sku, color, size, quantity, back in EXCEPTIONS:
        back_on = (now + timedelta(days=back)).date().isoformat() if back is not None else None
        connection.execute(
            "UPDATE stock SET quantity = ?, back_on = ? WHERE sku = ? AND color = ? AND size = ?",
            (quantity, back_on, sku, color, size),
        )
    for customer, code, amount, percent, minimum, days in VOUCHERS:
        until = (now + timedelta(days=days)).date().isoformat()
        connection.execute(
            "INSERT INTO vouchers VALUES (?, ?, ?, ?, ?, ?)",
            (customer, code, amount * 100, percent, minimum * 100, until),
        )


def _product(connection: sqlite3.Connection, item: _Item) -> None:
    connection.execute(
        "INSERT INTO products VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (item.sku, item.kind, item.name.en, item.name.zh, item.price * 100, item.facts.en,
         item.facts.zh, item.warranty),
    )  # fmt: skip
    names = {item.sku, item.name.en, item.name.zh, *item.names}
    connection.executemany(
        "INSERT INTO product_names VALUES (?, ?)",
        [(name.casefold(), item.sku) for name in sorted(names)],
    )
    versions = [(color, size) for color in item.colors for size in item.sizes or ("",)]
    connection.executemany(
        "INSERT INTO stock VALUES (?, ?, ?, ?, NULL, ?)",
        [
            (item.sku, color, size, PLENTY, position)
            for position, (color, size) in enumerate(versions)
        ],
    )
