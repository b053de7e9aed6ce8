import csv
import io
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intents.examples import Entity, Example, language_of, language_of_set, merge_examples
from intents.reading.datasets import Dataset, read_dataset, read_file
from intents.reading.folder import read_examples
from models.errors import DataError


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_csv_with_mark_crlf_and_odd_header(tmp_path: Path) -> None:
    raw = (
        b'\xef\xbb\xbf"Text",INTENT \r\n"where, is it",track\r\n\xe9\x80\x80\xe8\xb4\xa7,return\r\n'
    )
    examples = read_examples([write(tmp_path, "a.csv", raw)])
    assert [(e.text, e.intent, e.language, e.line) for e in examples] == [
        ("where, is it", "track", "en", 2),
        ("退货", "return", "zh", 3),
    ]
    assert examples[0].entities is None


def test_csv_blank_texts_are_reported_with_their_line(tmp_path: Path) -> None:
    data = read_file(write(tmp_path, "a.csv", "text,intent\nhi,greet\n ,greet\nbye,goodbye\n"))
    assert [e.text for e in data.examples] == ["hi", "bye"]
    assert [(p.line, p.severity) for p in data.problems] == [(3, "warning")]


def test_csv_without_text_column_names_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_examples([write(tmp_path, "a.csv", "a,b\n1,2\n")])
    assert caught.value.problems[0].line == 1
    assert "text,intent" in caught.value.problems[0].fix


def test_csv_lines_count_cells_of_several_lines(tmp_path: Path) -> None:
    data = read_file(write(tmp_path, "a.csv", 'text,intent\n"two\nlines",a\nshort\nx,b\n'))
    assert [(e.text, e.line) for e in data.examples] == [("two\nlines", 2), ("x", 5)]
    assert data.problems[0].line == 4


def test_bad_utf8_is_reported_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_examples([write(tmp_path, "a.csv", b"text,intent\nok,a\n\xff\xfebad,b\n")])
    assert caught.value.problems[0].line == 3
    assert "UTF-8" in caught.value.problems[0].fix


def test_utf16_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "text;intent\n退货;return\n".encode("utf-16"))
    assert read_examples([path])[0].text == "退货"


def test_jsonl_with_everything(tmp_path: Path) -> None:
    row = (
        '{"text": "return HL12345678", "intent": "return", "sentiment": "Neutral", "entities": '
        '[{"start": 7, "end": 17, "entity": "order_id", "value": "HL12345678"}], '
        '"requested_slots": ["order_id"]}\n{"text": "hm", "entities": []}\n'
    )
    first, second = read_examples([write(tmp_path, "a.jsonl", row)])
    assert first.entities == (Entity(7, 17, "order_id", "HL12345678"),)
    assert (first.sentiment, first.requested_slots) == ("neutral", ("order_id",))
    assert (second.entities, second.intent) == ((), None)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("{broken", "a JSON object"),
        ('{"txt": "a"}', 'an object with the key "text"'),
        ('["text"]', 'an object with the key "text"'),
        ('{"text": "abc", "intent": ["x"]}', "a name as intent"),
        ('{"text": "abc", "entities": {}}', "a list of entities"),
        ('{"text": "abc", "entities": [{"start": 0}]}', "entities such as"),
        ('{"text": "abc", "entities": [{"start": 0, "end": 9, "entity": "x"}]}', "a span that"),
        ('{"text": "abc", "sentiment": "meh"}', "negative or neutral or positive"),
    ],
)
def test_jsonl_problems_have_file_line_and_remedy(tmp_path: Path, row: str, expected: str) -> None:
    path = write(tmp_path, "a.jsonl", '{"text": "fine"}\n' + row + "\n")
    (problem,) = read_file(path).problems
    assert (problem.file, problem.line) == (str(path), 2)
    assert problem.expected.startswith(expected)
    assert problem.fix


def test_shifted_span_says_where_the_value_stands(tmp_path: Path) -> None:
    row = '{"text": "to Rome now", "entities": [{"start": 2, "end": 6, "entity": "c", '
    data = read_file(write(tmp_path, "a.jsonl", row + '"value": "Rome"}]}'))
    assert "3-7" in data.problems[0].found or "edge" in data.problems[0].found


