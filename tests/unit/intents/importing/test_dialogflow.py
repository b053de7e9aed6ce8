"""Dialogflow, ES and CX."""

from pathlib import Path
from typing import Any

from intents.examples import Entity
from intents.importing import bring
from tests.unit.intents.importing.support import again, brought, lines, steps, told, zipped


def usersays(*rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"data": row, "isTemplate": False, "count": 0} for row in rows]


def part(text: str, meta: str = "", alias: str = "") -> dict[str, Any]:
    return {"text": text, "meta": meta, "alias": alias} if meta else {"text": text}


def text(speech: Any, lang: str = "en", **more: Any) -> dict[str, Any]:
    return {"type": 0, "lang": lang, "speech": speech, **more}


ORDER = {
    "id": "1",
    "name": "order - food",
    "contexts": [],
    "responses": [
        {
            "affectedContexts": [{"name": "Order-followup", "lifespan": 2}],
            "parameters": [
                {
                    "name": "dish",
                    "dataType": "@dish",
                    "required": True,
                    "prompts": [
                        {"lang": "en", "value": "What would you like?"},
                        {"lang": "zh-cn", "value": "您要什么?"},
                    ],
                },
                {"name": "from-city", "dataType": "@sys.geo-city", "required": False},
                {"name": "to-city", "dataType": "@sys.geo-city", "required": True, "prompts": []},
                {"name": "note", "dataType": "@sys.any", "required": False},
                {"name": "when", "dataType": "@sys.date-time", "required": False},
            ],
            "messages": [
                text(["$dish for $to-city.original!", "{ok}"]),
                text("好的,$dish", "zh-cn"),
                {"type": 2, "title": "Anything else?", "replies": ["Yes", "No"], "lang": "en"},
                {
                    "type": "suggestion_chips",
                    "platform": "google",
                    "lang": "en",
                    "suggestions": [{"title": "x"}],
                },
                {"type": 9, "lang": "en"},
            ],
        }
    ],
    "webhookUsed": True,
    "events": [{"name": "ORDER"}],
}
CONFIRM = {
    "id": "2",
    "name": "order - food - yes",
    "parentId": "1",
    "contexts": ["Order-followup"],
    "responses": [
        {
            "messages": [
                {
                    "type": "4",
                    "payload": {
                        "richContent": [
                            [
                                {"type": "info", "title": "Done", "subtitle": "soon"},
                                {"type": "chips", "options": [{"text": "Bye"}]},
                                {"type": "image", "rawUrl": "https://example.com/a.png"},
                            ]
                        ]
                    },
                }
            ]
        }
    ],
}
FALLBACK = {
    "id": "3",
    "name": "Default Fallback Intent",
    "fallbackIntent": True,
    "responses": [{"messages": [text("Pardon?"), text("抱歉?", "zh-cn")]}],
}
HOOK = {"id": "4", "name": "track", "responses": [{"messages": []}], "webhookUsed": True}
ES = {
    "agent.json": {"language": "en", "supportedLanguages": ["zh-cn", "es"]},
    "package.json": {"version": "1.0.0"},
    "entities/dish.json": {"name": "dish", "isRegexp": False, "isEnum": False},
    "entities/dish_entries_en.json": [
        {"value": "noodles", "synonyms": ["noodles", "pasta", "@soup:soup"]},
        {"value": "rice", "synonyms": ["rice"]},
    ],
    "entities/code.json": {"name": "code", "isRegexp": True},
    "entities/code_entries_en.json": [{"value": "code", "synonyms": ["[A-Z]\\d+"]}],
    "intents/order - food.json": ORDER,
    "intents/order - food_usersays_en.json": usersays(
        [part("two\n"), part("noodles", "@dish", "dish"), part(" to "),
         part("Rome", "@sys.geo-city", "to-city"), part(" now", "@sys.ignore", "x")],
        [part(" "), part("rice ", "@dish", "dish")],
    ),
    "intents/order - food_usersays_zh-cn.json": usersays(
        [part("要"), part("米饭", "@dish", "dish")]
    ),
    "intents/order - food_usersays_es.json": usersays([part("quiero sopa")]),
    "intents/order - food - yes.json": CONFIRM,
    "intents/order - food - yes_usersays_en.json": usersays([part("yes")]),
    "intents/Default Fallback Intent.json": FALLBACK,
    "intents/Default Fallback Intent_usersays_en.json": usersays([part("tell a joke")]),
    "intents/track.json": HOOK,
    "intents/track_usersays_en.json": [*usersays([part("track it")]),
                                       {"data": [part("@x:x go")], "isTemplate": True}],
}  # fmt: skip


