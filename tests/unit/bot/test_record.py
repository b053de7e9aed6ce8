from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, insert
from sqlalchemy.exc import IntegrityError

from bot.events import Event
from bot.hold import held
from bot.record import schema
from bot.record.migrate import migrate
from bot.record.record import Accepted, Claim, Fenced, Record, Taker
from bot.secrets import Vault
from models.errors import Conflict, NotFound, ServiceError
from tests.support.records import SECRET, SUMMARY, claim_of, talk
from tests.support.timing import within

LEASE = 30.0


def _accepted(record: Record, conversation: str, text: str) -> str:
    accepted = record.accept(conversation, text, {"text": text})
    assert accepted.turn is not None
    return accepted.turn


def _claimed(record: Record, conversation: str, text: str = "hi", worker: str = "w1") -> Claim:
    claim = claim_of(record, _accepted(record, conversation, text), worker, LEASE)
    assert claim is not None
    return claim


def _kinds(record: Record, conversation: str) -> list[str]:
    return [event.kind for event in record.events(conversation)]


def _reply(text: str = "Hello") -> Event:
    return Event("bot", {"text": text, "template": "utter_greet"})


# -- the tables ---------------------------------------------------------------------------


def test_migrations_make_the_tables_that_the_code_describes(tmp_path: Path) -> None:
    record = Record(f"sqlite:///{tmp_path / 'r.sqlite3'}", Vault(SECRET))
    migrate(record.engine)
    migrate(record.engine)
    with record.engine.connect() as db:
        differences = compare_metadata(MigrationContext.configure(db), schema.metadata)
    record.close()
    assert differences == []


@pytest.mark.parametrize("row", ["seq", "client_message_id"])
def test_what_decides_stands_under_unique_constraints(record: Record, row: str) -> None:
    conversation = talk(record)
    record.accept(conversation.id, "m1", {"text": "hi"})
    table = {"seq": schema.events, "client_message_id": schema.client_messages}[row]
    with record.engine.connect() as db:
        [stored] = db.execute(table.select()).mappings().all()
    values = {**stored, "id": "another"} if row == "seq" else dict(stored)
    with pytest.raises(IntegrityError), record.engine.begin() as db:
        db.execute(insert(table).values(**values))


def test_it_answers_a_ping(record: Record) -> None:
    assert record.ping()


# -- conversations and events -------------------------------------------------------------


def test_conversation_is_found_by_id_and_by_its_channels_id(record: Record) -> None:
    made = record.create_conversation(
        channel="rest", language="zh", visitor="v", external_id="sender-1"
    )
    assert record.conversation(made.id) == made
    assert record.by_external_id("rest", "sender-1") == made
    assert record.by_external_id("other", "sender-1") is None
    assert (made.owner, made.epoch, made.last_seq) == ("bot", 0, 0)
    with pytest.raises(NotFound):
        record.conversation(made.id + "x")
    with pytest.raises(NotFound):
        record.append(made.id + "x", [_reply()])
    with pytest.raises(NotFound):
        record.accept(made.id + "x", "m", {"text": "hi"})


def test_channels_id_names_one_conversation(record: Record) -> None:
    def make(_: int) -> str:
        return record.create_conversation(
            channel="rest", language="en", visitor="v", customer_id="C1", external_id="s"
        ).id

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(make, range(6)))) == 1


def test_events_come_after_a_number_in_order_and_in_pages(record: Record) -> None:
    conversation = talk(record)
    for number in range(5):
        record.append(conversation.id, [Event("slot", {"name": "n", "value": number})])
    assert [event.seq for event in record.events(conversation.id)] == [1, 2, 3, 4, 5]
    assert [event.seq for event in record.events(conversation.id, 3)] == [4, 5]
    assert [event.seq for event in record.events(conversation.id, 1, 2)] == [2, 3]
    assert record.events(conversation.id, 99) == []
    [event] = record.events(conversation.id, 4)
    assert event.data == {"name": "n", "value": 4}


