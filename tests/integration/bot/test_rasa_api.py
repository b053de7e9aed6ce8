"""Rasa's HTTP API over real HTTP, on a small real release."""

from __future__ import annotations

import io
import tarfile
from typing import Any

import jwt
import orjson
import pytest

from intents.assistant import SessionConfig
from intents.reading.yamlfile import load
from tests.integration.bot.conftest import World
from tests.support.farend import FarEnd
from tests.support.modelserver import keeping
from tests.support.service import App
from tests.support.timing import eventually, within

TOKEN = "t" * 24
SECRET = "j" * 40
KEY = {"Authorization": f"Bearer {TOKEN}"}
API = {"rasa_token": TOKEN, "rasa_jwt_secret": SECRET}


async def call(app: App, method: str, path: str, status: int = 200, **more: Any) -> Any:
    """Call the API as an administrator; return the body."""
    answer = await app.http.request(method, path, headers=KEY | more.pop("headers", {}), **more)
    assert answer.status_code == status, answer.text
    return answer.json() if "json" in answer.headers.get("content-type", "") else answer


def failure(body: dict[str, Any]) -> tuple[int, str]:
    """Status and reason of an error in Rasa's shape."""
    assert set(body) == {"version", "status", "message", "reason", "details", "help", "code"}
    assert (body["status"], body["help"]) == ("failure", None)
    return body["code"], body["reason"]


@within(60)
async def test_api_is_off_without_a_token_and_knows_two_roles(world: World) -> None:
    async with world.serving() as app:
        assert failure((await app.http.get("/status", headers=KEY)).json()) == (404, "NotFound")
    async with world.serving(**API) as app:
        user = jwt.encode({"user": {"username": "a/b", "role": "user"}}, SECRET)
        admin = jwt.encode({"user": {"username": "root", "role": "admin"}}, SECRET)
        forged = jwt.encode({"user": {"username": "a/b", "role": "admin"}}, "x" * 40)
        odd = jwt.encode({"user": "root"}, SECRET)
        for token, path, wanted in (
            (None, "/version", 401),
            (forged, "/version", 401),
            (odd, "/version", 401),
            (user, "/version", 403),
            (admin, "/version", 200),
            (user, "/conversations/a/b/tracker", 200),
            (user, "/conversations/a/c/tracker", 403),
            (admin, "/conversations/a/c/tracker", 200),
        ):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            answer = await app.http.get(path, headers=headers)
            assert answer.status_code == wanted, (path, answer.text)
            if wanted != 200:
                names = {401: "NotAuthenticated", 403: "NotAuthorized"}
                assert failure(answer.json()) == (wanted, names[wanted])
        assert (await app.http.get(f"/version?token={TOKEN}")).status_code == 200


@within(60)
async def test_status_parse_and_domain(world: World) -> None:
    async with world.serving(**API) as app:
        assert set(await call(app, "GET", "/version")) == {"version", "minimum_compatible_version"}
        status = await call(app, "GET", "/status")
        release = app.service.releases.live.release
        assert status == {
            "model_file": f"{release}.tar.gz",
            "model_id": release,
            "num_active_training_jobs": 0,
        }
        text = {"text": "please cancel HL20418376", "message_id": "m"}
        parsed = await call(app, "POST", "/model/parse", json=text)
        assert parsed["intent"]["name"] == "cancel_order"
        [entity] = parsed["entities"]
        assert (entity["entity"], entity["start"], entity["end"]) == ("order_id", 14, 24)
        assert parsed["intent_ranking"][0] == parsed["intent"]
        assert parsed["message_id"] == "m"
        meant = await call(app, "POST", "/model/parse", json={"text": '/inform{"size": "L"}'})
        assert meant["intent"] == {"name": "inform", "confidence": 1.0}
        assert [one["value"] for one in meant["entities"]] == ["L"]
        assert meant["response_selector"] == {"all_retrieval_intents": []}
        path = "/model/parse?emulation_mode="
        wit = await call(app, "POST", path + "WIT", json=text)
        assert wit["entities"]["order_id:order_id"][0]["body"] == "HL20418376"
        luis = await call(app, "POST", path + "luis", json=text)
        assert luis["prediction"]["topIntent"] == "cancel_order"
        assert luis["prediction"]["entities"]["$instance"]["order_id"][0]["startIndex"] == 14
        flow = await call(app, "POST", path + "DIALOGFLOW", json=text)
        assert flow["queryResult"]["parameters"] == {"order_id": ["HL20418376"]}
        wrong = await call(app, "POST", path + "ALEXA", 400, json=text)
        assert failure(wrong) == (400, "BadRequest")
        for body in (b"", b"[]", b'{"text": 5}'):
            bad = await call(app, "POST", "/model/parse", 400, content=body)
            assert failure(bad) == (400, "BadRequest")
        domain = await call(app, "GET", "/domain")
        assert "greet" in domain["intents"]
        assert domain["slots"]["order_id"]["mappings"][0]["type"] == "from_entity"
        assert set(domain["session_config"]) == set(vars(SessionConfig()))
        as_yaml = await call(app, "GET", "/domain", headers={"Accept": "application/x-yaml"})
        assert load(as_yaml.text, "domain")["intents"] == domain["intents"]
        refused = await call(app, "GET", "/domain", 406, headers={"Accept": "image/png"})
        assert failure(refused) == (406, "NotAcceptable")


