"""`report`: a recording, all sittings of a person, or the page for the doctor, to be printed."""

import argparse
from datetime import date
from pathlib import Path

from biofeedback.cli.how_far import HowFar
from biofeedback.cli.output import say
from biofeedback.cli.source_words import (
    add_settings_word,
    add_source_words,
    file_options,
    settings_in_force,
)
from biofeedback.errors import SettingsError
from biofeedback.text import _


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of `report`."""
    parser = commands.add_parser("report", help="a page to print: a recording, or a person's year")
    parser.add_argument("words", nargs="+", metavar="[RECORDING] OUT", help="OUT: .html or .pdf")
    parser.add_argument("--person", metavar="ID", help="many sittings, from the journal")
    parser.add_argument("--visit", action="store_true", help="the page for the doctor")
    add_source_words(parser)
    add_settings_word(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the report that is asked for."""
    from biofeedback.reports.write import check_suffix, write  # what no other command needs

    *recordings, out = args.words
    path = Path(out)
    if args.person is None and args.visit:
        raise SettingsError(_("--visit needs --person: whose page for the doctor is it to be?"))
    if len(recordings) != (args.person is None):
        raise SettingsError(
            _(
                "Name a recording and the report to be written, or --person and the report; see "
                "`biofeedback report --help`."
            )
        )
    check_suffix(path)
    if args.person is None:
        from biofeedback.reports.make import of_recording

        settings = settings_in_force(args.settings, recordings[0])
        report = of_recording(
            recordings[0], file_options(args), settings, today=date.today(), progress=HowFar()
        )
    else:
        from biofeedback.journal.journal import open_journal
        from biofeedback.reports.make import of_person

        with open_journal() as journal:
            report = of_person(
                journal, args.person, visit=args.visit, today=date.today(), progress=HowFar()
            )
    if path.suffix.lower() == ".pdf":  # takes seconds, and tells nothing meanwhile
        say(_("Setting the pages …"))
    write(report, path)
    say(_("The report is in {path}.").format(path=path))
    return 0