def test_events_of_some_kinds_come_alone(record: Record) -> None:
    conversation = record.create_conversation(channel="rest", language="en", visitor="v").id
    record.append(conversation, [Event(kind, {"text": kind}) for kind in ("bot", "notice", "bot")])
    assert [e.seq for e in record.events(conversation, kinds=("notice", "agent_message"))] == [2]
    assert record.events(conversation, 2, kinds=("notice",)) == []
    assert [e.seq for e in record.events(conversation, 1, limit=1, kinds=("bot",))] == [3]


def test_sequence_has_no_gap_and_no_duplicate_under_threads(record: Record) -> None:
    conversation = talk(record)

    def write(worker: int) -> None:
        for number in range(10):
            if number % 2:
                record.append(conversation.id, [_reply(), _reply()])
            else:
                record.accept(conversation.id, f"{worker}-{number}", {"text": "x"})
                record.accept(conversation.id, f"{worker}-{number}", {"text": "x"})

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    found = [event.seq for event in record.events(conversation.id)]
    assert found == list(range(1, 6 * 15 + 1))
    assert record.conversation(conversation.id).last_seq == 90


# -- accept -------------------------------------------------------------------------------


def test_same_message_from_many_threads_is_written_once(record: Record) -> None:
    conversation = talk(record)
    together = threading.Barrier(8)

    def send(_: int) -> Any:
        together.wait(5)
        return record.accept(conversation.id, "m1", {"text": "hi"})

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(send, range(8)))
    assert [one.duplicate for one in found].count(False) == 1
    assert len({one.seq for one in found}) == 1
    assert len({one.event_id for one in found}) == 1
    assert len(record.open_turns()) == 1


def test_same_message_id_in_two_conversations_is_two_messages(record: Record) -> None:
    first, second = talk(record), talk(record)
    assert not record.accept(first.id, "m1", {"text": "a"}).duplicate
    assert not record.accept(second.id, "m1", {"text": "b"}).duplicate


def test_message_opens_a_turn_only_while_the_bot_owns_the_conversation(record: Record) -> None:
    conversation = talk(record)
    record.set_owner(conversation.id, epoch=0, owner="agent", agent="ana")
    accepted = record.accept(conversation.id, "m1", {"text": "to ana"})
    assert accepted.turn is None
    assert accepted.event is not None
    assert record.open_turns() == []


# -- turns --------------------------------------------------------------------------------


def test_one_of_two_workers_gets_the_turn(record: Record) -> None:
    conversation = talk(record)
    turn = _accepted(record, conversation.id, "hi")
    together = threading.Barrier(2)

    def claim(worker: str) -> Claim | None:
        together.wait(5)
        return claim_of(record, turn, worker, LEASE)

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(claim, ["w1", "w2"]))
    assert [claim is None for claim in found].count(True) == 1


def test_turns_of_a_conversation_are_claimed_in_order(record: Record) -> None:
    conversation, other = talk(record), talk(record)
    first = _accepted(record, conversation.id, "one")
    second = _accepted(record, conversation.id, "two")
    elsewhere = _accepted(record, other.id, "one")
    assert claim_of(record, second, "w1", LEASE) is None
    assert claim_of(record, elsewhere, "w1", LEASE) is not None
    claim = claim_of(record, first, "w1", LEASE)
    assert claim is not None
    assert claim_of(record, second, "w1", LEASE) is None
    record.finish(claim, 0, [_reply()], SUMMARY)
    assert claim_of(record, second, "w1", LEASE) is not None
    assert claim_of(record, first, "w1", LEASE) is None


def _at_once(record: Record, conversation: str, text: str, lease: float = LEASE) -> Accepted:
    return record.accept(conversation, text, {"text": text}, None, Taker("w1", lease, None, 0))


def test_turn_can_be_taken_with_its_message_if_none_is_open_before_it(record: Record) -> None:
    conversation = talk(record)
    first = _at_once(record, conversation.id, "one")
    second = _at_once(record, conversation.id, "two")
    assert first.taken is not None
    assert first.turn is not None
    assert [event.data["text"] for event in first.taken.events] == ["one"]
    assert first.taken.message == first.event
    assert first.taken.conversation.last_seq == 1
    assert claim_of(record, first.turn, "w2", LEASE) is None
    assert record.open_turns() == [(second.turn, conversation.id)]
    assert second.taken is None
    assert claim_of(record, str(second.turn), "w2", LEASE) is None
    record.finish(first.taken.claim, 0, [_reply()], SUMMARY)
    assert claim_of(record, str(second.turn), "w2", LEASE) is not None
    assert _at_once(record, conversation.id, "one").duplicate


