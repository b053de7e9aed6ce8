"""The ``frontdesk`` command. Each subcommand imports only what it needs."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from models.errors import DataError, FrontdeskError, PathRefused


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: parse the command line, run, and end with 0, 1 (error) or 2 (usage)."""
    given = build_parser().parse_args(arguments)
    try:
        code = function_at(given.run)(given)
    except FrontdeskError as error:
        code = _failed(error, given)
    except KeyboardInterrupt:
        print("\nfrontdesk: stopped", file=sys.stderr)
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        if error.filename is None:
            raise
        code = _failed(PathRefused(error), given)
    sys.exit(code or 0)


def function_at(place: str) -> Callable[[argparse.Namespace], int]:
    """The function that stands at ``module:name``; its module is imported only now."""
    module, _, name = place.partition(":")
    found: Callable[[argparse.Namespace], int] = getattr(import_module(module), name)
    return found


def _failed(error: FrontdeskError, given: argparse.Namespace) -> int:
    if getattr(given, "json", False):
        print(json.dumps({"error": _error(error)}, ensure_ascii=False))
    print(f"frontdesk: {error}", file=sys.stderr)
    return 1


def _error(error: FrontdeskError) -> dict[str, Any]:
    found: dict[str, Any] = {"type": type(error).__name__, "message": error.message}
    if isinstance(error, DataError):
        found["problems"] = [str(problem) for problem in error.problems]
    return found


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="frontdesk", description="Self-hosted, intent-aware customer-service chatbot."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (
        _serve,
        _train,
        _search,
        _adapt,
        _evaluate,
        _parse,
        _chat,
        _logs,
        _mine,
        _editor,
        _next,
        _review,
        _validate,
        _import,
        _knowledge,
        _test,
        _releases,
    ):
        add(commands)
    return parser


def _command(commands: Any, name: str, run: str, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    return parser


def _serve(commands: Any) -> None:
    _command(
        commands,
        "serve",
        "bot.commands.serving:serve",
        "Run the service: prepares the assistant on first start. Options are FRONTDESK_* "
        "variables, see docs/settings.md.",
    )


def _train(commands: Any) -> None:
    parser = _command(
        commands, "train", "bot.commands.files:train", "Train a release from data files."
    )
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        action="extend",
        required=True,
        metavar="PATH",
        help="Rasa NLU YAML, Markdown or JSON, CSV (text,intent), JSONL, or a folder of them",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--language", choices=("en", "zh", "mul"), help="found by script if unset")
    parser.add_argument("--mode", choices=("head", "full"), default="full")
    parser.add_argument(
        "--tune",
        choices=("upper", "lora", "ia3"),
        default="upper",
        help="what a fine-tune trains: layers of the encoder (upper), or small adapters in them",
    )
    parser.add_argument("--encoder", metavar="NAME", help="packaged weights, a folder or hub name")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--logs", type=Path, metavar="DIR", help="TensorBoard logs of a fine-tune")
    parser.add_argument("--json", action="store_true", help="print one JSON line at the end")


def _search(commands: Any) -> None:
    parser = _command(
        commands,
        "search",
        "bot.commands.files:search",
        "Search the fine-tune's settings on a held-out part of the data, and train the best.",
    )
    parser.add_argument(
        "--data", type=Path, nargs="+", action="extend", required=True, metavar="PATH"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="goes on with the search in it"
    )
    parser.add_argument("--trials", type=int, default=20, help="in all, earlier ones counted")
    parser.add_argument("--minutes", type=float, help="begin no trial that would end later")
    parser.add_argument("--language", choices=("en", "zh", "mul"), help="found by script if unset")
    parser.add_argument("--encoder", metavar="NAME", help="packaged weights, a folder or hub name")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print one JSON line at the end")


def _adapt(commands: Any) -> None:
    parser = _command(
        commands,
        "adapt",
        "bot.commands.files:adapt",
        "Fine-tune the encoder on an assistant's lines and write the difference, a few megabytes.",
    )
    parser.add_argument("path", type=Path, metavar="FOLDER", help="the assistant")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: its encoder.safetensors")
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, metavar="DIR", help="checkpoints; resumes from there")
    parser.add_argument(
        "--judge",
        action="store_true",
        help="keep the adapter that is there, and find out anew how far it may be believed",
    )
    parser.add_argument("--json", action="store_true")


