"""What studies found of the trainings that were done: for, against, and nothing, as it is told."""

from collections.abc import Iterable

from biofeedback.errors import BiofeedbackError
from biofeedback.reports.parts import Part, Statement
from biofeedback.text import _
from biofeedback.training.protocol_file import load_protocol


def evidence(protocols: Iterable[str]) -> Part:
    """Return what the papers of `protocols` say, each once; of one that is gone, nothing.

    All of them: whoever leaves some out may leave out those that found nothing.
    """
    found: dict[str, str] = {}
    for name in dict.fromkeys(protocols):
        try:
            papers = load_protocol(name).evidence
        except BiofeedbackError:  # a user's own, which was removed or broken since
            continue
        found |= {each.paper: each.result for each in papers}
    said = tuple(
        Statement(_("{paper}: {result}").format(paper=paper, result=result))
        for paper, result in found.items()
    )
    return Part(_("What studies found, for and against"), said, small=True)