def test_turn_taken_with_its_message_is_another_worker_s_when_the_lease_is_over(
    record: Record,
) -> None:
    conversation = talk(record)
    old = _at_once(record, conversation.id, "hi", lease=0.0)
    assert old.taken is not None
    new = claim_of(record, str(old.turn), "w2", LEASE)
    assert new is not None
    with pytest.raises(Fenced):
        record.finish(old.taken.claim, 0, [_reply()], SUMMARY)
    assert len(record.finish(new, 0, [_reply()], SUMMARY)) == 1


def test_agents_message_opens_no_turn_and_the_epoch_tells(record: Record) -> None:
    conversation = talk(record)
    assert _at_once(record, conversation.id, "one").epoch == 0
    record.set_owner(conversation.id, epoch=0, owner="agent", agent="ana")
    later = _at_once(record, conversation.id, "two")
    assert (later.turn, later.taken, later.epoch) == (None, None, 1)


@pytest.mark.anyio
async def test_what_is_read_does_not_wait_for_what_is_written(record: Record) -> None:
    conversation = talk(record)
    gate = threading.Event()
    writing = asyncio.ensure_future(record.run(gate.wait, 30))
    try:
        found = await asyncio.wait_for(record.run(record.conversation, conversation.id), 20)
        assert found == conversation
        assert not writing.done()
    finally:
        gate.set()
        await writing


def test_turn_of_a_dead_worker_is_free_when_its_lease_is_over(record: Record) -> None:
    conversation = talk(record)
    turn = _accepted(record, conversation.id, "hi")
    assert record.open_turns() == [(turn, conversation.id)]
    old = claim_of(record, turn, "w1", 0.05)
    assert old is not None
    assert record.open_turns() == []
    assert claim_of(record, turn, "w2", LEASE) is None
    time.sleep(0.06)
    assert record.open_turns() == [(turn, conversation.id)]
    new = claim_of(record, turn, "w2", LEASE)
    assert new is not None
    assert new.fence > old.fence


def test_worker_that_lost_its_turn_writes_nothing(record: Record) -> None:
    conversation = talk(record)
    turn = _accepted(record, conversation.id, "hi")
    old = claim_of(record, turn, "w1", 0.0)
    assert old is not None
    new = claim_of(record, turn, "w2", LEASE)
    assert new is not None
    assert not record.renew(old, LEASE)
    with pytest.raises(Fenced):
        record.save_step(old, 1, {"events": []})
    with pytest.raises(Fenced):
        record.finish(old, 0, [_reply("from the dead")], SUMMARY)
    assert _kinds(record, conversation.id) == ["user"]
    record.finish(new, 0, [_reply("from the living")], SUMMARY)
    with pytest.raises(Fenced):
        record.finish(new, 0, [_reply("twice")], SUMMARY)
    assert _kinds(record, conversation.id) == ["user", "bot"]
    assert not record.has_turn(turn)


def test_lease_is_extended_while_it_is_held(record: Record) -> None:
    claim = _claimed(record, talk(record).id)
    assert record.renew(claim, LEASE)
    record.finish(claim, 0, [], SUMMARY)
    assert not record.renew(claim, LEASE)


def test_leases_of_a_worker_known_to_be_dead_end_at_once(record: Record) -> None:
    claim = _claimed(record, talk(record).id, worker="w1")
    other = _claimed(record, talk(record).id, worker="w2")
    assert record.release_worker("w1") == 1
    assert [turn for turn, _ in record.open_turns()] == [claim.turn]
    assert claim_of(record, other.turn, "w3", LEASE) is None


