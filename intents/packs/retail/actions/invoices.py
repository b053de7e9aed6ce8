"""The form of an invoice: which order, whom it is for, where it is sent."""

from __future__ import annotations

from datetime import date
from typing import Any

from shop import Order, order_number
from shop.policy import may_invoice

from actions import answers
from actions.candidates import NOT_INVOICED
from actions.forms import OrderForm, Slots
from actions.sdk import Turn


class InvoiceForm(OrderForm):
    """Which order, whom the invoice is for, and where it is sent."""

    form = "invoice_form"

    def without(self, order: Order, names: list[str], today: date) -> list[str]:
        """Neither title nor e-mail is asked for when there can be no invoice."""
        possible = (
            order.invoice is None
            and order.status not in NOT_INVOICED
            and may_invoice(order.placed_on, today)
        )
        asked = ("invoice_title", "email")
        return names if possible else [name for name in names if name not in asked]

    def extract(self, turn: Turn) -> Slots:
        """A title that is given anew while the e-mail is asked for."""
        found = super().extract(turn)
        later = turn.slot("requested_slot") == "email" and turn.slot("invoice_title") is not None
        if later and answers.makes_personal(turn.text):
            found["invoice_title"] = "personal"
        return found

    def read_invoice_title(self, turn: Turn, value: Any) -> None:
        """``personal``, a person's name, or a company's name with its tax number."""
        text = turn.text if str(value) in turn.text else str(value)
        aside = order_number(text) is not None or answers.is_question(text)
        if text == turn.text and str(value) == text and aside:
            turn.put("invoice_title", None)  # another order, or a question: no name
        elif answers.wants_special_invoice(text):
            turn.say("utter_invoice_special")
            turn.put("invoice_title", None)
        elif answers.is_personal(str(value)):
            turn.put("invoice_title", "personal")
            turn.put("tax_number", None)
        elif answers.some_company(str(value)):
            turn.put("invoice_company", answers.UNNAMED)
            turn.put("invoice_title", None)
        else:
            self._read_name(turn, str(value), text)

    def read_email(self, turn: Turn, value: Any) -> None:
        """An e-mail address."""
        email = answers.read_email(str(value))
        if email is None:
            turn.say("utter_email_invalid")
        turn.put("email", email)

    @staticmethod
    def _read_name(turn: Turn, value: str, text: str) -> None:
        """Name and tax number may come in one message or one after the other."""
        tax = answers.read_tax_number(text) or turn.slot("tax_number")
        said = turn.slot("invoice_company")
        known = None if said == answers.UNNAMED else said
        name = answers.read_title(value) or known
        if tax is None and name and (said is not None or answers.is_company(name)):
            company = said == answers.UNNAMED or answers.is_company(name)
            turn.put("invoice_company", name if company else None)
            name = None
        turn.put("tax_number", tax)
        turn.put("invoice_title", name)