def test_overlapping_annotations_are_left_out(tmp_path: Path) -> None:
    row = (
        '{"text": "abcd", "entities": [{"start": 0, "end": 2, "entity": "x"}, '
        '{"start": 1, "end": 3, "entity": "y"}]}'
    )
    data = read_file(write(tmp_path, "a.jsonl", row))
    assert data.examples[0].entities is None
    assert "overlap" in data.problems[0].expected


def test_yaml_lines_without_marks_say_none_where_others_have_some(tmp_path: Path) -> None:
    text = "nlu:\n- intent: a\n  examples: |\n    - go to [Rome](city)\n    - hello\n"
    examples = read_examples([write(tmp_path, "nlu.yml", text)])
    assert [len(e.entities or ()) for e in examples] == [1, 0]
    assert [e.line for e in examples] == [4, 5]


def test_nobody_has_looked_at_unmarked_lines_out_of_scope(tmp_path: Path) -> None:
    text = (
        "nlu:\n- intent: a\n  examples: |\n    - go to [Rome](city)\n"
        "- intent: out_of_scope\n  examples: |\n    - a hotel in Rome\n"
        "    - the mayor of [Rome](city)\n"
    )
    examples = read_examples([write(tmp_path, "nlu.yml", text)])
    assert [e.entities is None for e in examples] == [False, True, False]


def test_yaml_without_any_mark_says_nothing_about_entities(tmp_path: Path) -> None:
    text = "nlu:\n- intent: a\n  examples: |\n    - hello\n"
    assert read_examples([write(tmp_path, "nlu.yml", text)])[0].entities is None


def test_yaml_list_form_with_metadata(tmp_path: Path) -> None:
    text = (
        "nlu:\n- intent: yes\n  metadata: {sentiment: negative}\n  examples:\n"
        "  - text: no way\n    metadata: {sentiment: positive}\n  - text: on\n"
    )
    examples = read_examples([write(tmp_path, "nlu.yml", text)])
    assert [(e.text, e.intent, e.sentiment, e.line) for e in examples] == [
        ("no way", "yes", "positive", 5),
        ("on", "yes", "negative", 7),
    ]


def test_folder_leaves_test_lines_and_logs_alone(tmp_path: Path) -> None:
    for name in ("data", "tests", "logs"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, "a.jsonl", f'{{"text": "{name}"}}\n')
    assert [e.text for e in read_examples([tmp_path])] == ["data"]
    assert [e.text for e in read_examples([tmp_path / "tests"])] == ["tests"]


@pytest.mark.parametrize("name", ["none.csv", "a.pdf", "empty"])
def test_paths_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    write(tmp_path, "a.pdf", "x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError):
        read_dataset([tmp_path / name])


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.yml"])
def test_empty_files_are_reported(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="empty"):
        read_examples([write(tmp_path, name, "")])


def test_line_of_ten_megabytes_is_left_out_quickly(tmp_path: Path) -> None:
    big = "x" * 10_000_000
    path = write(tmp_path, "a.jsonl", f'{{"text": "{big}"}}\n{{"text": "fine"}}\n')
    data = read_file(path)
    assert [e.text for e in data.examples] == ["fine"]
    assert data.problems[0].line == 1
    with pytest.raises(DataError, match="characters"):
        read_file(write(tmp_path, "a.yml", f"nlu: {big}"))
    data = read_file(write(tmp_path, "a.csv", f"text,intent\n{big},a\nfine,b\n"))
    assert [e.text for e in data.examples] == ["fine"]


def test_lines_by_the_thousand(tmp_path: Path) -> None:
    rows = "".join(f"line number {i} of many,intent_{i % 50}\n" for i in range(20_000))
    examples = read_examples([write(tmp_path, "a.csv", "text,intent\n" + rows)])
    assert len(examples) == 20_000
    assert examples[-1].text == "line number 19999 of many"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("where is my parcel", "en"),
        ("我的快递呢", "zh"),
        ("HL20418376 到哪了", "zh"),
        ("我的order", "zh"),
        ("这个iPhone手机壳能退货吗", "zh"),
        ("please check 订单", "mul"),
        ("12345", "en"),
        ("🙃", "en"),
    ],
)
def test_language_by_script(text: str, language: str) -> None:
    assert language_of(text) == language