def test_step_of_a_turn_is_kept_for_whoever_takes_the_turn_up(record: Record) -> None:
    conversation = talk(record)
    turn = _accepted(record, conversation.id, "hi")
    first = claim_of(record, turn, "w1", 0.0)
    assert first is not None
    assert record.step(turn, 1) is None
    record.save_step(first, 1, {"events": [], "responses": [{"text": "地址"}]})
    assert claim_of(record, turn, "w2", LEASE) is not None
    assert record.step(turn, 1) == {"events": [], "responses": [{"text": "地址"}]}
    assert record.step(turn, 2) is None


def test_finished_turns_are_listed_newest_first_with_their_words(record: Record) -> None:
    conversation = talk(record)
    for text in ("one", "two"):
        claim = _claimed(record, conversation.id, text)
        said = Event("bot", {"text": f"to {text}"}, turn=claim.turn)
        record.finish(claim, 0, [said], SUMMARY)
    rows = record.recent_turns()
    assert [(row["text"], row["reply"]) for row in rows] == [("two", "to two"), ("one", "to one")]
    assert rows[0]["release"] == "r1"
    assert len(record.recent_turns(1)) == 1


def test_very_long_reason_is_cut(record: Record) -> None:
    claim = _claimed(record, talk(record).id)
    summary = type(SUMMARY)(**{**SUMMARY.__dict__, "reason": "x" * 5000})
    record.finish(claim, 0, [], summary)
    assert len(record.recent_turns()[0]["reason"]) == 400


# -- one owner at a time --------------------------------------------------------------------


def test_bots_words_are_dropped_when_an_agent_took_over_meanwhile(record: Record) -> None:
    conversation = talk(record)
    claim = _claimed(record, conversation.id)
    record.set_owner(conversation.id, epoch=0, owner="agent", agent="ana")
    slot = Event("slot", {"name": "order_id", "value": "HL1"})
    handoff = Event("handoff", {"reason": "asked", "summary": ""})
    written = record.finish(claim, 0, [slot, _reply(), handoff], SUMMARY)
    assert [event.kind for event in written] == ["slot"]
    assert not record.has_turn(claim.turn)


def test_bot_says_nothing_in_a_turn_that_began_after_the_takeover(record: Record) -> None:
    conversation = talk(record)
    turn = _accepted(record, conversation.id, "hi")
    epoch, _ = record.set_owner(conversation.id, epoch=0, owner="agent", agent="ana")
    claim = claim_of(record, turn, "w1", LEASE)
    assert claim is not None
    assert record.finish(claim, epoch, [_reply()], SUMMARY) == []


def test_of_two_agents_one_takes_the_conversation(record: Record) -> None:
    conversation = talk(record)
    epoch, written = record.set_owner(conversation.id, epoch=0, owner="agent", agent="ana")
    assert epoch == 1
    assert [event.kind for event in written] == ["owner"]
    with pytest.raises(Conflict):
        record.set_owner(conversation.id, epoch=0, owner="agent", agent="ben")
    assert record.conversation(conversation.id).agent == "ana"


def test_agents_words_are_written_once(record: Record) -> None:
    conversation = talk(record)
    epoch, _ = record.set_owner(conversation.id, epoch=0, owner="agent", agent="ana")
    words = {"text": "Hello", "agent": "Ana"}
    event, seq = record.agent_message(
        conversation.id, "ana", epoch=epoch, client_message_id="a1", data=words
    )
    assert event is not None
    again, same = record.agent_message(
        conversation.id, "ana", epoch=epoch, client_message_id="a1", data=words
    )
    assert again is None
    assert same == seq
    assert _kinds(record, conversation.id) == ["owner", "agent_message"]


def test_repeated_words_get_the_first_answer_after_the_conversation_was_handed_back(
    record: Record,
) -> None:
    conversation = talk(record)
    epoch, _ = record.set_owner(conversation.id, epoch=0, owner="agent", agent="ana")
    said = {"epoch": epoch, "client_message_id": "a1", "data": {"text": "Hello"}}
    _, seq = record.agent_message(conversation.id, "ana", **said)
    epoch, _ = record.set_owner(conversation.id, epoch=epoch, owner="bot", agent=None)
    assert record.agent_message(conversation.id, "ana", **said) == (None, seq)
    record.set_owner(conversation.id, epoch=epoch, owner="agent", agent="ben")
    assert record.agent_message(conversation.id, "ana", **said) == (None, seq)
    other = {**said, "epoch": epoch + 1}
    event, _ = record.agent_message(conversation.id, "ben", **other)
    assert event is not None, "ids are each agent's own"


