"""Actions about a signed-in customer's account."""

from __future__ import annotations

from shop import Shop

from actions.sdk import Event, Step, Turn
from actions.wording import voucher_text, yuan


class ActionVouchers(Step):
    """Lists the customer's valid vouchers."""

    action = "action_vouchers"

    def answer(self, turn: Turn) -> list[Event]:
        """Say the vouchers, that there are none, or that signing in is needed."""
        customer_id = turn.caller.customer_id
        if customer_id is None:
            turn.say("utter_vouchers_sign_in")
            return []
        with Shop.open() as shop:
            vouchers = shop.vouchers_of(customer_id)
        if not vouchers:
            turn.say("utter_no_vouchers")
            return []
        joint = "、" if turn.language == "zh" else "; "
        shown = joint.join(voucher_text(voucher, turn.language) for voucher in vouchers)
        turn.say("utter_voucher_list", vouchers=shown)
        return []


class ActionPoints(Step):
    """Tells points and level, or how they work to whoever is not signed in."""

    action = "action_points"

    def answer(self, turn: Turn) -> list[Event]:
        """Say the balance of a signed-in customer, else the rules."""
        customer_id = turn.caller.customer_id
        if customer_id is None:
            turn.say("utter_membership_points")
            return []
        with Shop.open() as shop:
            customer = shop.customer(customer_id)
        if customer is None:
            turn.say("utter_membership_points")
            return []
        turn.say(
            "utter_points_balance",
            points=str(customer.points),
            worth_amount=yuan(customer.points),
            level=customer.level.in_(turn.language),
        )
        return []
