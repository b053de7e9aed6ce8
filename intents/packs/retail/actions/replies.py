"""What each reply of an action is given: the contract between actions and ``responses/``.

Amounts are numbers (names end in ``_amount``), days ISO dates (names end in ``_date``), all else
is text in the language of the turn. Whoever edits a reply may use any of its values.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

Value = str | int | float | date
"""What may be handed over; days are written out as ``YYYY-MM-DD``."""

REPLIES: Mapping[str, tuple[str, ...]] = {
    # asking
    "utter_ask_order_id": (),
    "utter_ask_order_choice": (),
    "utter_ask_confirm": ("order_id", "items", "total_amount"),
    "utter_order_id_invalid": (),
    "utter_phone_tail_invalid": (),
    "utter_address_invalid": (),
    "utter_email_invalid": (),
    "utter_ask_invoice_title": (),
    "utter_ask_company": (),
    "utter_invoice_tax_missing": (),
    "utter_invoice_special": (),
    # opening an order
    "utter_order_not_found": (),
    "utter_order_locked": (),
    # how an order stands
    "utter_order_status": ("order_id", "items", "total_amount", "order_date", "status"),
    "utter_order_unpaid": ("order_id", "items", "total_amount"),
    "utter_status_preparing": ("dispatch_date",),
    "utter_status_shipped": ("carrier", "tracking_no", "expected_date"),
    "utter_status_delivered": ("delivered_date", "place"),
    "utter_status_voucher": ("voucher_code", "discount_amount", "paid_amount"),
    "utter_status_return": ("return_no", "requested_date"),
    "utter_status_refund": ("refund_amount", "payment_method", "expected_date"),
    "utter_status_refunded": ("refund_amount", "payment_method", "refund_date"),
    # where a parcel is
    "utter_shipment_status": (
        "order_id",
        "carrier",
        "tracking_no",
        "scan_date",
        "last_scan",
        "expected_date",
    ),
    "utter_shipment_overdue": (),
    "utter_not_scanned_yet": (),
    "utter_shipment_delivered": (
        "order_id",
        "carrier",
        "tracking_no",
        "delivered_date",
        "place",
    ),
    "utter_not_shipped_yet": ("order_id", "dispatch_date"),
    "utter_delivery_delay_apology": (
        "order_id",
        "carrier",
        "tracking_no",
        "scan_date",
        "last_scan",
        "expected_date",
        "days_late",
    ),
    "utter_delivered_not_received": (
        "order_id",
        "carrier",
        "tracking_no",
        "delivered_date",
        "place",
    ),
    # changing an order
    "utter_order_cancelled": ("order_id", "items"),
    "utter_cancel_refund": ("refund_amount", "payment_method", "expected_date"),
    "utter_cancel_too_late": ("order_id",),
    "utter_cancel_final": ("order_id",),
    "utter_cancel_kept": ("order_id",),
    "utter_address_changed": ("order_id", "address"),
    "utter_address_too_late": ("order_id", "carrier", "tracking_no"),
    "utter_change_items_possible": ("order_id", "items"),
    "utter_change_items_too_late": ("order_id",),
    # returns and refunds
    "utter_return_started": (
        "order_id",
        "items",
        "return_no",
        "refund_amount",
        "payment_method",
    ),
    "utter_return_fee_shop": (),
    "utter_return_fee_customer": (),
    "utter_return_sealed_only": (),
    "utter_return_window_over": ("order_id", "delivered_date"),
    "utter_return_not_yet": ("order_id",),
    "utter_return_exists": ("order_id", "return_no", "requested_date"),
    "utter_refund_status": ("order_id", "refund_amount", "payment_method", "refund_state"),
    "utter_refund_expected": ("expected_date",),
    "utter_refund_after_check": ("return_no", "requested_date"),
    "utter_refund_done": ("order_id", "refund_amount", "payment_method", "refund_date"),
    "utter_no_refund": ("order_id",),
    # invoices
    "utter_invoice_requested": ("order_id", "total_amount", "invoice_title", "email"),
    "utter_invoice_too_late": ("order_id", "order_date"),
    "utter_invoice_exists": ("order_id", "invoice_title", "requested_date"),
    # products
    "utter_in_stock": ("item", "price_amount"),
    "utter_stock_few": ("left",),
    "utter_stock_except": ("missing",),
    "utter_out_of_stock": ("item",),
    "utter_back_in_stock": ("back_date",),
    "utter_no_restock_date": (),
    "utter_variant_unknown": ("product", "options"),
    "utter_product_unknown": (),
    "utter_product_more": (),
    "utter_products": ("products",),
    "utter_products_fitting": ("products",),
    "utter_products_within": ("products", "price_amount"),
    "utter_products_above": ("products",),
    "utter_sizes": ("product", "sizes"),
    "utter_compare_with": ("product", "price_amount", "facts"),
    "utter_product_not_known": ("product",),
    "utter_product_facts": ("product", "price_amount", "facts", "options", "warranty"),
    "utter_product_info": (),
    # account
    "utter_voucher_list": ("vouchers",),
    "utter_no_vouchers": (),
    "utter_vouchers_sign_in": (),
    "utter_points_balance": ("points", "worth_amount", "level"),
    "utter_membership_points": (),
}


def checked(reply: str, values: Mapping[str, Value]) -> dict[str, str | int | float]:
    """``values`` as JSON, after a check that they are what ``reply`` declares.

    :raises ValueError: an undeclared reply, or values missing or too many: a mistake in code.
    """
    declared = REPLIES.get(reply)
    if declared is None or set(declared) != set(values):
        raise ValueError(
            f"Expected the values {sorted(declared or ())} for {reply}, found {sorted(values)}. "
            "Mend the call or the table of replies."
        )
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }
