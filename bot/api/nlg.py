"""An NLG server for Rasa (``nlg.url`` in its endpoints): templates are chosen and filled here.

Source: Rasa's documentation, "NLG servers". What is asked for by name is answered by the template
of that name that fits the language, the channel, the values that the tracker holds, and the latest
message best.
"""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from bot import language as lang
from bot.api.access import Parts
from bot.api.rasa_access import RasaRoute, Refused, admin, failing_as
from bot.responder import Responder, Turned
from bot.service import Service
from bot.tracker import Tracker
from bot.understand import Understander
from models.filling.generator import TemplateFiller, Value

router = APIRouter(tags=["rasa"], route_class=RasaRoute, dependencies=[Depends(admin)])
_RESPONDER = Responder(TemplateFiller())
_PLAIN = (str, int, float)


@router.post("/nlg")
@failing_as("UnexpectedError")
async def generate(request: Request, service: Parts) -> JSONResponse:
    """Write what Rasa asks for: ``{"response", "arguments", "tracker", "channel"}``."""
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise Refused(400, "BadRequest", "The request body is not JSON.") from error
    name = body.get("response") or body.get("template") if isinstance(body, dict) else None
    if not isinstance(name, str) or not name:
        raise Refused(400, "BadRequest", "No response is named.", parameter="response")
    live = service.releases.live
    turned = await _turned(body, service)
    tracker = Tracker.fresh("nlg", live.initial_slots, turned.language)
    tracker.recent_texts = _said(_object(body.get("tracker")))
    said = _RESPONDER.respond(name, live, tracker, turned)
    # a question for what the wording lacks is no answer to Rasa
    if said is None or said.data.get("template") != name:
        raise Refused(
            404,
            "NotFound",
            f"There is no wording of {name[:80]} that can be filled with the values given.",
            response=name[:80],
        )
    data = said.data
    return JSONResponse(
        {
            "text": data["text"],
            "buttons": data.get("buttons", []),
            "image": data.get("image"),
            "elements": data.get("elements", []),
            "attachments": [data["attachment"]] if data.get("attachment") else [],
            "custom": data.get("custom", {}),
        }
    )


async def _turned(body: dict[str, Any], service: Service) -> Turned:
    """What the reply may be made of: the latest words, the slots, and Rasa's arguments."""
    live = service.releases.live
    tracker, given = _object(body.get("tracker")), _object(body.get("arguments"))
    latest = _object(tracker.get("latest_message")).get("text")
    text = latest[: service.settings.max_text] if isinstance(latest, str) else ""
    languages = live.assistant.languages
    language = lang.choose(text, live.assistant.settings.default_language, languages)
    vector = Understander.nothing(live)
    if text.strip():
        vector = (await service.inference.run(live.embed, [text]))[0]
    values = {
        **{k: Value(v, f"slot:{k}") for k, v in _plain(_object(tracker.get("slots")))},
        **{k: Value(v, f"argument:{k}") for k, v in _plain(given)},
    }
    channel = _object(body.get("channel")).get("name")
    return Turned(text, vector, language, str(channel or "rasa"), values)


def _object(given: Any) -> dict[str, Any]:
    return given if isinstance(given, dict) else {}


def _plain(values: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        (name, value)
        for name, value in values.items()
        if isinstance(value, _PLAIN) and not isinstance(value, bool)
    ]


def _said(tracker: dict[str, Any]) -> list[str]:
    """The bot's latest words, which are not to be said again if there are others."""
    events = tracker.get("events")
    found = [e for e in events if isinstance(e, dict)] if isinstance(events, list) else []
    return [str(e["text"]) for e in found if e.get("event") == "bot" and e.get("text")][-5:]
