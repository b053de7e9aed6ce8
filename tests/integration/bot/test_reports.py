"""Operators have reports made on releases."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from bot.operating.reports import FORMAT
from tests.integration.bot.conftest import World
from tests.support.service import Staffer
from tests.support.timing import within

pytestmark = pytest.mark.weights


async def finished(operator: Staffer, path: str) -> dict[str, Any]:
    """Wait for the end of a report; what it said on the way is kept."""
    stages: list[str] = []
    while True:
        state: dict[str, Any] = (await operator.get(path)).json()
        if state["state"] != "running":
            return {**state, "stages": stages}
        stages.append(state["stage"])
        await asyncio.sleep(0.05)


@within(300)
async def test_a_report_is_made_beside_the_service_and_kept(world: World) -> None:
    async with (
        world.serving() as app,
        await app.administrator(),
        await app.staffer("operator", "olga") as operator,
        await app.staffer("agent", "ana") as agent,
    ):
        path = "studio/reports/current"
        assert (await agent.get(path)).status_code == 403
        assert (await app.http.get(f"/api/v1/{path}/page")).status_code == 401
        assert (await operator.get(path)).json()["state"] == "none"
        assert (await operator.get(f"{path}/page")).status_code == 404
        for wrong in ("nobody", "..", ".lock"):
            assert (await operator.get(f"studio/reports/{wrong}/page")).status_code == 404
            assert (await operator.send(f"studio/reports/{wrong}")).status_code in (404, 405)

        began = await operator.send(path)
        assert began.status_code == 202, began.text
        release = began.json()["release"]
        assert began.json()["state"] == "running"
        assert (await operator.send(path)).json()["state"] == "running"
        customer = await app.customer()
        assert (await customer.say("hello"))["text"].startswith("Hello")
        state = await finished(operator, path)
        assert state["state"] == "ready", state
        assert set(state["stages"]) & {"Fitting intents", "Comparing lines"}
        assert (await operator.send(path)).json()["state"] == "ready"

        page = await operator.get(f"{path}/page", language="zh")
        assert page.headers["content-type"].startswith("text/html")
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert policy.endswith("frame-ancestors 'self'")
        assert "判断" in page.text
        assert (await operator.get(f"{path}/page", language="fr")).status_code == 400
        data = (await operator.get(f"studio/reports/{release}/data")).json()
        assert data["head"]["release"] == release
        assert data["head"]["source"] == "held_out"


@within(240)
async def test_a_report_that_fails_says_why_and_can_be_begun_again(world: World) -> None:
    async with world.serving() as app, await app.administrator() as admin:
        release = app.service.releases.live.release
        stored = world.home / "releases" / release / "examples.jsonl"
        kept = stored.read_bytes()
        stored.unlink()
        stored.write_bytes(kept.split(b"\n", 1)[1])
        path = f"studio/reports/{release}"
        assert (await admin.send(path)).status_code == 202
        state = await finished(admin, path)
        assert state["state"] == "failed"
        assert "do not fit together" in state["problem"]
        stored.write_bytes(kept)
        assert (await admin.send(path)).json()["state"] == "running"
        # the service ends, and the report with it
    folder = world.home / "reports"
    assert not (folder / FORMAT / release / "report.json").exists()
    assert json.loads((folder / "progress.json").read_text())["release"] == release