@within(90)
async def test_conversation_by_its_tracker_events_intents_and_actions(world: World) -> None:
    async with world.serving(**API) as app:
        base = "/conversations/shop/ada"
        fresh = await call(app, "GET", f"{base}/tracker")
        assert (fresh["sender_id"], fresh["events"], fresh["paused"]) == ("shop/ada", [], False)
        assert isinstance(fresh["slots"], dict)
        for path in ("story", "tracker/none"):
            assert (
                await app.http.get(f"/conversations/nobody/{path}", headers=KEY)
            ).status_code == 404
        for path in ("predict", "execute"):
            missing = await call(
                app, "POST", f"/conversations/nobody/{path}", 404, json={"name": "utter_greet"}
            )
            assert failure(missing) == (404, "NotFound")

        slot = {"event": "slot", "name": "order_id", "value": "HL20415001", "timestamp": None}
        shown = await call(app, "POST", f"{base}/tracker/events", json=slot)
        assert shown["slots"]["order_id"] == "HL20415001"
        for body in (b"", b"5", b"[]", b'[{"name": "x"}]', b'{"event": 5}', b'{"event": "slot"}'):
            bad = await call(app, "POST", f"{base}/tracker/events", 400, content=body)
            assert failure(bad) == (400, "BadRequest")

        triggered = await call(app, "POST", f"{base}/trigger_intent", json={"name": "greet"})
        [said] = triggered["messages"]
        assert said["text"].startswith("Hello")
        assert triggered["tracker"]["latest_message"]["intent"]["name"] == "greet"
        named = {"name": "cancel_order", "entities": {"order_id": "HL20415001"}}
        cancelled = await call(app, "POST", f"{base}/trigger_intent", json=named)
        assert cancelled["messages"][-1]["text"] == "Order HL20415001 is cancelled."
        listed = [{"entity": "order_id", "value": "HL20418376", "role": "old"}, {"entity": 5}]
        named = {"name": "greet", "entities": listed}
        meant = await call(app, "POST", "/conversations/other/trigger_intent", json=named)
        [entity] = meant["tracker"]["latest_message"]["entities"]
        assert (entity["value"], entity["role"]) == ("HL20418376", "old")
        unknown = await call(app, "POST", f"{base}/trigger_intent", 404, json={"name": "fly"})
        assert "fly" in unknown["message"]

        done = await call(app, "POST", f"{base}/execute", json={"name": "utter_thanks"})
        assert done["messages"][0]["text"] == "You are welcome."
        assert done["tracker"]["latest_action_name"] in ("utter_thanks", "action_listen")
        no_name = await call(app, "POST", f"{base}/execute", 400, json={})
        assert failure(no_name) == (400, "BadRequest")
        for name in ("utter_no", "action_no", "action_listen"):
            assert (await call(app, "POST", f"{base}/execute", 404, json={"name": name}))["code"]

        message = {"text": "please cancel HL20418376", "sender": "user"}
        logged = await call(app, "POST", f"{base}/messages", json=message)
        assert logged["latest_message"]["intent"]["name"] == "cancel_order"
        assert world.ledger.cancelled == ["HL20415001"]
        agents = await call(app, "POST", f"{base}/messages", 400, json={**message, "sender": "bot"})
        assert failure(agents) == (400, "BadRequest")
        given = {"intent": {"name": "thanks", "confidence": 1.0}, "entities": []}
        body = {"text": "ta", "sender": "user", "parse_data": given}
        logged = await call(app, "POST", f"{base}/messages", json=body)
        assert logged["latest_message"]["intent"]["name"] == "thanks"
        predicted = await call(app, "POST", f"{base}/predict")
        assert predicted["scores"][0]["score"] == 1.0
        assert sum(item["score"] for item in predicted["scores"]) == 1.0

        story = load((await call(app, "GET", f"{base}/story")).text, "story")
        steps = story["stories"][0]["steps"]
        assert {"intent": "thanks", "user": "ta"} in steps
        everything = await call(app, "GET", f"{base}/tracker?include_events=ALL")
        nothing = await call(app, "GET", f"{base}/tracker?include_events=NONE")
        assert nothing["events"] is None
        first = everything["events"][0]["timestamp"]
        then = await call(app, "GET", f"{base}/tracker?until={first}")
        assert len(then["events"]) < len(everything["events"])
        anew = await call(app, "PUT", f"{base}/tracker/events", json=[slot])
        assert [event["event"] for event in anew["events"]][-1:] == ["slot"]
        assert len(anew["events"]) < len(everything["events"])
        still = await call(app, "GET", f"{base}/tracker?include_events=ALL")
        assert len(still["events"]) > len(everything["events"])
        lower = await call(app, "GET", f"{base}/tracker?include_events=all")
        assert lower["events"] == still["events"]
        path = f"{base}/tracker/events?include_events=SOME"
        bad = await call(app, "POST", path, 400, json={**slot, "value": "HL20415002"})
        assert (failure(bad), bad["details"]["in"]) == ((400, "BadRequest"), "query")
        kept = await call(app, "GET", f"{base}/tracker")
        assert kept["slots"]["order_id"] == "HL20415001"

        # the same conversations as on the channels
        sender = "0123456789abcdef-api"
        await app.http.post("/webhooks/rest/webhook", json={"sender": sender, "message": "hello"})
        shared = await call(app, "GET", f"/conversations/{sender}/tracker")
        assert shared["latest_message"]["text"] == "hello"


