"""``frontdesk chat``: talk to a running service in the terminal."""

from __future__ import annotations

import argparse
import sys
import time
import uuid
from typing import Any

import httpx

from bot.extras import in_words
from models.errors import Unavailable

PATIENCE = 12.0


def chat(given: argparse.Namespace) -> int:
    """Run a conversation until end of input.

    :raises Unavailable: nobody answers.
    """
    with httpx.Client(base_url=given.url, timeout=15) as client:
        try:
            opened = client.post("/api/v1/conversations", json={"language": given.language})
            opened.raise_for_status()
        except httpx.HTTPError as error:
            raise Unavailable(
                f"No Frontdesk answers at {given.url}",
                found=type(error).__name__,
                fix="Start one with 'frontdesk serve', or name it with --url.",
            ) from error
        data = opened.json()
        client.headers["Authorization"] = f"Bearer {data['token']}"
        return _converse(client, f"/api/v1/conversations/{data['conversation_id']}")


def _converse(client: httpx.Client, path: str) -> int:
    seen = 0
    buttons: list[dict[str, str]] = []
    prompt = "> " if sys.stdin.isatty() else ""
    while True:
        try:
            text = input(prompt).strip()
        except EOFError:
            return 0
        if not text:
            continue
        message: dict[str, Any] = {"client_message_id": str(uuid.uuid4()), "text": text}
        chosen = _chosen(text, buttons)
        if chosen is not None:
            message |= {"text": chosen["title"], "payload": chosen["payload"]}
        answer = client.post(f"{path}/messages", json=message)
        if answer.status_code != 202:
            print("!", answer.json()["error"]["message"])
            continue
        seen, buttons = _show_replies(client, path, max(seen, answer.json()["seq"]))


def _chosen(text: str, buttons: list[dict[str, str]]) -> dict[str, str] | None:
    """A number picks a quick reply."""
    if text.isdigit() and 0 < int(text) <= len(buttons):
        return buttons[int(text) - 1]
    return None


def _show_replies(client: httpx.Client, path: str, seen: int) -> tuple[int, list[dict[str, str]]]:
    deadline = time.monotonic() + PATIENCE
    buttons: list[dict[str, str]] = []
    shown = False
    while time.monotonic() < deadline:
        found = client.get(f"{path}/events", params={"after": seen}).json()
        seen = found["last_seq"]
        for event in found["events"]:
            if event["role"] == "customer":
                continue
            lines = [event["text"]] if event["text"] else []
            for line in lines + in_words(event):
                print(line)
            buttons = event["buttons"] or buttons
            # a reply ends the wait, even one that has nothing for a terminal
            shown = shown or event["type"] == "message" or bool(lines)
        if shown:
            for number, button in enumerate(buttons, 1):
                print(f"  {number}. {button['title']}")
            return seen, buttons
        time.sleep(0.05)
    print("(no answer yet)")
    return seen, buttons
