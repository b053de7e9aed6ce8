from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from shop import Shop
from shop.catalogue import matching
from shop.seed import COLORS, PRODUCTS

PACK = Path(__file__).parents[3] / "intents" / "packs" / "retail"


@pytest.mark.parametrize(
    ("said", "sku"),
    [("Tide kettle", "HL-KET"), ("kettles", "HL-KET"), ("潮汐电热水壶", "HL-KET"),
     ("earphones", "HL-EAR"), ("Drift Pro earphones", "HL-EAR2"), ("drift pro", "HL-EAR2"),
     ("漂流Pro", "HL-EAR2"), ("漂流Ｐｒｏ蓝牙耳机", "HL-EAR2"), ("耳机", "HL-EAR"),
     ("the noise cancelling earphones", "HL-EAR2"), ("T恤", "HL-TSH"), ("t-shirts", "HL-TSH"),
     ("那个羽绒被", "HL-DUV"), ("hl-bag", "HL-BAG"), ("vacuum flask", "HL-THM"),
     ("vacuum", "HL-VAC"), ("Is the red thermos back?", "HL-THM"), ("mugs", "HL-MUG")],
)  # fmt: skip
def test_products_are_found_by_what_people_call_them(shop: Shop, said: str, sku: str):
    product = shop.product(said)
    assert product is not None
    assert product.sku == sku


@pytest.mark.parametrize("said", ["", "sofa", "沙发", "kettlebell", "lampshade"])
def test_other_things_are_not_ours(shop: Shop, said: str):
    assert shop.product(said) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(said=st.text(max_size=60))
def test_any_text_is_found_or_not(shop: Shop, said: str):
    product = shop.product(said)
    assert product is None or product.variants


@pytest.mark.parametrize(
    ("said", "color", "size", "count"),
    [("hoodie", "grey", "L码", 1), ("hoodie", "灰", "l", 1), ("hoodie", "gray", None, 5),
     ("hoodie", None, "2XL", 3), ("hoodie", "pink", None, 0), ("hoodie", None, "XXXL", 0),
     ("sneakers", "白色", "42码", 1), ("sneakers", None, "size 42", 2), ("sneakers", None, "50", 0),
     ("duvet", None, "220×240", 1), ("duvet", None, "220 * 240", 1), ("bed set", None, "1.8米", 3),
     ("power bank", "black", "20000毫安", 1), ("kettle", None, "big", 2), ("mug", None, "XL", 3)],
)  # fmt: skip
def test_versions_are_found_by_colour_and_size(shop: Shop, said, color, size, count: int):
    product = shop.product(said)
    assert product is not None
    assert len(matching(product, color, size)) == count


def test_what_is_sold_out_comes_back_on_its_day(shop: Shop):
    product = shop.product("Drift Pro")
    assert product is not None
    (blue,) = matching(product, "blue", None)
    assert (blue.quantity, blue.back_on) == (0, date(2025, 11, 25))


def test_every_synonym_of_the_training_lines_means_one_of_our_products(shop: Shop):
    names = {item.name.en: item.sku for item in PRODUCTS}
    for path in sorted((PACK / "data" / "nlu").glob("*/lookups.yml")):
        for item in YAML(typ="safe").load(path)["nlu"]:
            if item.get("synonym") in names:
                product = shop.product(item["synonym"])
                assert product is not None
                assert product.sku == names[item["synonym"]]


def test_every_colour_of_the_stock_has_both_names():
    assert {color for item in PRODUCTS for color in item.colors} <= set(COLORS)