def test_language_of_a_set() -> None:
    assert language_of_set([]) == "en"
    assert language_of_set(["en"] * 99 + ["zh"]) == "en"
    assert language_of_set(["zh"] * 10) == "zh"
    assert language_of_set(["zh"] * 5 + ["en"] * 5) == "mul"


def test_merging_keeps_annotations_and_contradictions() -> None:
    bare = Example("Go to Rome", "travel")
    rich = Example("go to Rome", "travel", (Entity(6, 10, "city", "Rome"),))
    other = Example("go to Rome", "holiday")
    kept, dropped = merge_examples([bare, rich, other])
    assert [e.intent for e in kept] == ["travel", "holiday"]
    assert kept[0].entities
    assert kept[0].text == "go to Rome"
    assert dropped == [rich]


def test_one_answer_to_two_questions_stays_twice() -> None:
    people, time, again = (
        Example("4", None, (Entity(0, 1, slot, "4"),), requested_slots=(slot,))
        for slot in ("people", "time", "time")
    )
    assert merge_examples([people, time, again]) == ([people, time], [again])


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(
    content=st.one_of(st.binary(max_size=200), st.text(max_size=200)),
    kind=st.sampled_from(["csv", "jsonl", "yml"]),
)
def test_arbitrary_files_never_fail_otherwise(
    tmp_path: Path, content: bytes | str, kind: str
) -> None:
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    path = write(tmp_path, f"a.{kind}", raw)
    caught: list[DataError] = []
    try:
        assert all(e.text.strip() for e in read_dataset([path]).examples)
    except DataError as error:
        caught.append(error)
    assert all(error.problems[0].fix for error in caught)


def found(data: Dataset) -> list[tuple[int, str]]:
    return [(problem.line, problem.found) for problem in data.problems]


def test_csv_with_a_bad_byte_loses_that_line_alone(tmp_path: Path) -> None:
    rows = b"text,intent\n" + b"a sound line of text,greet\n" * 5 + b"caf\xe9,greet\nlast,bye\n"
    data = read_file(write(tmp_path, "a.csv", rows))
    assert len(data.examples) == 6
    assert found(data) == [(7, "byte e9 at character 3")]
    assert data.left_out == 1


def test_csv_in_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="CSV UTF-8"):
        read_file(write(tmp_path, "a.csv", "text,intent\n我要退货,return\n".encode("gbk")))


def test_csv_open_quote_costs_its_own_line(tmp_path: Path) -> None:
    data = read_file(write(tmp_path, "a.csv", 'text,intent\na,x\n"open,x\nb,x\n"two\nlines",y\n'))
    assert [(e.text, e.line) for e in data.examples] == [("a", 2), ("b", 4), ("two\nlines", 5)]
    (problem,) = data.problems
    assert (problem.line, problem.expected) == (3, "a closing quote")


def test_csv_stray_quotes_inside_a_line_are_read_as_they_stand(tmp_path: Path) -> None:
    data = read_file(write(tmp_path, "a.csv", 'text,intent\n"a" b,x\nthe 5" lamp,y\nlast,z\n'))
    assert [(e.text, e.intent) for e in data.examples] == [
        ("a b", "x"), ('the 5" lamp', "y"), ("last", "z")]  # fmt: skip


def test_csv_full_of_open_quotes_is_refused(tmp_path: Path) -> None:
    rows = "".join(f'"open {i},a\n' for i in range(301))
    with pytest.raises(DataError, match="quotes in pairs"):
        read_file(write(tmp_path, "a.csv", "text,intent\n" + rows))


def test_csv_row_with_an_unquoted_comma_is_left_out(tmp_path: Path) -> None:
    data = read_file(write(tmp_path, "a.csv", "text,intent\nwell, yes,affirm\nno,deny,,\n"))
    assert [(e.text, e.intent) for e in data.examples] == [("no", "deny")]
    assert found(data) == [(2, "3")]


def test_csv_with_a_header_alone_says_so(tmp_path: Path) -> None:
    data = read_file(write(tmp_path, "a.csv", "text,intent\n"))
    assert [problem.expected for problem in data.problems] == ["lines under the header"]