def _evaluate(commands: Any) -> None:
    parser = _command(
        commands, "evaluate", "bot.commands.files:evaluate", "Evaluate a release on data."
    )
    parser.add_argument("--model", type=Path, required=True, metavar="DIR")
    parser.add_argument("--data", type=Path, nargs="+", action="extend", required=True)
    parser.add_argument("--json", action="store_true", help="print one JSON line only")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write a report as one HTML")
    parser.add_argument("--lang", choices=("en", "zh"), default="en", help="of the report")


def _parse(commands: Any) -> None:
    parser = _command(
        commands,
        "parse",
        "bot.commands.files:parse",
        'Read JSON lines {"text"} on standard input, write parse results.',
    )
    parser.add_argument("--model", type=Path, required=True, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="accepted; the output is always JSON")
    parser.add_argument(
        "--why", action="store_true", help="add why: nearest lines, words, threshold, signs"
    )


def _chat(commands: Any) -> None:
    parser = _command(
        commands, "chat", "bot.commands.chat:chat", "Chat with a running service in the terminal."
    )
    parser.add_argument("--url", default="http://localhost:8080", help="address of the service")
    parser.add_argument("--language", choices=("en", "zh"))


def _logs(commands: Any) -> None:
    parser = commands.add_parser("logs", help="Past conversations: read, show, redact again.")
    actions = parser.add_subparsers(dest="action", required=True)
    for name, text in (
        ("read", "Read logs of any known format into a store, redacted; goes on where it stopped."),
        ("columns", "Show how a table or transcript would be read; write that down to mend it."),
        ("show", "Show what a store holds, or one conversation of it."),
        ("redact", "Redact a store again, with better rules."),
    ):
        action = actions.add_parser(name, help=text, description=text)
        action.set_defaults(run=f"bot.commands.logs:{name}")
        action.add_argument("--json", action="store_true")
        if name == "columns":
            action.add_argument("path", metavar="PATH")
            action.add_argument("--out", type=Path, metavar="FILE", help="the mapping, JSON")
            continue
        action.add_argument("--store", type=Path, required=True, metavar="DIR")
        if name == "show":
            action.add_argument("id", nargs="?", help="of a conversation")
            continue
        action.add_argument(
            "--rules", type=Path, metavar="FILE", help="JSON: number formats, staff, phrases"
        )
        if name == "read":
            action.add_argument("paths", nargs="+", metavar="PATH", help="files, folders, URLs")
            action.add_argument(
                "--model", type=Path, metavar="DIR", help="a release, to keep vectors as well"
            )
            action.add_argument("--mapping", type=Path, metavar="FILE", help="what columns mean")
            action.add_argument("--yes", action="store_true", help="take guessed columns as right")
            _engine(action)


def _mine(commands: Any) -> None:
    parser = _command(
        commands,
        "mine",
        "bot.commands.mining:mine",
        "Mine answer templates from past support logs, for review.",
    )
    _past_logs(parser)
    parser.add_argument("--home", type=Path, help="whose queue: FRONTDESK_HOME or ./var if unset")
    parser.add_argument("--model", type=Path, metavar="DIR", help="default: the home's release")
    parser.add_argument("--out", type=Path, metavar="FILE", help="JSONL, in place of the queue")
    parser.add_argument(
        "--rules", type=Path, metavar="FILE", help="JSON: the shop's number formats, staff, phrases"
    )
    parser.add_argument(
        "--accept-clean",
        action="store_true",
        help="put good answers without any flag live unread; never what looks suspicious",
    )
    _engine(parser)
    parser.add_argument("--json", action="store_true")


def _past_logs(parser: Any) -> None:
    parser.add_argument(
        "--logs",
        nargs="+",
        action="extend",
        required=True,
        metavar="PATH",
        help="raw logs, or the store of 'frontdesk logs read'",
    )


def _engine(parser: Any) -> None:
    parser.add_argument("--engine", choices=("local", "ray"), default="local")
    parser.add_argument(
        "--workers", type=int, metavar="N", help="processes; 1, or Ray's processors"
    )


