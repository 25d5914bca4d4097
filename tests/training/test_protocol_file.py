import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biofeedback import text
from biofeedback.errors import SettingsError
from biofeedback.training.protocol import Ends, Feedback, Kind, Mode, Phase, Protocol
from biofeedback.training.protocol_file import (
    installed,
    load_protocol,
    read_protocol,
    translatable,
)
from biofeedback.training.toml_lines import line_of

SHIPPED = {
    "home-relaxation",
    "clinic-relaxation",
    "contract-relax",
    "symmetry",
    "overflow",
    "paced-breathing",
    "transfer",
    "baseline-only",
    "hand-task",
    "voice-task",
}

GOOD = """\
title = "Mine"
mode = "below"

[[evidence]]
paper = "A paper"
result = "It did not help."

[[phases]]
name = "baseline"
kind = "baseline"
seconds = 60
instruction = "Rest."

[[phases]]
repeat = 2

[[phases.steps]]
name = "trial"
kind = "trial"
seconds = 30.5
instruction = "Let go."

[[phases.steps]]
name = "rest"
kind = "rest"
seconds = 10
instruction = "Pause."
"""


def refused(toml: str) -> str:
    with pytest.raises(SettingsError) as error:
        read_protocol(toml, name="mine", where="mine.toml")
    return str(error.value)


def test_a_protocol_is_read_with_what_it_does_not_say():
    protocol = read_protocol(GOOD, name="mine", where="mine.toml")
    assert (protocol.title, protocol.mode, protocol.fading) == ("Mine", Mode.BELOW, ())
    assert protocol.evidence[0].result == "It did not help."
    assert [(p.name, p.round) for p in protocol.phases] == [
        ("baseline", 1),
        ("trial", 1),
        ("rest", 1),
        ("trial", 2),
        ("rest", 2),
    ]
    baseline, trial, rest = protocol.phases[:3]
    assert (baseline.feedback, trial.feedback) == (Feedback.OFF, Feedback.ON)
    assert (baseline.ends, trial.ends, rest.ends) == (
        Ends.VALID_TIME,
        Ends.VALID_TIME,
        Ends.TIME,
    )
    assert protocol.seconds == 60 + 2 * 40.5


