"""A report becomes a file: HTML that stands alone, or PDF."""

import os
import tempfile
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any

from biofeedback.reports.drawing import svg
from biofeedback.reports.extras import ReportError, load, load_weasyprint
from biofeedback.reports.page_boxes import page_boxes
from biofeedback.reports.parts import FITS, SUFFIXES, Report, foot, stamp, warning
from biofeedback.text import _, harmless, spoken


def check_suffix(path: Path) -> None:
    """Raise `ReportError` where a report cannot be written as what `path` is called."""
    if path.suffix.lower() not in SUFFIXES:
        raise ReportError(
            _("{name} is no name for a report: let it end in .html or .pdf.").format(name=path.name)
        )


def write(report: Report, path: Path) -> None:
    """Write `report` to `path`, whole or not at all; raise `ReportError` where that cannot be."""
    check_suffix(path)
    data = as_html(report).encode("utf-8") if path.suffix.lower() == ".html" else as_pdf(report)
    draft = None
    try:
        # for this user alone, as the journal is: who wants to hand it on does so
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".report-", delete=False) as file:
            draft = Path(file.name)
            file.write(data)
        os.replace(draft, path)
    except OSError as error:
        if draft is not None:
            draft.unlink(missing_ok=True)
        raise ReportError(
            _("{name} cannot be written ({why}); choose another place.").format(
                name=path, why=error.strerror or error
            )
        ) from error


def as_html(report: Report) -> str:
    """Return `report` as a page that loads nothing: all texts are escaped, pictures are inline."""
    jinja2 = load("jinja2")
    here = resources.files("biofeedback") / "reports"
    if report.one_page:
        report = report.at_most(FITS[0][0])
    environment = jinja2.Environment(
        autoescape=True,
        finalize=_plain,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.from_string((here / "report.html").read_text("utf-8"))
    style = (here / "report.css").read_text("utf-8")
    page: str = template.render(
        report=report,
        style=load("markupsafe").Markup(style + page_boxes(report)),
        drawn=lambda part, n: load("markupsafe").Markup(svg(part.picture, f"p{n}")),
        language=spoken(),
        stamp=stamp(),
        warning=warning(),
        foot=foot(report),
        columns=(_("Measure"), _("Value"), _("Band"), _("Valid"), _("What it is")),
    )
    return page


def _plain(value: object) -> object:
    """Return a text without what no page can show; what is HTML already as it is."""
    return harmless(value) if type(value) is str else value


def as_pdf(report: Report) -> bytes:
    """Return `report` as PDF: by WeasyPrint where it can be had, else by Matplotlib."""
    weasyprint = load_weasyprint()
    if weasyprint is None:
        from biofeedback.reports.plain_pdf import plain_pdf

        return plain_pdf(report)
    if not report.one_page:
        return bytes(_page(weasyprint, report).write_pdf(**_PDF))

    def set_page(shortened: Report, size_pt: float) -> Any:
        style = f"body.one-page {{ font-size: {size_pt}pt !important; }}"
        sheets = [weasyprint.CSS(string=style)]
        return _page(weasyprint, shortened).render(stylesheets=sheets, **_PDF)

    document = report.on_one_page(set_page, lambda made: len(made.pages) == 1)
    return bytes(document.write_pdf(**_PDF))


_PDF = {"pdf_variant": "pdf/ua-1"}  # with tags, title and language: it can be read aloud


def _page(weasyprint: ModuleType, report: Report) -> Any:
    return weasyprint.HTML(string=as_html(report), url_fetcher=_refuse, media_type="print")


def _refuse(url: str, *_args: object, **_kwargs: object) -> None:
    raise ValueError(url)
