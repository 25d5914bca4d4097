"""`train`: a training protocol at a source, as events and a bar in the terminal."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biofeedback.bands import BANDS
from biofeedback.cli.answers import Answers
from biofeedback.cli.heart_words import add_heart_word, heart_beside, with_heart
from biofeedback.cli.live import follow
from biofeedback.cli.outlet_words import add_outlet_words, outlets
from biofeedback.cli.output import Printer, say
from biofeedback.cli.sounding import add_sound_word, sounding
from biofeedback.cli.source_words import (
    add_settings_word,
    add_source_words,
    settings_in_force,
    source_options,
)
from biofeedback.cli.train_output import make_printer
from biofeedback.display.sitting.keeping import Keeping
from biofeedback.display.sitting.resume import BrokenOff, find_broken_off
from biofeedback.display.sitting.trained import keep, next_in_course, outcome, stored_rest
from biofeedback.errors import JournalError, SettingsError
from biofeedback.heart.beside import HeartBeside
from biofeedback.heart.told import told_with_heart
from biofeedback.readings import Reading
from biofeedback.recording.live import Recorder
from biofeedback.session import Session
from biofeedback.settings import Settings
from biofeedback.sources import open_source
from biofeedback.stream import Channel, StreamInfo
from biofeedback.text import _
from biofeedback.training.course import faded
from biofeedback.training.goal import Measure
from biofeedback.training.progress import Progress
from biofeedback.training.protocol import Protocol
from biofeedback.training.protocol_file import load_protocol
from biofeedback.training.results import StoredRest
from biofeedback.training.trainer import Trainer

if TYPE_CHECKING:
    from biofeedback.journal.kept import KeptSitting

# Nobody waits so long for an electrode to be put back; and a replay must come to its end.
PATIENCE_S = 600.0


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of `train`."""
    parser = commands.add_parser(
        "train",
        help="a training: baseline, trials, what came of it",
        description="Protocols: see biofeedback protocols, or a file that ends in .toml.",
    )
    parser.add_argument("protocol", metavar="PROTOCOL")
    parser.add_argument("source", metavar="SOURCE")
    add_source_words(parser)
    parser.add_argument("--band", choices=tuple(BANDS), help="20-450 Hz or 100-200 Hz")
    parser.add_argument(
        "--channel",
        action="append",
        metavar="NAME",
        help="label or number, from 1; once for each muscle that the protocol needs",
    )
    parser.add_argument("--threshold-uv", type=float, metavar="X", help="from the start, by hand")
    parser.add_argument(
        "--noise-uv", type=float, metavar="X", help="what the sensor reads with its inputs joined"
    )
    parser.add_argument(
        "--breaths-per-min", type=float, metavar="X", help="your own, where a pacer begins"
    )
    parser.add_argument("--person", metavar="ID", help="keep it in the journal of that pseudonym")
    parser.add_argument(
        "--sitting",
        type=int,
        metavar="N",
        help="of the course, over which feedback fades",
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with the one of that person that broke off"
    )
    add_settings_word(parser)
    parser.add_argument("--record", type=Path, metavar="FILE", help=".edf (16 bits) or .bdf (24)")
    add_sound_word(parser)
    add_heart_word(parser)
    add_outlet_words(parser)
    parser.add_argument("--headless", action="store_true", help="events as lines, without a bar")
    parser.add_argument("--fast", action="store_true", help="not paced by the clock")
    parser.add_argument("--json", action="store_true", help="one object a line, then the summary")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Train with `args.protocol` at `args.source` until it is over."""
    settings = settings_in_force(args.settings, args.source)
    if args.band:
        settings = replace(settings, signal=replace(settings.signal, band=args.band))
    if args.person is None:
        if args.resume:
            raise SettingsError(_("--resume needs to know whose training it is: say --person ID."))
        return _train(args, settings, None)
    from biofeedback.journal.kept import kept_sitting  # a database takes a while to load

    with kept_sitting(args.person, settings) as kept:
        return _train(args, settings, kept)


def _train(args: argparse.Namespace, settings: Settings, kept: "KeptSitting | None") -> int:
    broken = _broken_off(args, kept) if args.resume and kept else None
    number = broken.number if broken else _number(args, kept)
    protocol = faded(load_protocol(args.protocol), sitting=number)
    asked = sys.stdin is not None and sys.stdin.isatty() and not (args.fast or args.json)
    answers = Answers() if asked else None

    def make_trainer(info: StreamInfo) -> Trainer:
        trainer = trainer_for(
            args,
            protocol,
            info,
            answers=asked,
            rest=partial(stored_rest, kept, session) if kept else None,
            resume=partial(broken.take_up, protocol) if broken else None,
        )
        if kept:
            kept.begin(info)
        return trainer

    paths = [*([args.record] if args.record else []), *([kept.new_recording] if kept else [])]
    recorders = [
        Recorder(
            path,
            signal=settings.signal,
            bursts=settings.bursts,
            patient=args.fast,
            heart=args.heart is not None,
        )
        for path in paths
    ]
    heart = heart_beside(args, recorders)
    before = broken.progress.get("outcome") if broken else None
    session = Session(
        open_source(args.source, source_options(args, settings, fast=args.fast)),
        signal=settings.signal,
        keep_signal=False,
        sinks=[*recorders, *heart, *outlets(args, settings)],
        trainer=make_trainer,
    )
    summarize = partial(_summarize, kept=kept, heart=heart, before=before)
    bar = sys.stdout.isatty() and not (args.headless or args.fast)
    printer: Printer = make_printer(
        as_json=args.json, bar=bar, summarize=summarize, answers=answers
    )
    printer = with_heart(printer, heart, as_json=args.json, quiet=bar)
    if kept:
        keeping = Keeping(kept, heart=heart[0] if heart else None, before=before)
        keeping.number = number
        printer = KeepingPrinter(printer, keeping)
    try:
        with sounding(args, settings.sound, printer) as with_sound:
            return follow(session, with_sound)
    finally:
        if kept and kept.sitting and session.trainer:
            kept.note(session.annotations)
            keep(kept, session, summarize(session))


def _summarize(
    session: Session,
    *,
    kept: "KeptSitting | None",
    heart: Sequence[HeartBeside],
    before: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return what the training came to, with the heart where a strap was heard."""
    told = outcome(session, kept)
    since_s = session.trainer.since_s if session.trainer else 0.0
    return told_with_heart(told, heart[0] if heart else None, since_s=since_s, before=before)


