import json
import re
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from intents.examples import Entity
from intents.reading.marks import overlapping, parse_marks, span_problem


def test_short_form_gives_character_offsets() -> None:
    text, entities, issues = parse_marks("我的[红色](color)[卫衣](product)呢")
    assert text == "我的红色卫衣呢"
    assert entities == (Entity(2, 4, "color", "红色"), Entity(4, 6, "product", "卫衣"))
    assert issues == ()


def test_offsets_count_characters_not_bytes_or_code_units() -> None:
    text, (entity,), _ = parse_marks("🙃🙃 [Lin 😀](person)!")
    assert text[entity.start : entity.end] == "Lin 😀"
    assert (entity.start, entity.end) == (3, 8)


def test_object_form_carries_value_role_and_group() -> None:
    line = 'fly [NYC]{"entity": "city", "value": "New York", "role": "to", "group": "1"} now'
    text, entities, _ = parse_marks(line)
    assert text == "fly NYC now"
    assert entities == (Entity(4, 7, "city", "New York", "to", "1"),)


def test_legacy_value_form() -> None:
    _, entities, _ = parse_marks("to [NYC](city:New York)")
    assert entities == (Entity(3, 6, "city", "New York"),)


def test_quoted_type_as_in_the_wild() -> None:
    text, entities, issues = parse_marks('my [savings]("account") account')
    assert text == "my savings account"
    assert entities == (Entity(3, 10, "account", "savings"),)
    assert issues == ()


def test_brackets_without_a_type_are_text() -> None:
    assert parse_marks("see [1] and [2]") == ("see [1] and [2]", (), ())


def test_unreadable_object_is_an_issue_and_keeps_its_text() -> None:
    text, entities, (issue,) = parse_marks("to [NYC]{entity: city}")
    assert (text, entities) == ("to NYC", ())
    assert "double quotes" in issue.fix


def test_object_without_type_is_an_issue() -> None:
    _, entities, (issue,) = parse_marks('to [NYC]{"role": "to"}')
    assert entities == ()
    assert '"entity"' in issue.fix


def test_empty_type_is_an_issue() -> None:
    assert parse_marks("to [NYC]()")[2][0].found == "[NYC]()"


def test_a_mark_is_read_without_the_blanks_at_its_edge() -> None:
    text, entities, issues = parse_marks(
        'to [ New York](city)[ ](city), [by sea ]{"entity": "way"}'
    )
    assert text == "to  New York , by sea "
    assert entities == (Entity(4, 12, "city", "New York"), Entity(15, 21, "way", "by sea"))
    assert [issue.severity for issue in issues] == ["warning"] * 3
    assert "[ New York](city)" in issues[0].found


def test_nested_marks_are_an_issue() -> None:
    assert parse_marks("[a [b](c)](d)")[2]


def test_span_problems() -> None:
    assert span_problem("ab c", Entity(0, 3, "x", "ab")) is not None
    assert span_problem("abc", Entity(2, 5, "x", "c")) is not None
    assert span_problem("abc", Entity(1, 1, "x", "")) is not None
    assert span_problem("abc", Entity(0, 2, "x", "ab")) is None


def test_overlapping_finds_the_first_clash() -> None:
    a, b, c = Entity(0, 2, "x", ""), Entity(2, 4, "x", ""), Entity(3, 5, "x", "")
    assert overlapping([c, a, b]) == (b, c)
    assert overlapping([a, b]) is None


def written(text: str, entities: Iterable[Entity]) -> str:
    """``text`` with ``entities`` marked in it: the inverse of ``parse_marks``."""
    parts: list[str] = []
    position = 0
    for entity in sorted(entities, key=lambda item: item.start):
        inner = text[entity.start : entity.end]
        parts.append(_escape(text[position : entity.start]))
        parts.append(f"[{_escape(inner)}]{_suffix(entity, inner)}")
        position = entity.end
    parts.append(_escape(text[position:]))
    return "".join(parts)


def _suffix(entity: Entity, inner: str) -> str:
    plain = re.fullmatch(r"[^\s()\[\]{}:\"'\\]+", entity.entity) is not None
    if plain and entity.value == inner and entity.role is None and entity.group is None:
        return f"({entity.entity})"
    keys: dict[str, str] = {"entity": entity.entity}
    if entity.value != inner:
        keys["value"] = entity.value
    if entity.role is not None:
        keys["role"] = entity.role
    if entity.group is not None:
        keys["group"] = entity.group
    written = json.dumps(keys, ensure_ascii=False)
    # The mark ends at the first brace or line end, so those travel as JSON escapes.
    inside = written[1:-1].replace("{", "\\u007b").replace("}", "\\u007d")
    return "{" + inside + "}"


def _escape(text: str) -> str:
    return re.sub(r"[\\\[\]]", lambda match: "\\" + match[0], text)


names = st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1, max_size=8)


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, tuple[Entity, ...]]:
    alphabet = st.characters(codec="utf-8", exclude_characters="\n\r")
    text = draw(st.text(alphabet, min_size=1, max_size=30))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    entities = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        if text[start:end] != text[start:end].strip():
            continue
        value = draw(st.one_of(st.just(text[start:end]), names))
        kind = draw(names).strip() or "kind"
        role = draw(st.none() | names)
        entities.append(Entity(start, end, kind, value, role))
    return text, tuple(entities)


@given(marked())
def test_marks_survive_the_round_trip(case: tuple[str, tuple[Entity, ...]]) -> None:
    text, entities = case
    read, found, issues = parse_marks(written(text, entities))
    assert (read, found) == (text, entities)
    assert issues == ()


@given(st.text(max_size=60))
def test_any_line_is_read(line: str) -> None:
    text, entities, _ = parse_marks(line)
    for entity in entities:
        assert 0 <= entity.start < entity.end <= len(text)
    assert overlapping(entities) is None
