"""Amazon Lex, both versions."""

from pathlib import Path
from typing import Any

from intents.examples import Entity
from intents.importing import bring
from tests.unit.intents.importing.support import again, brought, lines, steps, told, zipped


def said(*texts: str) -> dict[str, Any]:
    return {"messages": [{"contentType": "PlainText", "content": text} for text in texts]}


CARD = '{"genericAttachments": [{"buttons": [{"text": "Low", "value": "low"}]}]}'
V1 = {
    "metadata": {"schemaVersion": "1.0", "importType": "LEX", "importFormat": "JSON"},
    "resource": {
        "name": "Bank",
        "locale": "en-US",
        "intents": [
            {
                "name": "Invest",
                "sampleUtterances": ["invest", "invest {amount} at {risk} risk"],
                "fulfillmentActivity": {"type": "CodeHook", "codeHook": {"uri": "arn:x"}},
                "slots": [
                    {
                        "name": "risk",
                        "slotType": "Risk",
                        "slotConstraint": "Required",
                        "priority": 2,
                        "sampleUtterances": ["{risk} please"],
                        "valueElicitationPrompt": {**said("What risk?"), "responseCard": CARD},
                    },
                    {
                        "name": "amount",
                        "slotType": "AMAZON.NUMBER",
                        "slotConstraint": "Required",
                        "priority": 1,
                        "valueElicitationPrompt": said("How much?", "What amount?"),
                    },
                    {
                        "name": "who",
                        "slotType": "AMAZON.US_FIRST_NAME",
                        "slotConstraint": "Optional",
                    },
                ],
                "confirmationPrompt": said("Sure?"),
                "conclusionStatement": said("{amount} it is, at {{risk}} {x y}."),
            },
            {"name": "Bye", "sampleUtterances": ["bye"], "conclusionStatement": said("Bye.")},
        ],
        "slotTypes": [
            {
                "name": "Risk",
                "enumerationValues": [
                    {"value": "high", "synonyms": ["wild"]},
                    {"value": "low", "synonyms": []},
                ],
            }
        ],
        "clarificationPrompt": said("Sorry?"),
        "abortStatement": said("Goodbye."),
    },
}


def test_version_1(tmp_path: Path) -> None:
    found = bring(zipped(tmp_path / "bank.zip", {"Bank_Export.json": V1}))
    a = again(found, tmp_path / "out")
    assert lines(a, "Invest") == ["invest", "invest 3 at low risk", "invest 3 at high risk"]
    assert a.examples_of("Invest")[1].entities == (
        Entity(7, 8, "number", "3"),
        Entity(12, 15, "Risk", "low"),
    )
    assert a.forms["Invest_form"].required_slots == ("amount", "risk")
    ask = a.responses["utter_ask_Invest_form_risk"][0]
    assert (ask.text, [button.payload for button in ask.buttons]) == ("What risk?", ["low"])
    assert len(a.responses["utter_ask_Invest_form_amount"]) == 2
    assert a.responses["utter_Invest"][0].text == "{amount} it is, at {risk} {{x y}}."
    rules = {rule.name: steps(rule) for rule in a.rules}
    assert rules["Invest starts Invest_form"] == [
        ("intent", "Invest"),
        ("action", "Invest_form"),
        ("active_loop", "Invest_form"),
    ]
    assert rules["Invest_form is filled"][2:] == [
        ("action", "action_Invest"),
        ("action", "utter_Invest"),
    ]
    assert rules["answers Bye"] == [("intent", "Bye"), ("action", "utter_Bye")]
    assert rules["nothing was understood"][1] == ("action", "utter_default")
    assert [m.type for m in a.slots["who"].mappings] == ["from_entity"]
    assert a.settings.dimensions == ("number",)
    left = told(found, "left out")
    assert "the question before Invest is done" in left
    assert "sample answers for the slot risk" in left
    assert "gives up" in left


def group(*texts: str, **more: Any) -> dict[str, Any]:
    messages = [{"plainTextMessage": {"value": text}} for text in texts]
    return {"message": {**messages[0], **more}, "variations": messages[1:]}