def test_es_lines_and_entities(tmp_path: Path) -> None:
    a = again(bring(zipped(tmp_path / "agent.zip", ES)), tmp_path / "out")
    assert a.languages == ("en", "zh")
    assert lines(a, "order_food") == ["two noodles to Rome now", "rice", "要米饭"]
    first, second, _ = a.examples_of("order_food")
    assert first.entities == (
        Entity(4, 11, "dish", "noodles"),
        Entity(15, 19, "geo-city", "Rome", "to-city"),
    )
    assert second.entities == (Entity(0, 4, "dish", "rice"),)
    assert lines(a, "out_of_scope") == ["tell a joke"]
    assert a.settings.intents["order_food"].description == "order - food"
    assert [(s.value, s.variants) for s in a.synonyms] == [("noodles", ("pasta",))]
    assert a.lookups[0].items == ("noodles", "pasta", "rice")
    assert a.regexes[0].items == (r"[A-Z]\d+",)
    assert a.settings.dimensions == ("time",)


def test_es_forms_replies_and_order(tmp_path: Path) -> None:
    found = brought(tmp_path, ES)
    a = again(found, tmp_path / "out")
    assert a.forms["order_food_form"].required_slots == ("dish", "to-city")
    ask = a.responses["utter_ask_order_food_form_dish"][0]
    assert (ask.text, ask.translation["zh"]) == ("What would you like?", "您要什么?")
    one, two = a.responses["utter_order_food"]
    assert one.text == "{dish} for {to-city}!\n\nAnything else?"
    assert (one.translation["zh"], two.text) == ("好的,{dish}", "{{ok}}\n\nAnything else?")
    assert [button.payload for button in one.buttons] == ["Yes", "No"]
    rich = a.responses["utter_order_food_yes"][0]
    assert (rich.text, rich.image) == ("Done\nsoon", "https://example.com/a.png")
    rules = {rule.name: steps(rule) for rule in a.rules}
    assert rules["order_food_form is filled"][-1] == ("action", "utter_order_food")
    assert rules["answers track"] == [("intent", "track"), ("action", "action_track")]
    assert rules["nothing was understood"][1] == ("action", "utter_default")
    (story,) = a.stories
    assert steps(story) == [
        ("intent", "order_food"),
        ("action", "order_food_form"),
        ("active_loop", "order_food_form"),
        ("action", "order_food_form"),
        ("active_loop", None),
        ("action", "utter_order_food"),
        ("intent", "order_food_yes"),
        ("action", "utter_order_food_yes"),
    ]
    mappings = a.slots["to-city"].mappings
    assert [(m.type, m.role) for m in mappings] == [
        ("from_entity", "to-city"),
        ("from_entity", None),
        ("from_text", None),
    ]


def test_es_says_what_is_not_the_same(tmp_path: Path) -> None:
    found = brought(tmp_path, ES)
    near, left = told(found, "approximated"), told(found, "left out")
    for what in ("built-in entity geo-city", "the webhook of order_food"):
        assert what in near
    assert "lines and replies in es" in left
    assert "the question for to-city" in near
    assert "contexts of order_food_yes: Order-followup" in near
    for what in ("the event ORDER", "platform google alone", "of the kind 9", "'@soup:soup'"):
        assert what in left
    assert "track_usersays_en.json:11: left out: the template '@x:x go'" in left


def page(name: str, **more: Any) -> dict[str, Any]:
    return {"displayName": name, **more}


def says(*texts: str) -> dict[str, Any]:
    return {"messages": [{"text": {"text": list(texts)}, "languageCode": "en"}]}


