"""`check`: does the sensor sit well, in plain words, with what to do."""

import argparse
import contextlib
import sys

from biofeedback.cli.output import print_json, say, tell
from biofeedback.cli.source_words import add_source_words, source_options
from biofeedback.contact import CONTRACTION_S, END_S, REST_S, Contact, check_contact, span
from biofeedback.readings import Reading
from biofeedback.session import SIGNAL_KEPT_S, Session
from biofeedback.settings import load_settings
from biofeedback.sources import is_live, open_source
from biofeedback.stream import Samples
from biofeedback.text import _
from biofeedback.words import number_word, unit_word

NOT_PASSED = 3


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of `check`."""
    parser = commands.add_parser(
        "check",
        help="does the sensor sit well, and what to do if not",
        description="At a board: ten seconds at rest, then ten of a gentle contraction.",
    )
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("--rest-only", action="store_true", help="no contraction is asked for")
    add_source_words(parser)
    parser.add_argument("--json", action="store_true", help="one object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Look at `args.source` for a while and say what was found; 3 where it does not sit well."""
    settings = load_settings()
    live = is_live(args.source)
    options = source_options(args, settings, fast=not live)
    guided = live and not args.rest_only
    seconds = END_S if guided else REST_S[1] if live else float(SIGNAL_KEPT_S)
    session = Session(open_source(args.source, options), signal=settings.signal, seconds=seconds)
    readings = _watch(session, guided=guided, live=live)
    sfreq = session.info.sfreq
    if guided:
        rest, contraction = (_signal(session, times) for times in (REST_S, CONTRACTION_S))
        judged = span(readings, (REST_S[0], CONTRACTION_S[1]))
    else:
        rest, contraction = _signal(session, (REST_S[0], session.duration_s)), None
        judged = span(readings, (REST_S[0], session.duration_s))
    found = check_contact(session.info.channels, judged, rest, contraction, sfreq=sfreq)
    ok = all(contact.ok for contact in found)
    if args.json:
        print_json({"ok": ok, "channels": [_as_json(contact) for contact in found]}, sys.stdout)
    else:
        for contact in found:
            _print(contact)
        tell(_("The sensor sits well.") if ok else _("Not yet: see above, then check again."))
    return 0 if ok else NOT_PASSED


def _watch(session: Session, *, guided: bool, live: bool) -> list[Reading]:
    """Run the session, tell people what to do, and return all readings."""
    kept: list[Reading] = []
    to_say = [(CONTRACTION_S[1], _("Thank you, let go."))]
    to_say.insert(0, (REST_S[1], _("Now tense the muscle gently (shrug, clench), and hold.")))
    told_notes = 0
    if live:
        say(_("Sit still and let the muscle go, for ten seconds."))
    with contextlib.closing(session.run()) as running:
        for readings in running:
            kept += readings
            for note in session.notes[told_notes:]:
                say(note)
            told_notes = len(session.notes)
            while guided and to_say and session.duration_s >= to_say[0][0]:
                say(to_say.pop(0)[1])
    return kept


def _signal(session: Session, times_s: tuple[float, float]) -> Samples:
    start, stop = (round(t * session.info.sfreq) for t in times_s)
    return session.filtered.read(start, stop)


def _as_json(contact: Contact) -> dict[str, object]:
    unit = "uv" if contact.channel.unit == "uV" else "counts"
    return {
        "label": contact.channel.label,
        f"rest_{unit}": contact.rest,
        f"contraction_{unit}": contact.contraction,
        f"mains_{unit}": contact.mains,
        "findings": [
            {"flag": finding.flag, unit: finding.level, "advice": finding.advice}
            for finding in contact.findings
        ],
    }


def _print(contact: Contact) -> None:
    channel = contact.channel
    tell(
        _("{label}: {level} {unit} at rest").format(
            label=channel.label,
            level=number_word(contact.rest, channel),
            unit=unit_word(channel),
        )
    )
    for finding in contact.findings:
        tell("  " + finding.advice)