@pytest.mark.parametrize(
    ("right", "wrong", "line", "said"),
    [
        ("seconds = 60", "seconds = -60", 11, "seconds is -60, it must be a number from 1 to"),
        ("seconds = 60", "seconds = nan", 11, "seconds is nan"),
        ("seconds = 60", "seconds = true", 11, "seconds is True"),
        ("seconds = 60", 'seconds = "60"', 11, "seconds is '60', it must be a number"),
        ("seconds = 30.5", "seconds = 0", 20, "seconds is 0"),
        ("seconds = 60\n", "", 8, "seconds is missing; add it"),
        ("seconds = 60", "second = 60", 8, "seconds is missing"),
        ("seconds = 60", "seconds = 60\nspeed = 3", 12, "no key 'speed' here; there are: kind"),
        ("seconds = 60", "seconds = 60\nguess = true", 12, "no key 'guess' here"),
        ('kind = "rest"', 'kind = "nap"', 25, "kind is 'nap', it must be one of check, adapt"),
        ('kind = "trial"', 'kind = "trial"\nfeedback = "loud"', 20, "one of on, off, delayed, sum"),
        ('kind = "trial"', 'kind = "trial"\nends = "never"', 20, "one of time, valid-time, answer"),
        ('kind = "trial"', 'kind = "trial"\nguess = true', 20, "what is seen is no guess"),
        ('kind = "baseline"', 'kind = "baseline"\nfeedback = "on"', 11, "a baseline is hidden"),
        ("repeat = 2", "repeat = 0", 15, "repeat is 0, it must be a whole number from 1 to"),
        ("repeat = 2", "repeat = 2.5", 15, "repeat is 2.5"),
        (
            "repeat = 2",
            'repeat = 2\nname = "x"',
            16,
            "no key 'name' here; there are: repeat, steps",
        ),
        ('title = "Mine"', "title = 3", 1, "title is 3, it must be a text in quotes"),
        ('title = "Mine"', 'title = " "', 1, "text in quotes"),
        ('mode = "below"', 'mode = "under"', 2, "one of below, above, inside, symmetry, overflow"),
        ('mode = "below"', 'mode = "below"\nfading = [1, 2]', 3, "four numbers of sittings"),
        ('mode = "below"', 'mode = "below"\nfading = [0, 0, 0, 0]', 3, "four numbers of sittings"),
        ('mode = "below"', 'mode = "below"\nhysteresis = 2', 3, "a number from 0 to 0.5"),
        ('mode = "below"', 'mode = "relax"', 2, "needs phases of kind contraction"),
        ('mode = "below"', 'mode = "overflow"', 2, 'kind reference with muscle = "other"'),
        ('kind = "baseline"', 'kind = "rest"', 2, "a trial needs a phase of kind baseline"),
        ('result = "It did not help."\n', "", 4, "result is missing"),
        ('paper = "A paper"', 'paper = "A paper"\nyear = 3', 6, "no key 'year' here"),
        (
            'instruction = "Rest."',
            'instruction = "Rest."\ncues = [\n  { at_s = 5, say = "Now." },\n  { at_s = 99 },\n]',
            13,
            "at_s is 99, it must be a number from 0 to 60",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_file_line_key_and_remedy(right, wrong, line, said):
    assert right in GOOD
    told = refused(GOOD.replace(right, wrong, 1))
    assert told.startswith(f"mine.toml, line {line}: ")
    assert said in told


def test_what_is_no_toml_is_refused_with_its_line():
    assert re.match(r"mine.toml is not TOML: .*line 2", refused('title = "x"\nmode = \n'))
    assert "phases is missing" in refused('title = "x"')
    assert "tables, each headed [[phases]]" in refused('title = "x"\nphases = 3')


def test_the_shipped_protocols_can_be_read_and_name_their_papers():
    assert set(installed()) == SHIPPED
    for name in SHIPPED:
        protocol = load_protocol(name)
        assert protocol.evidence, name
        assert protocol.summary, name
        assert all(phase.instruction for phase in protocol.phases)
    home, clinic = load_protocol("home-relaxation"), load_protocol("clinic-relaxation")
    assert home.seconds == pytest.approx(12 * 60, abs=60)
    assert clinic.seconds == pytest.approx(35 * 60, abs=120)
    assert sum(phase.kind is Kind.TRIAL for phase in clinic.phases) == 4
    # what did not work is told too
    said = " ".join(paper.result for name in SHIPPED for paper in load_protocol(name).evidence)
    for against in ("nothing that was measured changed", "no better than", "not help the dystonic"):
        assert against in said


def test_the_users_own_protocols_stand_beside_those_that_are_shipped(own_protocols: Path):
    (own_protocols / "mine.toml").write_text(GOOD, encoding="utf-8")
    (own_protocols / "symmetry.toml").write_text(GOOD, encoding="utf-8")
    assert set(installed()) == SHIPPED | {"mine"}
    assert load_protocol("mine").title == "Mine"
    assert load_protocol("symmetry").title == "Mine"
    assert load_protocol(str(own_protocols / "mine.toml")).name == "mine"


def test_what_is_not_there_is_said_with_what_there_is(own_protocols: Path):
    with pytest.raises(SettingsError, match=r"no training protocol called 'nope'.*home-relaxation"):
        load_protocol("nope")
    with pytest.raises(SettingsError, match=r"gone.toml cannot be read"):
        load_protocol("gone.toml")
    (own_protocols / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"binary.toml cannot be read"):
        load_protocol("binary")
    assert load_protocol("symmetry").phases  # which it does not hide


def test_what_a_person_reads_is_translated_and_collected(monkeypatch: pytest.MonkeyPatch):
    class German:
        def gettext(self, message: str) -> str:
            return {"Let go.": "Lass los.", "Mine": "Meins"}.get(message, message)

    monkeypatch.setattr(text, "_catalogue", German())
    protocol = read_protocol(GOOD, name="mine", where="mine.toml")
    assert protocol.title == "Meins"
    assert protocol.phases[1].instruction == "Lass los."
    assert protocol.phases[1].name == "trial"  # for programs
    collected = dict(translatable(GOOD))
    assert collected[21] == "Let go."
    said = {"Mine", "A paper", "It did not help.", "Rest.", "Let go.", "Pause."}
    assert set(collected.values()) == said | {"baseline", "trial", "rest"}


TRICKY = '''\
# [[phases]] in a comment
title = """
[[phases]]
name = "not this one"
"""
"quoted key" = 1
dotted.name.here = 2  # a = b
inline = { a = 1, b = { c = 2 } }
list = [
  { x = 1 },
  { x = 2 },
]
[table]
text = "key = 3"
[table.deeper]
key = 4
[[phases]]
name = "first"
[[phases.steps]]
name = "a"
[[phases.steps]]
name = "b"
[[phases]]
name = "second"
  [[ phases . steps ]]
  name = 'c'
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("quoted key",), 6),
        (("dotted", "name", "here"), 7),
        (("inline", "b", "c"), 8),
        (("list", 1, "x"), 9),
        (("table", "text"), 14),
        (("table", "deeper", "key"), 16),
        (("phases", 0), 17),
        (("phases", 0, "name"), 18),
        (("phases", 0, "steps", 1, "name"), 22),
        (("phases", 1, "name"), 24),
        (("phases", 1, "steps", 0, "name"), 26),
        (("phases", 1, "steps", 0, "missing"), 25),
        (("missing",), 1),
    ],
)
def test_the_line_of_a_key_is_found(path, line):
    assert tomllib.loads(TRICKY)
    assert line_of(TRICKY, path) == line


@given(st.text(alphabet="[]{}=\"'\n.# ab1,", max_size=80))
def test_any_text_has_a_line_within_it(toml: str):
    assert 1 <= line_of(toml, ("a", 0, "b")) <= max(1, len(toml.splitlines()))


DOCS = (Path(__file__).parents[2] / "docs" / "protocols.md").read_text(encoding="utf-8")


def test_the_protocol_of_the_docs_can_be_read():
    example = re.search(r"```toml\n(.*?)```", DOCS, re.DOTALL)
    assert example
    protocol = read_protocol(example[1], name="docs", where="docs/protocols.md")
    assert [phase.name for phase in protocol.phases].count("trial") == 2


def test_every_word_of_a_protocol_stands_in_the_docs():
    words = [*Kind, *Mode, *Feedback, *Ends, *SHIPPED]
    words += [field.name for kind in (Protocol, Phase) for field in fields(kind)]
    for word in set(words) - {"round"}:
        assert f"`{word}`" in DOCS, word
