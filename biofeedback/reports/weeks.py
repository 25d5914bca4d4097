"""Weeks with and without something, as far as they were rated: did it help this one person."""

from collections.abc import Iterator

from biofeedback.analysis.effects import UNKNOWN
from biofeedback.analysis.n_of_one import Result, results_of
from biofeedback.analysis.told import weeks_words
from biofeedback.journal.day_nouns import Entry, NOfOne, kind_word
from biofeedback.reports.history import History
from biofeedback.reports.parts import Statement
from biofeedback.training.tried import name_of


def weeks_helped(history: History) -> Iterator[Statement]:
    """Yield what each plan of weeks came to, for all that was rated meanwhile."""
    for kept in history.n_of_ones:
        for result in results_of(kept, history.entries):
            yield _statement(kept, result)


def _statement(kept: NOfOne, result: Result[Entry]) -> Statement:
    name, rated, found = name_of(kept.what), result.text or kind_word(result.kind), result.found
    values: dict[str, float | str] = {"name": name, "began": str(kept.began), "rated": rated}
    if found.verdict == UNKNOWN:
        values["why"] = found.why
    else:
        values |= {
            "difference": found.difference,
            "low": found.low,
            "high": found.high,
            "pairs": found.pairs,
        }
    return Statement(
        weeks_words(found, name=name, began=kept.began, rated=rated),
        of=(str(kept.id), *(str(each.id) for each in result.ratings)),
        values=values,
    )
