"""The pack's YAML against its code and against itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from actions.replies import REPLIES, checked
from rasa_sdk.executor import ActionExecutor
from ruamel.yaml import YAML

PACK = Path(__file__).parents[3] / "intents" / "packs" / "retail"
SERVICE = {"action_handoff", "action_default_fallback", "action_listen"}
SERVICE_REPLIES = {
    "utter_default",
    "utter_clarify",
    "utter_next_request",
    "utter_action_unavailable",
    "utter_form_abandoned",
    "utter_too_long",
    "utter_file_kept",
    "utter_no_text",
    "utter_contact_saved",
    "utter_agent_joined",
    "utter_agent_left",
    "utter_language_unsupported",
    "utter_handoff",
    "utter_handoff_closed",
}
GIVEN_BY_THE_SERVICE = {"utter_next_request": {"request"}}
FACTS = {
    "utter_shipping_cost": ["99", "8", "18", "12", "45"],
    "utter_delivery_time": ["16:00", "2–4", "5–8", "4–7"],
    "utter_delivery_area": ["4–7", "45", "5–8", "12"],
    "utter_pickup_point": ["88", "15", "21", "6", "10:00", "21:00", "7"],
    "utter_return_policy": ["7", "30"],
    "utter_return_shipping_fee": ["10"],
    "utter_exchange_item": ["15"],
    "utter_refund_method": ["1–3", "7"],
    "utter_damaged_item": ["48"],
    "utter_missing_item": ["48"],
    "utter_wrong_item": ["48"],
    "utter_quality_issue": ["30", "12", "24", "3"],
    "utter_warranty_info": ["12", "24", "3", "7–10"],
    "utter_repair_request": ["7–10", "12", "24", "3"],
    "utter_payment_methods": ["300", "3", "6", "12", "PayPal"],
    "utter_payment_failed": ["30", "24"],
    "utter_double_charge": ["3"],
    "utter_installment": ["300", "3", "6", "12"],
    "utter_invoice_change": ["30"],
    "utter_invoice_requested": ["24"],
    "utter_invoice_too_late": ["60"],
    "utter_price_protection": ["15"],
    "utter_bargain": ["WELCOME10", "10", "100", "5"],
    "utter_voucher_problem": ["WELCOME10", "10", "100"],
    "utter_membership_points": ["100", "12", "1,000|1000", "5,000|5000"],
    "utter_gift_wrap": ["6"],
    "utter_bulk_order": ["20"],
    "utter_size_advice": ["155–165", "45–52", "163–170", "52–60", "168–176", "60–70", "174–182"],
    "utter_login_problem": ["60"],
    "utter_delete_data": ["15", "10"],
    "utter_privacy_question": ["15", "10"],
    "utter_unsubscribe": ["T", "24"],
    "utter_scam_report": ["96110"],
    "utter_service_hours": ["08:00", "24:00"],
    "utter_complaint": ["2", "3"],
    "utter_handoff_closed": ["08:00", "24:00"],
    "utter_order_unpaid": ["30"],
    "utter_return_window_over": ["7", "30"],
}


def load(*names: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for name in names:
        for path in sorted(PACK.glob(name)):
            for key, value in YAML(typ="safe").load(path).items():
                if isinstance(value, dict):
                    assert not merged.get(key, {}).keys() & value.keys(), f"twice in {path}"
                    merged[key] = {**merged.get(key, {}), **value}
                else:
                    merged[key] = value
    return merged


DOMAIN = load("domain*.yml", "responses/*.yml")
RESPONSES: dict[str, list[dict[str, Any]]] = DOMAIN["responses"]
RULES: list[dict[str, Any]] = load("data/rules.yml")["rules"]
SETTINGS = load("frontdesk.yml")


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def wordings(name: str) -> list[tuple[str, str]]:
    return [
        (language, text)
        for variation in RESPONSES[name]
        for language, text in (("en", variation["text"]), *variation["translation"].items())
    ]


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_every_reply_is_written_in_both_languages(name: str):
    for variation in RESPONSES[name]:
        assert set(variation["translation"]) == {"zh"}
        english, chinese = variation["text"], variation["translation"]["zh"]
        assert placeholders(english) == placeholders(chinese)
        assert not re.search(r"[\u4e00-\u9fff]", english.replace("(专票)", ""))
        assert re.search(r"[\u4e00-\u9fff]", chinese)
        assert "\n\n" not in english + chinese
        for button in variation.get("buttons", []):
            assert button["title"]
            assert button["payload"]
            assert button["translation"]["zh"]["title"]


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_every_reply_can_be_filled(name: str):
    provided = set(REPLIES.get(name, ())) or GIVEN_BY_THE_SERVICE.get(name, set())
    for _, text in wordings(name):
        assert placeholders(text) <= provided


@pytest.mark.parametrize("name", sorted(REPLIES))
def test_every_reply_of_an_action_exists_and_uses_what_it_is_given(name: str):
    assert name in RESPONSES
    used = set().union(*(placeholders(text) for _, text in wordings(name)))
    assert used == set(REPLIES[name])


@pytest.mark.parametrize("name", sorted(FACTS))
def test_no_wording_leaves_out_a_fact(name: str):
    for _, text in wordings(name):
        for fact in FACTS[name]:
            assert re.search(rf"(?<![\d.])(?:{fact})(?!\d)", text), f"{fact} is not in {text!r}"


def test_the_declared_replies_are_those_that_the_code_says():
    said = set()
    for path in (PACK / "actions").glob("*.py"):
        if path.name != "replies.py":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and str(node.value).startswith("utter_"):
                    said.add(node.value)
    assert said == set(REPLIES)


def test_values_must_be_those_declared():
    with pytest.raises(ValueError, match="utter_not_shipped_yet"):
        checked("utter_not_shipped_yet", {"order_id": "HL20418376"})
    with pytest.raises(ValueError, match="utter_nothing"):
        checked("utter_nothing", {})


def test_buttons_name_intents_of_the_domain():
    for name in RESPONSES:
        for variation in RESPONSES[name]:
            for button in variation.get("buttons", []):
                if button["payload"].startswith("/"):
                    assert button["payload"][1:] in DOMAIN["intents"]


def test_there_are_sixty_three_intents_and_each_has_titles_and_lines():
    intents = DOMAIN["intents"]
    assert len(intents) == len(set(intents)) == 64  # with out_of_scope
    assert set(SETTINGS["intents"]) == set(intents)
    for info in SETTINGS["intents"].values():
        assert set(info["title"]) == {"en", "zh"}
        assert info["description"]


def test_every_intent_has_an_answer():
    ruled = {rule["steps"][0].get("intent") for rule in RULES}
    for intent in DOMAIN["intents"]:
        # without one, what lies outside is refused
        answered = intent in ruled or f"utter_{intent}" in RESPONSES
        assert answered is (intent != "out_of_scope")
    assert set(SETTINGS["handoff_intents"]) <= set(DOMAIN["intents"])


def test_rules_name_only_what_exists():
    known = {*DOMAIN["actions"], *DOMAIN["forms"], *RESPONSES, *SERVICE}
    for rule in RULES:
        for step in [*rule.get("condition", []), *rule["steps"]]:
            if "intent" in step:
                assert step["intent"] in DOMAIN["intents"]
            if "action" in step:
                assert step["action"] in known
            if step.get("active_loop"):
                assert step["active_loop"] in DOMAIN["forms"]


def test_each_form_is_begun_and_submitted_by_a_rule():
    steps = [rule["steps"] for rule in RULES]
    for form in DOMAIN["forms"]:
        begun = [s for s in steps if {"action": form} in s and {"active_loop": form} in s]
        done = [s for s in steps if {"action": form} in s and {"active_loop": None} in s]
        assert (len(begun), len(done)) == (1, 1)
        assert done[0][-1]["action"].startswith("action_")


def test_forms_ask_for_slots_that_can_be_filled_and_asked_for():
    for form, spec in DOMAIN["forms"].items():
        assert f"validate_{form}" in DOMAIN["actions"]
        assert set(spec["ignored_intents"]) <= set(DOMAIN["intents"])
        for slot in spec["required_slots"]:
            assert slot in DOMAIN["slots"]
            assert f"utter_ask_{slot}" in RESPONSES or f"action_ask_{slot}" in DOMAIN["actions"]


def test_mappings_name_only_what_exists():
    for slot, spec in DOMAIN["slots"].items():
        for mapping in spec["mappings"]:
            assert mapping.get("entity", "phone") in DOMAIN["entities"]
            assert mapping.get("intent", "affirm") in DOMAIN["intents"]
            for condition in mapping.get("conditions", []):
                assert condition["active_loop"] in DOMAIN["forms"]
                assert condition.get("requested_slot", slot) == slot


def test_text_fills_a_slot_only_while_it_is_asked_for():
    for spec in DOMAIN["slots"].values():
        for mapping in spec["mappings"]:
            if mapping["type"] in ("from_text", "from_intent"):
                assert all("requested_slot" in c for c in mapping["conditions"])


def test_the_domain_declares_just_the_actions_that_there_are():
    executor = ActionExecutor()
    executor.register_package("actions")
    assert set(executor.actions) == set(DOMAIN["actions"])


def test_the_service_finds_its_own_replies():
    assert set(RESPONSES) >= SERVICE_REPLIES


def test_patterns_find_the_shapes_they_are_for():
    def found(kind: str, text: str) -> bool:
        spec = SETTINGS["patterns"][kind]
        return any(re.search(pattern, text) for pattern in spec["patterns"])

    assert found("order_id", "my order hl20418376?")
    assert found("order_id", "订单ＨＬ２０４１８３７６")
    assert not found("order_id", "HL2041837")
    assert found("tracking_no", "SF100200300401")
    assert found("voucher_code", "code WELCOME10 please")
    assert not found("voucher_code", "welcome")


def test_the_readme_names_every_action():
    text = (PACK / "README.md").read_text(encoding="utf-8")
    for action in DOMAIN["actions"]:
        assert action.startswith("validate_") or f"`{action}`" in text