@within(60)
async def test_user_cannot_pass_for_another_customer_by_events(world: World) -> None:
    async with world.serving(**API) as app:
        token = jwt.encode({"user": {"username": "eve", "role": "user"}}, SECRET)
        event = {
            "event": "user",
            "text": "x",
            "parse_data": {"intent": {"name": "greet"}},
            "metadata": {"customer_id": "C1001", "page": "/a"},
        }
        headers = {"Authorization": f"Bearer {token}"}
        path = "/conversations/eve/tracker/events"
        answer = await app.http.post(path, json=event, headers=headers)
        metadata = answer.json()["latest_message"]["metadata"]
        assert (metadata["customer_id"], metadata["page"]) == (None, "/a")


@within(60)
async def test_rasa_gets_its_responses_here(world: World) -> None:
    async with world.serving(**API) as app:

        def asked(name: str, text: str = "hi", **slots: Any) -> dict[str, Any]:
            tracker = {"sender_id": "x", "slots": slots, "latest_message": {"text": text}}
            channel = {"name": "collector"}
            return {"response": name, "arguments": {}, "tracker": tracker, "channel": channel}

        said = await call(app, "POST", "/nlg", json=asked("utter_greet"))
        assert set(said) == {"text", "buttons", "image", "elements", "attachments", "custom"}
        assert said["text"].startswith("Hello")
        said = await call(app, "POST", "/nlg", json=asked("utter_greet", "你好"))
        assert said["text"].startswith("您好")
        said = await call(app, "POST", "/nlg", json=asked("utter_order_cancelled", order_id="A1"))
        assert said["text"] == "Order A1 is cancelled."
        body = {**asked("utter_order_cancelled"), "arguments": {"order_id": "B2"}}
        assert "B2" in (await call(app, "POST", "/nlg", json=body))["text"]
        [button] = (await call(app, "POST", "/nlg", json=asked("utter_default")))["buttons"]
        assert button["payload"] == "/human"
        for unknown in (asked("utter_nothing"), asked("utter_order_cancelled")):
            assert failure(await call(app, "POST", "/nlg", 404, json=unknown))
        for bad in (b"", b"[]", b"{}"):
            assert failure(await call(app, "POST", "/nlg", 400, content=bad))
        assert (await app.http.post("/nlg", json=asked("utter_greet"))).status_code == 401


DATA = """\
version: "3.1"
language: en
pipeline: null
intents: [hi, bye]
responses:
  utter_hi: [{text: Hi.}]
  utter_bye: [{text: Bye.}]
rules:
  - rule: greet
    steps: [{intent: hi}, {action: utter_hi}]
nlu:
  - intent: hi
    examples: |
      - hi
      - hello
      - hey you
      - good morning
      - hello there
  - intent: bye
    examples: |
      - bye
      - goodbye
      - see you
      - see you later
      - until next time
"""


STORIES = """\
stories:
  - story: right
    steps: [{user: hello there, intent: hi}, {action: utter_hi}]
  - story: wrong
    steps: [{user: hello there, intent: hi}, {action: utter_bye}]
"""


