"""The catalogues of biofeedback/locale: brought up to date, filled in, and compiled."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from biofeedback.text.language import SOURCE
from cataloguing.check import faults
from cataloguing.collect import collect

ROOT = Path(__file__).parents[2] / "biofeedback"
LOCALE = ROOT / "locale"
_NAME = Path("LC_MESSAGES") / "biofeedback.po"
_WIDTH = 100
_MOST_TOLD = 40


class _Undated(Catalog):
    """One without dates and names of tools, so that the same texts make the same file."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The header: what gettext needs."""
        return [
            ("Project-Id-Version", "biofeedback"),
            ("Language", str(self.locale)),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", self.plural_forms),
        ]


def main(argv: Sequence[str]) -> int:
    """Do what is asked; return 0, or 3 where a text has no translation that fits."""
    parser = argparse.ArgumentParser(prog="catalogue.py", description=__doc__)
    parser.add_argument(
        "--language", metavar="CODE", type=_code, default="de", help="de, or a new one"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    template_ = commands.add_parser("template", help="print all texts, without a translation")
    template_.add_argument("under", nargs="*", help="only of files under these, biofeedback/cli")
    commands.add_parser("update", help="take new texts in, drop old ones, compile, check")
    commands.add_parser("missing", help="print the texts that have no translation yet")
    add_ = commands.add_parser("add", help="take translations from FILE, then update")
    add_.add_argument("files", nargs="+", metavar="FILE", type=Path)
    args = parser.parse_args(argv)
    if args.command == "template":
        _print(template(args.under))
        return 0
    catalogue = updated(args.language)
    if args.command == "missing":
        _print(_part(catalogue, [m for m in catalogue if m.id and not _is_done(m.string)]))
        return 0
    if args.command == "add":
        for file in args.files:
            take(catalogue, read(file, args.language))
    keep(catalogue, po_file(args.language))
    return _report(catalogue)


def _code(word: str) -> str:
    try:
        return str(Locale.parse(word))
    except (ValueError, UnknownLocaleError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def po_file(language: str) -> Path:
    """Return where the translations into `language` lie; compiled, beside it with .mo."""
    return LOCALE / language / _NAME


def read(file: Path, language: str) -> Catalog:
    """Return the translations in a .po file."""
    with file.open("rb") as opened:
        return read_po(opened, locale=language)


def template(under: Sequence[str] = ()) -> Catalog:
    """Return all texts, or those of files whose path begins with one of `under`."""
    found = collect(ROOT)
    if not under:
        return found
    return _part(
        found,
        [m for m in found if any(p.startswith(tuple(under)) for p, _line in m.locations)],
    )


def updated(language: str) -> Catalog:
    """Return the translations that are kept, for the texts of today: new ones have none."""
    file = po_file(language)
    now = _empty(language)
    for message in collect(ROOT):
        if message.id:
            now.add(message.id, locations=message.locations)
    if file.exists():
        take(now, read(file, language))
    return now


def take(catalogue: Catalog, source: Catalog) -> None:
    """Put into `catalogue` what `source` has for its texts; neither guesses nor fuzzy ones."""
    for message in source:
        mine = catalogue.get(message.id) if message.id else None
        same = mine is not None and mine.id == message.id  # as many forms, too
        if mine is not None and same and _is_done(message.string) and not message.fuzzy:
            mine.string = message.string


def po_bytes(catalogue: Catalog) -> bytes:
    """Return the .po file: in order of the source, without lines, which change at every edit."""
    out = BytesIO()
    write_po(out, catalogue, width=_WIDTH, include_lineno=False, sort_by_file=True)
    return out.getvalue()


def mo_bytes(catalogue: Catalog) -> bytes:
    """Return the compiled file."""
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def keep(catalogue: Catalog, file: Path) -> None:
    """Write the .po file and, beside it, what the program reads."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(po_bytes(catalogue))
    file.with_suffix(".mo").write_bytes(mo_bytes(catalogue))


def _empty(language: str) -> Catalog:
    made = _Undated(locale=language, project="biofeedback", charset="utf-8", fuzzy=False)
    made.header_comment = "# The texts of biofeedback; kept by scripts/catalogue.py."
    return made


def _is_done(string: str | Sequence[str] | None) -> bool:
    return bool(string) and (isinstance(string, str) or all(string or ()))


def _part(catalogue: Catalog, chosen: Iterable[Message]) -> Catalog:
    part = _empty(str(catalogue.locale or SOURCE))
    for message in chosen:
        part.add(message.id, message.string, locations=message.locations)
    return part


def _print(catalogue: Catalog) -> None:
    sys.stdout.buffer.write(po_bytes(catalogue))


def _report(catalogue: Catalog) -> int:
    found = list(faults(catalogue))
    for fault in found[:_MOST_TOLD]:
        print(fault)
    more = f", the first {_MOST_TOLD} above" if len(found) > _MOST_TOLD else ""
    print(f"{catalogue.locale}: {len(catalogue)} texts, {len(found)} to be mended{more}")
    return 3 if found else 0
