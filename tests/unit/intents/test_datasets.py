import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intents.datasets import read_dataset, read_file
from intents.examples import Entity, Example, language_of, language_of_set, merge_examples
from intents.reading import read_examples
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


def test_hundred_thousand_lines_in_seconds(tmp_path: Path) -> None:
    rows = "".join(f"line number {i} of many,intent_{i % 50}\n" for i in range(100_000))
    started = time.monotonic()
    examples = read_examples([write(tmp_path, "a.csv", "text,intent\n" + rows)])
    assert len(examples) == 100_000
    assert time.monotonic() - started < 20


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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
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
