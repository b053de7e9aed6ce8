"""What of a Rasa project's folder is read, as Rasa reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from intents.reading.folder import assistant_files, read_assistant

PROJECT = {
    "config.yml": "language: en\npipeline:\n- name: WhitespaceTokenizer\n",
    "domain.yml": "intents: [greet]\nresponses:\n  utter_greet:\n  - text: Hi\n",
    "data/nlu.yml": "nlu:\n- intent: greet\n  examples: |\n    - hello\n",
    "data/rules.yml": "rules:\n- rule: hi\n  steps:\n  - intent: greet\n  - action: utter_greet\n",
}
STRAYS = {
    "train_test_split/training_data.yml": "nlu:\n- intent: greet\n  examples: |\n    - hey\n",
    "other_bot/domain.yml": "intents: [buy]\n",
    "configs/broken.yml": "pipeline: [\n",
    "domain_old.yml": "intents: [sell]\n",
}


def written(root: Path, *parts: dict[str, str]) -> Path:
    for name, text in (item for part in parts for item in part.items()):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def names(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in assistant_files(root)}


def test_a_rasa_project_is_its_domain_and_data(tmp_path: Path) -> None:
    root = written(tmp_path, PROJECT, STRAYS)
    assert names(root) == set(PROJECT)
    assistant = read_assistant(root, strict=False)
    assert list(assistant.intents) == ["greet"]
    told = {problem.file for problem in assistant.problems}
    assert told == set(STRAYS) - {"configs/broken.yml"}
    assert {problem.severity for problem in assistant.problems} == {"warning"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.yml", "language: en\n"),
        ("config.yml", PROJECT["config.yml"] + "importers:\n- name: MultiProjectImporter\n"),
        ("domain.yml", "version: '3.1'\n"),
        ("data/nlu.yml", "version: '3.1'\n"),
    ],
)
def test_any_other_folder_is_read_as_a_whole(tmp_path: Path, name: str, text: str) -> None:
    project = {key: value for key, value in PROJECT.items() if key != "data/rules.yml"}
    root = written(tmp_path, project, STRAYS, {name: text})
    assert set(STRAYS) <= names(root)


def test_what_the_usual_places_lack_is_taken_from_elsewhere(tmp_path: Path) -> None:
    stories = {"core/stories.yml": "stories: []\n", "responses/all.yml": "responses: {}\n"}
    assert names(written(tmp_path, PROJECT, stories)) == {*PROJECT, "core/stories.yml"}


def test_lines_of_older_projects_are_markdown(tmp_path: Path) -> None:
    project = {key: text for key, text in PROJECT.items() if not key.startswith("data/")}
    root = written(tmp_path, project, {"data/nlu.md": "## intent:greet\n- hello\n"}, STRAYS)
    assert names(root) == set(project)


def test_what_actions_read_may_lie_among_the_data(tmp_path: Path) -> None:
    root = written(tmp_path, PROJECT, {"data/recipes.yml": "- name: soup\n"})
    (problem,) = read_assistant(root).problems
    assert (problem.file, problem.severity) == ("data/recipes.yml", "warning")
    (root / "config.yml").unlink()
    (problem,) = read_assistant(root, strict=False).problems
    assert problem.severity == "error"