class KeepingPrinter:
    """A printer, and a journal that keeps at once what is printed."""

    def __init__(self, printer: Printer, keeping: Keeping) -> None:
        self._printer = printer
        self._keeping: Keeping | None = keeping

    def show(self, session: Session, readings: list[Reading]) -> None:
        """Print and keep what has happened since; at the end only, where the journal is held."""
        self._printer.show(session, readings)
        if self._keeping:
            try:
                self._keeping.keep(session)
            except JournalError as error:
                self._keeping = None  # nobody waits for it again and again
                say(str(error))

    def end(self, session: Session) -> None:
        """Print the rest."""
        self._printer.end(session)


def _broken_off(args: argparse.Namespace, kept: "KeptSitting") -> BrokenOff:
    """Return what is gone on with; raise `SettingsError` where there is none of that protocol."""
    broken = find_broken_off(kept.journal, kept.person)
    if broken is None or broken.protocol != load_protocol(args.protocol).name:
        raise SettingsError(
            _(
                "There is no training {protocol} of {person} that broke off in the last 24 hours; "
                "without --resume a new one begins."
            ).format(protocol=args.protocol, person=kept.person)
        )
    kept.resume(broken.sitting, since_s=broken.since_s)
    return broken


def _number(args: argparse.Namespace, kept: "KeptSitting | None") -> int:
    """Return which sitting of the course it is: as said, else by the journal, else the first."""
    number: int | None = args.sitting
    if number is not None and number < 1:
        raise SettingsError(
            _("--sitting {number} is none; sittings are counted from 1.").format(number=number)
        )
    if number is None and kept:
        name = load_protocol(args.protocol).name
        number = next_in_course(kept, name, simulated=args.source.startswith("sim:"))
    return number or 1


def trainer_for(
    args: argparse.Namespace,
    protocol: Protocol,
    info: StreamInfo,
    *,
    answers: bool,
    rest: Callable[[Channel], StoredRest | None] | None = None,
    resume: Callable[[Measure], Progress] | None = None,
) -> Trainer:
    """Return what takes `protocol` through a stream; `rest` and `resume` as of `Trainer`."""
    for name in ("threshold_uv", "noise_uv"):
        value = getattr(args, name)
        if value is not None and any(channel.unit != "uV" for channel in info.channels):
            raise SettingsError(
                _("{word} means nothing for counts: name the sensor (--sensor).").format(
                    word="--" + name.replace("_", "-")
                )
            )
    if args.noise_uv is not None and not 0 < args.noise_uv < 1e6:
        raise SettingsError(
            _("--noise-uv {value:g} is no noise; give a number above 0.").format(
                value=args.noise_uv
            )
        )
    trainer = Trainer(
        protocol,
        info,
        channels=_channels(args.channel, info),
        noise=args.noise_uv,
        answers=answers,
        patience_s=PATIENCE_S,
        rest=rest,
        resume=resume,
    )
    if args.breaths_per_min is not None:
        trainer.breathing.set_own(args.breaths_per_min)
    if args.threshold_uv is not None:
        trainer.set_threshold(args.threshold_uv)
    return trainer


def _channels(named: Sequence[str] | None, info: StreamInfo) -> list[int] | None:
    """Return which channels were asked for; None: the first."""
    if named is None:
        return None
    labels = [channel.label for channel in info.channels]
    chosen = []
    for name in named:
        if name in labels:
            chosen.append(labels.index(name))
        elif name.isdigit() and 1 <= int(name) <= len(labels):
            chosen.append(int(name) - 1)
        else:
            raise SettingsError(
                _("There is no channel '{name}'; there are: {labels}.").format(
                    name=name, labels=", ".join(labels)
                )
            )
    return chosen