def _editor(commands: Any) -> None:
    parser = _command(
        commands,
        "editor",
        "bot.commands.editor:train_editor",
        "Train the neural editor on past support logs.",
    )
    _past_logs(parser)
    parser.add_argument("--home", type=Path, help="default: FRONTDESK_HOME or ./var")
    parser.add_argument(
        "--rules", type=Path, metavar="FILE", help="JSON: the shop's number formats, staff, phrases"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")


def _next(commands: Any) -> None:
    parser = _command(
        commands,
        "next",
        "bot.commands.following:train_next",
        "Learn on past support logs which answer follows which.",
    )
    _past_logs(parser)
    parser.add_argument("--home", type=Path, help="default: FRONTDESK_HOME or ./var")
    parser.add_argument(
        "--rules", type=Path, metavar="FILE", help="JSON: the shop's number formats, staff, phrases"
    )
    parser.add_argument("--json", action="store_true")


def _review(commands: Any) -> None:
    parser = commands.add_parser("review", help="List proposals, and decide on them by file.")
    actions = parser.add_subparsers(dest="action", required=True)
    for name, text in (
        ("list", "Write what waits for a decision as JSON lines."),
        ("take", "Take a file of these lines with status live or rejected."),
    ):
        action = actions.add_parser(name, help=text, description=text)
        action.set_defaults(run="bot.commands.mining:review")
        action.add_argument("--home", type=Path, help="default: FRONTDESK_HOME or ./var")
        action.add_argument("--json", action="store_true")
        if name == "take":
            action.add_argument("file", type=Path, metavar="FILE")
            action.add_argument("--flagged", action="store_true", help="take suspicious ones too")


def _validate(commands: Any) -> None:
    parser = _command(
        commands, "validate", "bot.commands.files:validate", "Check an assistant's files."
    )
    parser.add_argument("path", type=Path, metavar="FOLDER")
    parser.add_argument("--json", action="store_true")


def _import(commands: Any) -> None:
    parser = _command(
        commands,
        "import",
        "bot.commands.importing:bring_along",
        "Bring an assistant along from Rasa (any age), Dialogflow ES or CX, LUIS, Wit.ai, Amazon "
        "Lex, Chatito or a table, and say what of it cannot come along.",
    )
    parser.add_argument("path", type=Path, metavar="PATH", help="a folder, a zip or a file")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="write it there; without, only say what would come"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON line at the end")


def _knowledge(commands: Any) -> None:
    parser = commands.add_parser("knowledge", help="Check, ask and publish the knowledge graph.")
    actions = parser.add_subparsers(dest="action", required=True)
    for name, text in (
        ("check", "Check the files of an assistant's knowledge graph."),
        ("ask", "Ask a release's graph; several questions are one conversation."),
        ("publish", "Make a release with the graph as the home's files are now; it serves."),
    ):
        action = actions.add_parser(name, help=text, description=text)
        action.set_defaults(run=f"bot.commands.knowledge:{name}")
        action.add_argument("--json", action="store_true")
        if name == "check":
            action.add_argument("path", type=Path, metavar="FOLDER", help="the assistant")
        if name == "ask":
            action.add_argument("--model", type=Path, required=True, metavar="DIR")
            action.add_argument("question", nargs="+", metavar="QUESTION")
        if name == "publish":
            action.add_argument("--home", type=Path, help="default: FRONTDESK_HOME or ./var")


def _test(commands: Any) -> None:
    parser = _command(
        commands,
        "test",
        "bot.trials.command:test",
        "Play a project's own end-to-end test stories (Rasa's tests/*.yml, test_cases).",
    )
    parser.add_argument("path", type=Path, metavar="DIR", help="the project: domain, data, tests")
    parser.add_argument("--actions", metavar="URL", help="a running action server's webhook")
    parser.add_argument(
        "--python", metavar="PATH", help="interpreter for the project's own actions"
    )
    parser.add_argument("--stories", type=Path, nargs="+", metavar="FILE", help="test files")
    parser.add_argument("--only", metavar="TEXT", help="stories whose name holds this")
    parser.add_argument("--verbose", action="store_true", help="print notes as well")
    parser.add_argument("--json", action="store_true", help="print one JSON line at the end")


def _releases(commands: Any) -> None:
    parser = commands.add_parser("releases", help="List, promote, roll back and prune releases.")
    actions = parser.add_subparsers(dest="action", required=True)
    for name, text in (
        ("list", "List all releases."),
        ("add", "Take in a release that 'frontdesk train' wrote, with the home's assistant."),
        ("promote", "Put a release into service."),
        ("rollback", "Put the release that served before back into service."),
        ("prune", "Delete old releases and the blobs that nothing needs."),
    ):
        action = actions.add_parser(name, help=text, description=text)
        action.set_defaults(run="bot.commands.files:releases")
        action.add_argument("--home", type=Path, help="default: FRONTDESK_HOME or ./var")
        action.add_argument("--json", action="store_true")
        if name == "promote":
            action.add_argument("release")
        if name == "add":
            action.add_argument("folder", type=Path, metavar="DIR")
        if name == "prune":
            action.add_argument("--keep", type=int, default=5, help="how many to keep")