@pytest.mark.weights
@within(280)
async def test_train_load_test_and_unload(world: World) -> None:
    from tests.support.farend import serving

    def anything(*_: object) -> None:
        """Take whatever comes."""

    async with serving(anything) as end, world.serving(**API) as app:
        for body in (b"", b"nlu: ["):
            refused = await app.http.post("/model/train", headers=KEY, content=body)
            assert failure(refused.json())[0] == 400
        yaml = {"Content-Type": "application/x-yaml"}
        trained = await app.http.post("/model/train", headers=KEY | yaml, content=DATA, timeout=250)
        assert trained.status_code == 200, trained.text
        name = trained.headers["filename"]
        with tarfile.open(fileobj=io.BytesIO(trained.content)) as archive:
            assert any(member.endswith("/release.json") for member in archive.getnames())
        assert (await call(app, "GET", "/status"))["model_file"] != name
        # the archive goes when it has been sent, which the client may know first
        await eventually(lambda: not list(world.home.glob(".archive-*")))
        assert not list(world.home.glob(".train-*"))
        lines = DATA[DATA.index("nlu:") :]
        path = f"/model/test/intents?model={name}"
        report = await call(app, "POST", path, content=lines, headers=yaml)
        assert report["intent_evaluation"]["report"]["hi"]["support"] == 5
        assert len(report["intent_evaluation"]["predictions"]) == 10
        await call(app, "PUT", "/model", 204, json={"model_file": f"models/{name}"})
        await _cross_validated(app, lines)
        played = await call(
            app, "POST", "/model/test/stories", content=STORIES, headers=yaml, timeout=200
        )
        assert played["report"]["conversation_accuracy"]["total"] == 2
        assert [failure["story"] for failure in played["failures"]] == ["wrong"]
        told = [(one["action"], one["predicted"], one["policy"]) for one in played["actions"]]
        assert told[2] == ("utter_bye", "utter_hi", "rule")
        assert (len(told), played["report"]["utter_hi"]["recall"]) == (4, 1.0)
        for figure in ("accuracy", "precision", "f1", "in_training_data_fraction"):
            assert 0 < played[figure] <= 1
        refused = await call(app, "POST", "/model/test/stories", 400, content="", timeout=200)
        assert failure(refused) == (400, "BadRequest")
        assert (await call(app, "GET", "/status"))["model_file"] == name
        parsed = await call(app, "POST", "/model/parse", json={"text": "goodbye"})
        assert parsed["intent"]["name"] in ("bye", "nlu_fallback")
        await _models_from_elsewhere(app, name, trained.content)
        await call(app, "DELETE", "/model", 204)
        assert (await call(app, "GET", "/status"))["model_file"] is None
        unloaded = await call(app, "POST", "/model/parse", 409, json={"text": "hi"})
        assert failure(unloaded) == (409, "Conflict")
        await call(app, "PUT", "/model", 204, json={"model_file": name})
        await _trained_in_the_background(app, end)


async def _cross_validated(app: App, lines: str) -> None:
    """The training data alone are enough, and each line is judged once."""
    path = "/model/test/intents?cross_validation_folds="
    for folds, headers in (("1", {}), ("x", {}), ("2", {"Content-Type": "application/json"})):
        await call(app, "POST", path + folds, 400, content=lines, headers=headers)
    refused = await call(app, "POST", path + "2", 400, content="nlu: [")
    assert failure(refused) == (400, "BadRequest")
    found = await call(app, "POST", path + "2", content=lines, timeout=200)
    assert len(found["intent_evaluation"]["predictions"]) == 10
    assert found["intent_evaluation"]["report"]["bye"]["support"] == 5


async def _models_from_elsewhere(app: App, name: str, archive: bytes) -> None:
    """By a server, by a bucket; what cannot be had leaves the one that serves."""
    with keeping() as end:
        end.models = {"/model": (archive, '"1"'), "/broken": (archive[: len(archive) // 2], '"2"')}
        server = {"model_server": {"url": f"{end.url}/model", "token": "secret"}}
        await call(app, "PUT", "/model", 204, json=server)
        assert end.asked[-1][0] == "/model?token=secret"
        for bad, code in (
            ({"model_file": "../../etc"}, 400),
            ({"model_server": {"url": "file:///etc/passwd"}}, 400),
            ({"model_server": {"url": f"{end.url}/broken"}}, 400),
            ({"model_server": {"url": f"{end.url}/none"}}, 404),
            ({"model_file": name, "remote_storage": "tape"}, 400),
            ({"remote_storage": "aws"}, 400),
            ({}, 400),
        ):
            refused = await call(app, "PUT", "/model", code, json=bad)
            assert failure(refused)[0] == code
    assert (await call(app, "GET", "/status"))["model_file"] == name


async def _trained_in_the_background(app: App, end: FarEnd) -> None:
    """The answer comes at once; what becomes of it is posted to the callback."""
    path = f"/model/train?callback_url={end.url}/trained"
    await call(app, "POST", path, 204, content="nlu: [")
    await eventually(lambda: len(end.calls) == 1, 120)
    [(_, body, _)] = end.calls
    assert body["status"] == "failure"
    assert orjson.dumps(body)
    await call(app, "POST", "/model/train?callback_url=file:///etc", 400, content=DATA)