def test_csv_of_sentiments_alone(tmp_path: Path) -> None:
    data = read_file(write(tmp_path, "a.csv", "text,intent,sentiment\nawful,,neg\nhm,,\n"))
    assert [(e.text, e.intent, e.sentiment) for e in data.examples] == [("awful", None, "negative")]
    assert data.problems[0].line == 3


def test_control_characters_are_left_out_with_their_place(tmp_path: Path) -> None:
    data = read_file(write(tmp_path, "a.csv", "text,intent\nnul \0 here,a\nok,a\nok,b\tc\n"))
    assert [e.text for e in data.examples] == ["ok"]
    assert found(data) == [
        (2, "the control character U+0000 at character 4"),
        (4, "the control character U+0009 at character 1"),
    ]


def test_half_a_surrogate_is_left_out(tmp_path: Path) -> None:
    data = read_file(write(tmp_path, "a.jsonl", '{"text": "\\ud800 broken"}\n{"text": "ok"}\n'))
    assert [e.text for e in data.examples] == ["ok"]
    assert "U+D800" in data.problems[0].found


@pytest.mark.parametrize(
    "name", ["订单/状态", "order status 🙂", "a,b", "../../etc", "c++", "%s{}"]
)
def test_any_printable_name_is_kept_as_it_is(tmp_path: Path, name: str) -> None:
    row = json.dumps({"text": "hello", "intent": name}, ensure_ascii=False)
    data = read_file(write(tmp_path, "a.jsonl", row))
    assert [e.intent for e in data.examples] == [name]
    assert not data.problems


def test_invisible_characters_in_a_name_are_told_once(tmp_path: Path) -> None:
    data = read_file(write(tmp_path, "a.csv", "text,intent\nhi,gre\u200bet\nyo,gre\u200bet\n"))
    assert len(data.examples) == 2
    assert [(p.line, p.severity) for p in data.problems] == [(2, "warning")]
    assert "U+200B" in data.problems[0].found


def test_a_name_of_a_thousand_characters_is_left_out(tmp_path: Path) -> None:
    data = read_file(write(tmp_path, "a.csv", f"text,intent\nhi,{'n' * 1000}\n"))
    assert not data.examples
    assert "1,000" in data.problems[0].found


def test_mixed_line_ends_are_read_and_told(tmp_path: Path) -> None:
    raw = b"text,intent\r\none,a\r\ntwo,a\nthree,a\rfour,a\r"
    data = read_file(write(tmp_path, "a.csv", raw))
    assert [e.text for e in data.examples] == ["one", "two", "three", "four"]
    assert [(p.line, p.found, p.severity) for p in data.problems] == [(3, "LF", "warning")]
    assert data.left_out == 0
    rows = read_file(write(tmp_path, "a.jsonl", '{"text": "a"}\r{"text": "b"}\r\n{"text": "c"}\n'))
    assert [(e.text, e.line) for e in rows.examples] == [("a", 1), ("b", 2), ("c", 3)]


def test_jsonl_broken_in_line_seven_goes_on(tmp_path: Path) -> None:
    rows = ['{"text": "line", "intent": "a"}'] * 10
    rows[6] = '{"text": "broken'
    data = read_file(write(tmp_path, "a.jsonl", "\n".join(rows)))
    assert len(data.examples) == 9
    assert data.problems[0].line == 7
    assert "broken" in data.problems[0].found
    assert data.left_out == 1


def test_jsonl_wrong_language_is_found_by_script(tmp_path: Path) -> None:
    rows = '{"text": "退货", "language": "fr"}\n{"text": "hi", "language": "zh-CN"}\n'
    data = read_file(write(tmp_path, "a.jsonl", rows))
    assert [e.language for e in data.examples] == ["zh", "zh"]
    assert "'fr'" in data.problems[0].found


def test_jsonl_odd_roles_and_slots_are_told(tmp_path: Path) -> None:
    rows = (
        '{"text": "ab", "entities": [{"start": 0, "end": 1, "entity": "x", "role": {}}]}\n'
        '{"text": "ab", "entities": [{"start": 0, "end": 1, "entity": "x", "group": 1}]}\n'
        '{"text": "ab", "requested_slots": [{}]}\n'
    )
    data = read_file(write(tmp_path, "a.jsonl", rows))
    assert [e.entities and e.entities[0].group for e in data.examples] == [None, "1", None]
    assert [problem.line for problem in data.problems] == [1, 3]