def test_customer_and_agent_may_use_the_same_message_id(record: Record) -> None:
    conversation = talk(record)
    record.accept(conversation.id, "same", {"text": "hi"})
    epoch, _ = record.set_owner(conversation.id, epoch=0, owner="agent", agent="ana")
    event, _ = record.agent_message(
        conversation.id, "ana", epoch=epoch, client_message_id="same", data={"text": "Hello"}
    )
    assert event is not None


def test_agent_with_a_stale_epoch_says_nothing(record: Record) -> None:
    conversation = talk(record)
    words = {"text": "Hello"}
    with pytest.raises(Conflict):
        record.agent_message(conversation.id, "ana", epoch=0, client_message_id="a", data=words)
    epoch, _ = record.set_owner(conversation.id, epoch=0, owner="agent", agent="ana")
    record.set_owner(conversation.id, epoch=epoch, owner="bot", agent=None)
    with pytest.raises(Conflict):
        record.agent_message(conversation.id, "ana", epoch=epoch, client_message_id="a", data=words)
    with pytest.raises(NotFound):
        record.agent_message("nobody", "ana", epoch=0, client_message_id="a", data=words)


# -- one home for a record ------------------------------------------------------------------


def test_record_serves_one_home_at_a_time(record: Record) -> None:
    other = create_engine(record.engine.url)
    try:
        with held(record.engine):
            with pytest.raises(Conflict, match="Another Frontdesk"), held(other, patience=0.1):
                pass
            assert record.ping()
        with held(other, patience=2):
            pass
    finally:
        other.dispose()


def test_record_of_another_secret_is_refused(record: Record) -> None:
    record.check_secret()
    talk(record)
    record.check_secret()
    stranger = Record(record.engine.url.render_as_string(hide_password=False), Vault(b"x" * 32))
    try:
        with pytest.raises(ServiceError, match="another secret"):
            stranger.check_secret()
    finally:
        stranger.close()


# -- escalations ----------------------------------------------------------------------------


def _handoff(online: bool = True, reason: str = "asked", at: float | None = None) -> Event:
    data = {"reason": reason, "summary": "wants a person 要人工", "online": online}
    return Event("handoff", data, **({} if at is None else {"at": at}))


def _hand_over(record: Record, conversation: str, text: str = "a person please") -> int:
    claim = _claimed(record, conversation, text)
    epoch = record.conversation(conversation).epoch
    record.finish(claim, epoch, [_reply("One moment"), _handoff()], SUMMARY)
    return record.conversation(conversation).epoch


def test_escalation_from_waiting_to_closed(record: Record) -> None:
    conversation = talk(record, "C1001", "zh")
    epoch = _hand_over(record, conversation.id)
    [item] = record.queue()
    assert (item["status"], item["owner"], item["reason"]) == ("waiting", "none", "asked")
    assert item["summary"] == "wants a person 要人工"
    assert (item["customer_id"], item["language"]) == ("C1001", "zh")
    assert "subject" not in item
    epoch, _ = record.set_owner(conversation.id, epoch=epoch, owner="agent", agent="ana")
    [item] = record.queue()
    assert (item["status"], item["owner"], item["agent"]) == ("taken", "agent", "ana")
    record.set_owner(conversation.id, epoch=epoch, owner="bot", agent=None)
    assert record.queue() == []
    assert record.accept(conversation.id, "later", {"text": "thanks"}).turn is not None


def test_longest_waiting_comes_first(record: Record) -> None:
    late, early = talk(record), talk(record)
    record.escalate(late.id, [_handoff(at=200.0)])
    record.escalate(early.id, [_handoff(at=100.0)])
    assert [item["conversation"] for item in record.queue()] == [early.id, late.id]


