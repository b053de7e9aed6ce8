"""A customer sends a picture of what arrived broken, and an agent sees it."""

from __future__ import annotations

import struct
import zlib

from playwright.sync_api import FilePayload, expect

from tests.e2e.faces import Desk, Widget, conversation_of, overflow
from tests.e2e.serving import Service
from tests.e2e.visitors import PHONE, Visitors, picture

WIDTH, HEIGHT = 320, 200


def photograph() -> bytes:
    """A PNG: two halves of a plate on a table."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = bytearray()
    for y in range(HEIGHT):
        rows.append(0)
        for x in range(WIDTH):
            crack = WIDTH // 2 + (y * 37 % 23) - 11
            away = ((x - WIDTH / 2 - (6 if x > crack else -6)) / 110) ** 2
            away += ((y - HEIGHT / 2) / 80) ** 2
            plate = away < 1 and abs(x - crack) > 5
            rows += bytes((238, 242, 247) if plate else (150, 110, 80))
            if plate and 0.55 < away < 0.7:
                rows[-3:] = bytes((46, 110, 160))
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(rows))
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", body), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def send(widget: Widget, name: str, kind: str, content: bytes) -> None:
    """Choose a file as a customer does."""
    widget.page.get_by_test_id("menu").click()
    with widget.page.expect_file_chooser() as chooser:
        widget.page.get_by_test_id("menu-attach").click()
    chooser.value.set_files(FilePayload(name=name, mimeType=kind, buffer=content))


def test_a_picture_reaches_the_agent(service: Service, people: Visitors) -> None:
    widget = Widget.on_shop(people.someone(size=PHONE, locale="zh-CN"), service.url, "zh")
    widget.ask("收到的盘子碎了")
    send(widget, "盘子.png", "image/png", photograph())
    sent = widget.messages("customer").last
    expect(sent).to_contain_text("盘子.png")
    expect(widget.messages("bot").last).to_contain_text("转人工")
    assert overflow(widget.page) == 0
    picture(widget.page, "widget-attachment-phone-zh")
    widget.press("转人工")
    customer = conversation_of(widget.page)

    desk = Desk(people.staff(service, "mei"), service.url)
    desk.take(customer)
    shown = desk.page.get_by_test_id("sent-image")
    shown.scroll_into_view_if_needed()
    expect(shown).to_be_visible()
    desk.page.wait_for_function(
        "() => document.querySelector('[data-testid=sent-image]')?.naturalWidth === 320"
    )
    picture(desk.page, "desk-attachment")
    with desk.page.expect_download() as saved:
        desk.page.get_by_test_id("sent-file").click()
    assert saved.value.suggested_filename == "盘子.png"
    assert saved.value.path().read_bytes() == photograph()


def test_what_is_no_picture_is_refused_in_words(service: Service, people: Visitors) -> None:
    people.expect_errors("400")
    widget = Widget.on_shop(people.someone(), service.url)
    widget.ask("hello")
    page = b"<html><script>alert(1)</script></html>"
    send(widget, "holiday.png", "image/png", page)
    expect(widget.page.get_by_test_id("strip")).to_contain_text("The file was not sent.")
    expect(widget.messages("customer")).to_have_count(1)