def test_a_broken_file_beside_sound_ones_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, "a.yml", "nlu:\n- intent: [unclosed\n")
    write(tmp_path, "b.csv", "text,intent\nhi,greet\n")
    data = read_dataset([tmp_path])
    assert [e.text for e in data.examples] == ["hi"]
    assert data.problems[0].file.endswith("a.yml")
    (tmp_path / "b.csv").unlink()
    write(tmp_path, "c.yml", "nlu: [")
    with pytest.raises(DataError, match="None of 2 files"):
        read_dataset([tmp_path])


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(b"text,intent\n")
        file.truncate(1_000_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="at most 200 MB, found 1,000 MB"):
            read_file(path)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
span = st.fixed_dictionaries(
    {},
    optional={
        "start": st.integers(-2, 12) | anything,
        "end": st.integers(-2, 12) | anything,
        "entity": st.text(max_size=4) | anything,
        "value": anything,
        "role": anything,
        "group": anything,
    },
)
row = st.fixed_dictionaries(
    {"text": st.text(max_size=12) | anything},
    optional={
        "intent": anything,
        "entities": st.lists(span, max_size=3) | anything,
        "sentiment": anything,
        "requested_slots": anything,
        "language": anything,
    },
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(rows=st.lists(row, min_size=1, max_size=4))
def test_arbitrary_json_lines_give_sound_examples(tmp_path: Path, rows: list[object]) -> None:
    text = "\n".join(json.dumps(item) for item in rows)
    data = read_file(write(tmp_path, "a.jsonl", text))
    for example in data.examples:
        # What is kept can be written again as UTF-8, with every mark inside its text.
        json.dumps(vars(example) | {"entities": None}, ensure_ascii=False).encode()
        assert all(0 <= e.start < e.end <= len(example.text) for e in example.entities or ())
    assert {e.line for e in data.examples} | {p.line for p in data.problems} <= set(
        range(1, len(rows) + 1)
    )
    assert len({e.line for e in data.examples}) + data.left_out == len(rows)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(
    cells=st.lists(st.lists(st.text(max_size=8), min_size=1, max_size=4), max_size=5),
    quote=st.booleans(),
)
def test_arbitrary_cells_give_sound_examples(
    tmp_path: Path, cells: list[list[str]], quote: bool
) -> None:
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL if quote else csv.QUOTE_MINIMAL)
    writer.writerows([["text", "intent"], *cells])
    raw = file.getvalue().encode("utf-8", "surrogatepass")
    caught: list[DataError] = []
    try:
        data = read_file(write(tmp_path, "a.csv", raw))
        for example in data.examples:
            assert f"{example.text}{example.intent}".encode()
            assert example.text.strip()
    except DataError as error:
        caught.append(error)
    assert all(error.problems[0].fix for error in caught)


NLU_JSON = (
    '{"rasa_nlu_data": {"common_examples": [{"text": "to Oslo", "intent": "go", '
    '"entities": [{"start": 3, "end": 7, "entity": "city", "value": "Oslo"}]}]}}'
)


def test_training_lines_of_rasa_1_x(tmp_path: Path) -> None:
    (tmp_path / "nlu.md").write_text("## intent:greet\n- hi [Ann](name)\n- hello\n", "utf-8")
    (tmp_path / "nlu.json").write_text(NLU_JSON, "utf-8")
    (tmp_path / "README.md").write_text("## About\n- a bot\n", "utf-8")
    (tmp_path / "package.json").write_text("{}", "utf-8")
    examples = read_dataset([tmp_path]).examples
    assert [(e.text, e.intent, len(e.entities or ())) for e in examples] == [
        ("to Oslo", "go", 1),
        ("hi Ann", "greet", 1),
        ("hello", "greet", 0),
    ]


@pytest.mark.parametrize(("name", "text"), [("a.md", "# About"), ("a.json", "{}"), ("a.json", "{")])
def test_a_named_file_that_holds_no_training_lines(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(DataError):
        read_dataset([tmp_path / name])