def test_asking_twice_while_waiting_is_one_escalation(record: Record) -> None:
    conversation = talk(record)
    record.escalate(conversation.id, [_handoff()])
    record.escalate(conversation.id, [_handoff()])
    [item] = record.queue()
    assert item["epoch"] == 1


def test_with_nobody_online_the_bot_stays(record: Record) -> None:
    conversation = talk(record)
    record.escalate(conversation.id, [_handoff(online=False)])
    [item] = record.queue()
    assert (item["status"], item["owner"]) == ("waiting", "bot")
    assert record.accept(conversation.id, "m", {"text": "hi"}).turn is not None


def test_wait_in_vain_gives_the_conversation_back_and_keeps_the_escalation(
    record: Record,
) -> None:
    conversation = talk(record)
    epoch = _hand_over(record, conversation.id)
    notice = Event("notice", {"notice": "nobody_free", "text": "Nobody is free."})
    written = record.resume_bot(conversation.id, epoch, [notice])
    assert [event.kind for event in written] == ["owner", "notice"]
    [item] = record.queue()
    assert (item["owner"], item["status"], item["told"]) == ("bot", "waiting", True)
    with pytest.raises(Conflict):
        record.resume_bot(conversation.id, epoch, [notice])


def test_asking_again_after_a_wait_in_vain_hands_over_again(record: Record) -> None:
    conversation = talk(record)
    epoch = _hand_over(record, conversation.id)
    record.resume_bot(conversation.id, epoch, [])
    [before] = record.queue()
    _hand_over(record, conversation.id, "a person, now")
    [after] = record.queue()
    assert (after["owner"], after["told"]) == ("none", False)
    assert after["created_at"] > before["created_at"]


def test_conversation_taken_unasked_stands_in_the_queue(record: Record) -> None:
    conversation = talk(record)
    epoch, _ = record.set_owner(conversation.id, epoch=0, owner="agent", agent="ana")
    [item] = record.queue()
    assert (item["status"], item["agent"], item["reason"]) == ("taken", "ana", "taken")
    record.set_owner(conversation.id, epoch=epoch, owner="bot", agent=None)
    assert record.queue() == []


def _open(record: Record) -> list[str]:
    return [turn for turn, _ in record.open_turns()]


def test_last_words_that_nobody_answered_are_the_bots_to_answer(record: Record) -> None:
    conversation = talk(record)
    epoch, _ = record.set_owner(conversation.id, epoch=0, owner="agent", agent="ana")
    for name in ("m1", "m2"):
        record.accept(conversation.id, name, {"text": name})
    record.set_owner(conversation.id, epoch=epoch, owner="bot", agent=None)
    [turn] = _open(record)
    claim = claim_of(record, turn, "w1", LEASE)
    assert claim is not None
    assert record.events(conversation.id, claim.seq - 1, 1)[0].data["text"] == "m2"


def test_words_said_while_waiting_in_vain_are_answered(record: Record) -> None:
    conversation = talk(record)
    epoch = _hand_over(record, conversation.id)
    record.accept(conversation.id, "m1", {"text": "hello?"})
    record.resume_bot(conversation.id, epoch, [])
    assert len(_open(record)) == 1


def test_answered_words_are_not_answered_again(record: Record) -> None:
    conversation = talk(record)
    epoch = _hand_over(record, conversation.id)
    epoch, _ = record.set_owner(conversation.id, epoch=epoch, owner="agent", agent="ana")
    record.accept(conversation.id, "m1", {"text": "hello?"})
    words = {"text": "Hello"}
    record.agent_message(conversation.id, "ana", epoch=epoch, client_message_id="a", data=words)
    record.set_owner(conversation.id, epoch=epoch, owner="bot", agent=None)
    assert _open(record) == []
    silent = talk(record)
    record.set_owner(silent.id, epoch=0, owner="bot", agent=None)
    assert _open(record) == []


@within(5)
async def test_methods_run_off_the_event_loop() -> None:
    record = Record("sqlite://", Vault(SECRET))
    assert await record.run(threading.current_thread) is not threading.main_thread()
    record.close()
