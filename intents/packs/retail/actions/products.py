"""Products: the form that asks which one, stock and facts."""

from __future__ import annotations

from collections.abc import Sequence

from shop import Shop
from shop.catalogue import matching, sizes_of, worn
from shop.records import Product, Variant
from shop.shelves import fitting

from actions import answers
from actions.forms import Form, Slots
from actions.sdk import Event, Step, Turn, follow_up, forget
from actions.wording import (
    AND,
    listed,
    missing_text,
    months_text,
    options_text,
    price_limit,
    price_list,
    version,
    yuan,
)

EARPHONES = ("HL-EAR", "HL-EAR2")
"""The two products of one kind, whose comparison is written as an answer."""

FEW = 5
"""Up to so many pieces a customer is told how many are left."""


class ActionStock(Step):
    """Tells whether a product, perhaps in a colour and size, is in stock."""

    action = "action_stock"

    def answer(self, turn: Turn) -> list[Event]:
        """Say what is there, what is not, and when it comes back."""
        with Shop.open() as shop:
            product = shop.product(str(turn.slot("product") or ""))
        if product is None:
            turn.say("utter_product_unknown")
            return forget("product", "color", "size")
        chosen = matching(product, turn.slot("color"), turn.slot("size"))
        if chosen:
            _say_stock(turn, product, chosen)
        else:
            turn.say(
                "utter_variant_unknown",
                product=product.name.in_(turn.language),
                options=options_text(product, turn.language),
            )
        # The next question may be about another product in another colour.
        return forget("color", "size")


class StockForm(Form):
    """Which product; one that we do not have is left to the action to say so."""

    form = "stock_form"

    def extract(self, turn: Turn) -> Slots:
        """A thing that is asked for and is no product of ours, by what the customer calls it."""
        named = any(turn.values(kind) for kind in ("product", "color", "size"))
        if named or turn.slot("requested_slot") == "product":
            return {}
        thing = answers.thing_asked_for(turn.unmarked)
        return {"product": thing} if thing is not None else {}


class ActionProducts(Step):
    """Tells what the shop sells, as far as the purpose and the price that were named allow."""

    action = "action_products"

    def answer(self, turn: Turn) -> list[Event]:
        """List names and prices, the cheapest first; a product that is named is told about.

        What was said of purpose and price a moment ago still holds.
        """
        if turn.values("product"):
            return ActionProductInfo().answer(turn)
        with Shop.open() as shop:
            products = sorted(shop.products(), key=lambda product: product.price)
        said = [(turn.text, turn.amounts("money")), *turn.asked_before(str(turn.intent))]
        fit = next(filter(None, (fitting(products, text) for text, _ in said)), ())
        limits = (price_limit(amounts, text) for text, amounts in said)
        limit = next((one for one in limits if one is not None), None)
        within = [p for p in fit or products if limit is None or p.price <= limit]
        listed = price_list(within or (fit or products)[:3], turn.language)
        if not within:
            turn.say("utter_products_above", products=listed)
        elif limit is not None:
            turn.say("utter_products_within", products=listed, price_amount=yuan(limit))
        else:
            turn.say("utter_products_fitting" if fit else "utter_products", products=listed)
        return []


class ActionSizeAdvice(Step):
    """Names the sizes of what is not worn; for clothes the size guide is found as an answer."""

    action = "action_size_advice"

    def answer(self, turn: Turn) -> list[Event]:
        """Say which sizes the product spoken of has, unless it is about what somebody wears."""
        with Shop.open() as shop:
            product = shop.product(str(turn.slot("product") or ""))
        sizes = sizes_of(product) if product is not None else []
        if product is None or not sizes or worn(sizes) or answers.tells_body(turn.text):
            return [follow_up("action_retrieve_answer")]
        name = product.name.in_(turn.language)
        turn.say("utter_sizes", product=name, sizes=listed(sizes, turn.language, AND))
        return []


class ActionCompare(Step):
    """Asks what a product is to be compared with; what is asked most is found as an answer."""

    action = "action_compare"

    def answer(self, turn: Turn) -> list[Event]:
        """Say what the product spoken of can do, unless nothing or the earphones were."""
        with Shop.open() as shop:
            product = shop.product(str(turn.slot("product") or ""))
        if product is None or product.sku in EARPHONES:
            return [follow_up("action_retrieve_answer")]
        turn.say(
            "utter_compare_with",
            product=product.name.in_(turn.language),
            price_amount=yuan(product.price),
            facts=product.facts.in_(turn.language),
        )
        return []


class ActionProductInfo(Step):
    """Tells the facts about the product in question, or asks which one it is."""

    action = "action_product_info"

    def answer(self, turn: Turn) -> list[Event]:
        """Say price, facts, versions and warranty; to who asks on, that there is no more."""
        wanted = turn.slot("product")
        if not wanted:
            turn.say("utter_product_info")
            return []
        with Shop.open() as shop:
            product = shop.product(str(wanted))
        if product is None:
            turn.say("utter_product_info")
            return forget("product")
        name = product.name.in_(turn.language)
        if turn.just_said("utter_product_facts", name) and not turn.values("product"):
            turn.say("utter_product_not_known", product=name)
            return []
        turn.say(
            "utter_product_facts",
            product=name,
            price_amount=yuan(product.price),
            facts=product.facts.in_(turn.language),
            options=options_text(product, turn.language),
            warranty=months_text(product.warranty_months, turn.language),
        )
        # Facts that the shop holds may not be what was asked for.
        turn.say("utter_product_more")
        return []


def _say_stock(turn: Turn, product: Product, chosen: Sequence[Variant]) -> None:
    item = _item(turn, product, chosen)
    missing = [variant for variant in chosen if not variant.quantity]
    if len(missing) == len(chosen):
        turn.say("utter_out_of_stock", item=item)
        back = min((v.back_on for v in missing if v.back_on), default=None)
        if back is None:
            turn.say("utter_no_restock_date")
        else:
            turn.say("utter_back_in_stock", back_date=back)
        return
    turn.say("utter_in_stock", item=item, price_amount=yuan(product.price))
    if missing:
        turn.say("utter_stock_except", missing=missing_text(missing, turn.language))
    elif len(chosen) == 1 and chosen[0].quantity <= FEW:
        turn.say("utter_stock_few", left=str(chosen[0].quantity))


def _item(turn: Turn, product: Product, chosen: Sequence[Variant]) -> str:
    """The product with the colour and size that were asked for."""
    marks = []
    if len({variant.color for variant in chosen}) == 1 and turn.slot("color"):
        marks.append(chosen[0].color.in_(turn.language))
    if len({variant.size for variant in chosen}) == 1 and turn.slot("size") and chosen[0].size:
        marks.append(chosen[0].size)
    return version(product.name.in_(turn.language), marks, turn.language)
