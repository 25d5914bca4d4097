"""`protocols`: the training protocols that are installed, and their texts for translators."""

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from biofeedback.cli.output import print_json, say, tell
from biofeedback.display.sitting.view_model import clock_word
from biofeedback.errors import SettingsError
from biofeedback.training.protocol import Protocol
from biofeedback.training.protocol_file import installed, protocol_text, read_protocol, translatable


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of `protocols`."""
    parser = commands.add_parser("protocols", help="the training protocols that are installed")
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument(
        "--pot", action="store_true", help="their texts, as GNU gettext takes them for translators"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """List the protocols; one that is wrong is told of, and does not hide the others."""
    names = installed()
    width = max(map(len, names))
    code = 0
    for name in names:
        try:
            where, text = protocol_text(name)
            protocol = read_protocol(text, name=name, where=where)
        except SettingsError as error:
            say(str(error))
            code = 1
            continue
        if args.pot:
            sys.stdout.writelines(_entries(where, text))
        elif args.json:
            print_json(_as_json(protocol), sys.stdout)
        else:
            tell(f"{name:<{width}}  {clock_word(protocol.seconds)}  {protocol.summary}")
    return code


def _as_json(protocol: Protocol) -> dict[str, Any]:
    return {
        "name": protocol.name,
        "title": protocol.title,
        "summary": protocol.summary,
        "mode": protocol.mode.value,
        "seconds": protocol.seconds,
        "fading": list(protocol.fading),
        "phases": [
            {
                "name": phase.name,
                "kind": phase.kind.value,
                "round": phase.round,
                "seconds": phase.seconds,
                "feedback": phase.feedback.value,
                "ends": phase.ends.value,
                "instruction": phase.instruction,
            }
            for phase in protocol.phases
        ],
        "evidence": [{"paper": one.paper, "result": one.result} for one in protocol.evidence],
    }


def _entries(where: str, text: str) -> Iterator[str]:
    """Yield the texts of a protocol as entries of a PO template; it quotes as JSON does."""
    for line, message in translatable(text):
        quoted = json.dumps(message, ensure_ascii=False)
        yield f'#: {where}:{line}\nmsgid {quoted}\nmsgstr ""\n\n'