def phrase(*parts: tuple[str, str]) -> dict[str, Any]:
    shown = [{"text": t, **({"parameterId": p} if p else {})} for t, p in parts]
    return {"parts": shown, "repeatCount": 1, "languageCode": "en"}


FLOW = "flows/Default Start Flow"
CX = {
    "agent.json": {"defaultLanguageCode": "en", "startFlow": "Default Start Flow"},
    "entityTypes/size/size.json": {"displayName": "size", "kind": "KIND_MAP"},
    "entityTypes/size/entities/en.json": {
        "entities": [{"value": "Large", "synonyms": ["Large", "big"]}]
    },
    "entityTypes/sys.number/sys.number.json": {"displayName": "sys.number"},
    "intents/order/order.json": {
        "displayName": "order",
        "description": "Wants a pizza",
        "parameters": [{"id": "size", "entityType": "@size"}],
    },
    "intents/order/trainingPhrases/en.json": {
        "trainingPhrases": [phrase(("a ", ""), ("big", "size"), (" one", ""))]
    },
    "intents/yes/yes.json": {"displayName": "yes"},
    "intents/yes/trainingPhrases/en.json": {"trainingPhrases": [phrase(("yes", ""))]},
    "intents/no/no.json": {"displayName": "no"},
    "intents/no/trainingPhrases/en.json": {"trainingPhrases": [phrase(("no", ""))]},
    "intents/hello/hello.json": {"displayName": "hello"},
    "intents/hello/trainingPhrases/en.json": {"trainingPhrases": [phrase(("hello", ""))]},
    "intents/Default Negative Intent/Default Negative Intent.json": {
        "displayName": "Default Negative Intent",
        "isFallback": True,
    },
    "intents/Default Negative Intent/trainingPhrases/en.json": {
        "trainingPhrases": [phrase(("sing", ""))]
    },
    f"{FLOW}/Default Start Flow.json": page(
        "Default Start Flow",
        transitionRoutes=[
            {"intent": "hello", "triggerFulfillment": says("Hello", "Hi")},
            {"intent": "order", "triggerFulfillment": says("Fine."), "targetPage": "Pizza"},
            {"intent": "yes", "condition": "$session.params.x > 3"},
            {"intent": "no", "condition": '$session.params.mood = "bad"',
             "triggerFulfillment": {**says("Sorry."), "webhook": "crm", "tag": "complain"}},
        ],
        eventHandlers=[{"event": "sys.no-match-default", "triggerFulfillment": says("Pardon?")}],
    ),
    f"{FLOW}/pages/Pizza.json": page(
        "Pizza",
        entryFulfillment=says("Some questions."),
        form={"parameters": [
            {"displayName": "size", "required": True, "entityType": "@size",
             "fillBehavior": {"initialPromptFulfillment": says("Which size?")}},
            {"displayName": "count", "required": False, "entityType": "@sys.number"},
        ]},
        transitionRoutes=[{"condition": '$page.params.status = "FINAL"', "targetPage": "Sure"}],
    ),
    f"{FLOW}/pages/Sure.json": page(
        "Sure",
        entryFulfillment=says("A $session.params.size one?"),
        transitionRoutes=[
            {"intent": "yes", "triggerFulfillment": says("Done."), "targetPage": "End Session"},
            {"intent": "no", "targetPage": "Pizza"},
        ],
    ),
    "webhooks/crm.json": {"displayName": "crm"},
}  # fmt: skip


def test_cx_lines_and_entities(tmp_path: Path) -> None:
    found = bring(zipped(tmp_path / "agent.zip", CX))
    a = again(found, tmp_path / "out")
    assert a.examples_of("order")[0].entities == (Entity(2, 5, "size", "big"),)
    assert lines(a, "out_of_scope") == ["sing"]
    assert a.settings.intents["order"].description == "Wants a pizza"
    assert (a.lookups[0].items, a.synonyms[0].variants) == (("Large", "big"), ("big",))
    assert a.settings.dimensions == ("number",)