def locale(language: str, words: dict[str, str]) -> dict[str, Any]:
    root = f"Bot/BotLocales/{language}"
    return {
        f"{root}/BotLocale.json": {"name": language},
        f"{root}/SlotTypes/Colour/SlotType.json": {
            "name": "Colour",
            "slotTypeValues": [
                {"sampleValue": {"value": words["red"]}, "synonyms": [{"value": "RED"}]},
            ],
        },
        f"{root}/SlotTypes/Code/SlotType.json": {
            "name": "Code",
            "slotTypeValues": None,
            "valueSelectionSetting": {"regexFilter": {"pattern": "[A-Z]{3}"}},
        },
        f"{root}/Intents/Order/Intent.json": {
            "name": "Order",
            "sampleUtterances": [{"utterance": words["order"]}],
            "slotPriorities": [{"priority": 1, "slotName": "colour"}],
            "fulfillmentCodeHook": {"enabled": False},
            "intentClosingSetting": {
                "isActive": True,
                "closingResponse": {"messageGroupsList": [group(words["done"])]},
            },
            "intentConfirmationSetting": {"isActive": False},
        },
        f"{root}/Intents/Order/Slots/colour/Slot.json": {
            "name": "colour",
            "slotTypeName": "Colour",
            "valueElicitationSetting": {
                "slotConstraint": "Required",
                "promptSpecification": {
                    "messageGroupsList": [
                        group(
                            words["ask"],
                            imageResponseCard={
                                "title": "",
                                "buttonsList": [{"text": words["red"], "value": words["red"]}],
                            },
                        )
                    ]
                },
            },
        },
        f"{root}/Intents/FallbackIntent/Intent.json": {
            "name": "FallbackIntent",
            "parentIntentSignature": "AMAZON.FallbackIntent",
            "intentClosingSetting": {
                "closingResponse": {"messageGroupsList": [group(words["sorry"])]}
            },
        },
    }


ENGLISH = {
    "red": "red",
    "order": "order {colour} paint",
    "done": "{colour} is on its way",
    "ask": "Which colour?",
    "sorry": "Sorry?",
}
CHINESE = {
    "red": "红色",
    "order": "买{colour}油漆",
    "done": "{colour}已发货",
    "ask": "什么颜色?",
    "sorry": "抱歉?",
}


def test_version_2_in_two_languages(tmp_path: Path) -> None:
    files = {
        "Bot/Bot.json": {"name": "Bot"},
        **locale("zh_CN", CHINESE),
        **locale("en_US", ENGLISH),
    }
    found = brought(tmp_path, files)
    a = again(found, tmp_path / "out")
    assert a.languages == ("en", "zh")
    assert lines(a, "Order") == ["order red paint", "买红色油漆"]
    assert a.examples_of("Order")[1].entities == (Entity(1, 3, "Colour", "红色"),)
    reply = a.responses["utter_Order"][0]
    assert (reply.text, reply.translation) == ("{colour} is on its way", {"zh": "{colour}已发货"})
    ask = a.responses["utter_ask_Order_form_colour"][0]
    assert (ask.text, ask.buttons[0].title) == ("Which colour?", "red")
    assert a.responses["utter_default"][0].text_in("zh", "en") == "抱歉?"
    assert a.regexes[0].items == ("[A-Z]{3}",)
    assert told(found, "left out") == ""


def test_a_hook_and_contexts_of_version_2(tmp_path: Path) -> None:
    intent = {
        "name": "Track",
        "sampleUtterances": [{"utterance": "track it"}],
        "fulfillmentCodeHook": {"enabled": True},
        "initialResponseSetting": {
            "initialResponse": {"messageGroups": [group("Let me look.", "One moment.")]}
        },
        "inputContexts": [{"name": "x"}],
    }
    name = "BotLocales/en_GB/Intents/Track/Intent.json"
    found = brought(tmp_path, {name: intent})
    (rule,) = again(found, tmp_path / "out").rules
    assert steps(rule)[1:] == [("action", "utter_Track_first"), ("action", "action_Track")]
    assert len(found.assistant.responses["utter_Track_first"]) == 2
    assert "the Lambda function of Track" in told(found, "approximated")
    assert "inputContexts of Track" in told(found, "approximated")