def test_cx_flows_become_rules_forms_and_stories(tmp_path: Path) -> None:
    found = brought(tmp_path, CX)
    a = again(found, tmp_path / "out")
    rules = {rule.name: steps(rule) for rule in a.rules}
    assert rules["Default Start Flow: hello"] == [("intent", "hello"), ("action", "utter_hello")]
    assert [v.text for v in a.responses["utter_hello"]] == ["Hello", "Hi"]
    assert rules["order starts Pizza_form"] == [
        ("intent", "order"),
        ("action", "utter_order"),
        ("action", "utter_Pizza"),
        ("action", "Pizza_form"),
        ("active_loop", "Pizza_form"),
    ]
    assert rules["Pizza_form is filled"] == [
        ("action", "Pizza_form"),
        ("active_loop", None),
        ("action", "utter_Sure"),
    ]
    assert a.responses["utter_Sure"][0].text == "A {size} one?"
    assert a.forms["Pizza_form"].required_slots == ("size",)
    assert rules["Default Start Flow: no"] == [
        ("intent", "no"),
        ("slot_was_set", (("mood", "bad"),)),
        ("action", "utter_no"),
        ("action", "action_complain"),
    ]
    mood = a.slots["mood"]
    assert (mood.type, mood.values, mood.influence_conversation) == ("categorical", ("bad",), True)
    yes, no = a.stories
    assert steps(yes)[-2:] == [("intent", "yes"), ("action", "utter_Sure_yes")]
    assert steps(no)[-1] == ("intent", "no")


def test_cx_flows_that_begin_at_the_same_intent_and_choices_without_words(tmp_path: Path) -> None:
    chips = {"richContent": [[{"type": "chips", "options": [{"text": "Big"}, {"text": "Small"}]}]]}
    asks = {"messages": [{"payload": chips, "languageCode": "en"}]}
    other = {
        "flows/Orders/Orders.json": page(
            "Orders",
            transitionRoutes=[
                {"intent": "order", "triggerFulfillment": says("Orders it is.")},
                {"intent": "yes", "triggerFulfillment": says("Well?"), "targetPage": "Which"},
            ],
        ),
        "flows/Orders/pages/Which.json": page("Which", entryFulfillment=asks),
    }
    found = brought(tmp_path / "in", CX | other)
    a = again(found, tmp_path / "out")
    begun = [rule.name for rule in a.rules if steps(rule)[0] == ("intent", "order")]
    assert begun == ["order starts Pizza_form"]
    assert "what 'Orders: order' does at order. There another flow is active" in told(found)
    choice = a.responses["utter_Which"][0]
    assert choice.text == "Please choose:"
    assert [button.title for button in choice.buttons] == ["Big", "Small"]
    assert "the words before the buttons of utter_Which" in told(found, "approximated")


def test_cx_says_what_is_not_the_same(tmp_path: Path) -> None:
    found = brought(tmp_path, CX)
    near, left = told(found, "approximated"), told(found, "left out")
    assert "the way back from Sure to Pizza" in near
    assert "the webhook crm" in near
    assert "'$session.params.x > 3'" in left
    assert "webhooks of the agent, 1 files" in left


def test_a_broken_file_of_an_agent_is_told(tmp_path: Path) -> None:
    found = brought(tmp_path, {**ES, "intents/track.json": '{"name": "track",\n oops}'})
    (problem,) = found.problems
    assert (problem.file, problem.line) == ("intents/track.json", 2)
    assert lines(found, "order_food")


def test_an_agent_of_earlier_years_with_lines_in_the_intents(tmp_path: Path) -> None:
    agent = {
        "agent.json": {"language": "en"},
        "entities/dish.json": {
            "name": "dish",
            "entries": [{"value": "soup", "synonyms": ["soup", "broth"]}],
        },
        "intents/eat.json": {
            "name": "eat",
            "userSays": [{"data": [part("hot "), part("broth", "@dish", "dish")]}],
            "responses": [{"messages": [], "speech": []}],
        },
    }
    found = brought(tmp_path, agent)
    (example,) = found.assistant.examples
    assert example.entities == (Entity(4, 9, "dish", "broth"),)
    assert found.assistant.lookups[0].items == ("soup", "broth")
