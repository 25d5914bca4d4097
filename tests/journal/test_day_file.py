"""A table of entries made elsewhere: each row becomes what it says, or a reason why not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from biofeedback.errors import JournalError
from biofeedback.journal.day_file import BrokenRow, holds_days, read_days
from biofeedback.journal.day_nouns import Entry

NINE = datetime(2024, 5, 2, 9, 0, tzinfo=UTC)


def table(tmp_path: Path, text: str, name: str = "days.csv") -> Path:
    (tmp_path / name).write_bytes(text.encode())
    return tmp_path / name


def said(path: Path) -> list[tuple[str, float | None, str]]:
    """Return kind, value and text of all entries; every row must be sound."""
    rows = list(read_days(path))
    assert not [row for row in rows if isinstance(row, BrokenRow)], rows
    return [(each.kind, each.value, each.text) for row in rows for each in row]


def broken(path: Path) -> list[tuple[int, str]]:
    return [(row.line, row.why) for row in read_days(path) if isinstance(row, BrokenRow)]


def test_a_row_is_an_entry_where_there_is_a_column_for_its_kind(tmp_path):
    path = table(
        tmp_path,
        "at,kind,value,lower,unit,text,source\n"
        "2024-05-02T09:00Z,blood_pressure,128,81,mmHg,,cuff\n"
        '2024-05-02T11:00+02:00,note,,,,"two\nlines, and a comma",\n',
    )
    assert list(read_days(path)) == [
        [Entry(NINE, "blood_pressure", 128.0, "mmHg", "", "cuff", 81.0)],
        [Entry(NINE, "note", None, "", "two\nlines, and a comma", "file")],
    ]


def test_a_row_is_a_moment_where_each_kind_has_a_column(tmp_path):
    path = table(
        tmp_path,
        "\ufeffAt;Pain;Sleep;Symptom: pulling left;Systolic;Diastolic;Note\r\n"
        "2024-05-02T09:00Z;4;7,5;55;128;81;bad night\r\n"
        "\r\n"
        "2024-05-03T09:00Z;;;;;;quiet\r\n",
    )
    assert said(path) == [
        ("pain", 4.0, ""),
        ("sleep", 7.5, ""),
        ("symptom", 55.0, "pulling left"),
        ("note", None, "bad night"),
        ("blood_pressure", 128.0, ""),
        ("note", None, "quiet"),
    ]


def test_side_effects_and_triggers_are_taken_by_their_names_and_in_words(tmp_path):
    path = table(
        tmp_path,
        "at,kind,text,what\n2024-05-02T09:00Z,side_effect,Dry mouth,\n"
        "2024-05-02T09:00Z,side_effect,since noon,neck_pain\n"
        "2024-05-02T09:00Z,trigger,a quarrel,\n",
    )
    assert [each for row in read_days(path) for each in row] == [
        Entry(NINE, "side_effect", None, "", "", "file", what="dry_mouth"),
        Entry(NINE, "side_effect", None, "", "since noon", "file", what="neck_pain"),
        Entry(NINE, "trigger", None, "", "a quarrel", "file"),
    ]
    wide = table(tmp_path, "at,trigger,side_effect\n2024-05-02T09:00Z,cold,itching\n", "wide.csv")
    assert [each for row in read_days(wide) for each in row] == [
        Entry(NINE, "trigger", None, "", "", "file", what="cold"),
        Entry(NINE, "side_effect", None, "", "itching", "file"),
    ]


def test_kilopascals_of_a_cuff_become_millimetres_of_mercury(tmp_path):
    path = table(tmp_path, "at,kind,value,lower,unit\n2024-05-02,blood_pressure,16,10.6,kPa\n")
    ((entry,),) = read_days(path)
    # 101.325 kPa are 760 mmHg by definition
    assert entry.value == pytest.approx(16 * 760 / 101.325, rel=1e-5)
    assert entry.lower == pytest.approx(10.6 * 760 / 101.325, rel=1e-5)
    assert entry.unit == "mmHg"


@pytest.mark.parametrize(
    ("cell", "hour"), [("2024-05-02", 12), ("02.05.2024", 12), ("02.05.2024 09:30", 9.5)]
)
def test_a_time_without_a_zone_is_this_computers_and_a_day_without_an_hour_is_its_noon(
    tmp_path, cell, hour
):
    ((entry,),) = read_days(table(tmp_path, f"date,pain\n{cell},3\n"))
    here = datetime(2024, 5, 2).astimezone() + timedelta(hours=hour)
    assert entry.at == here


def test_date_and_time_may_stand_in_two_columns(tmp_path):
    path = table(tmp_path, "Date,Time,heart_rate\n2024-05-02,09:00+00:00,71\n2024-05-02,,72\n")
    (first,), (second,) = read_days(path)
    assert first == Entry(NINE, "heart_rate", 71.0, "/min", "", "file")
    assert second.at.astimezone().hour == 12


def test_each_broken_row_is_named_with_its_line_and_the_sound_ones_come_all_the_same(tmp_path):
    path = table(
        tmp_path,
        "at,pain,note\n"
        "2024-05-02,4,\n"
        "yesterday,4,\n"
        "2024-05-02,eleven,\n"
        "2024-05-02,11,\n"
        "2999-05-02,4,\n"
        "2024-05-02,nan,\n"
        "2024-05-02,,\n"
        '2024-05-02,2,"a\nb",too much\n'
        "2024-05-02,5,<b>text</b>\n",
    )
    assert [line for line, _why in broken(path)] == [3, 4, 5, 6, 7, 8, 10]
    reasons = [why for _line, why in broken(path)]
    for reason, part in zip(
        reasons,
        (
            "'yesterday' is no time",
            "'eleven' is no number",
            "Pain goes from 0 to 10",
            "is yet to come",
            "enter a number between",
            "nothing beside the time",
            "more cells than columns",
        ),
        strict=True,
    ):
        assert part in reason
        assert reason.endswith(".")
    sound = [row for row in read_days(path) if not isinstance(row, BrokenRow)]
    assert [[(each.kind, each.text) for each in row] for row in sound] == [
        [("pain", "")],
        [("pain", ""), ("note", "<b>text</b>")],
    ]


def test_a_column_that_is_not_known_is_told(tmp_path):
    path = table(tmp_path, "at,pain,tensoin\n2024-05-02,4,3\n")
    ((line, why),) = broken(path)
    assert line == 1
    assert "'tensoin' are not known" in why


def test_what_our_export_calls_removed_is_not_taken_and_a_quoted_formula_is_text_again(tmp_path):
    path = table(
        tmp_path,
        "at,kind,value,unit,text,source,lower,id,removed\n"
        "2024-05-02T09:00:00+00:00,note,,,'=slept badly,window,,x,False\n"
        "2024-05-02T09:00:00+00:00,note,,,wrong,window,,y,True\n",
    )
    assert [row for row in read_days(path) if row] == [
        [Entry(NINE, "note", None, "", "=slept badly", "window")]
    ]


@pytest.mark.parametrize(
    "text",
    ["", "Dear doctor", "time_s,EMG\n0,1\n", "at,at,pain\n", "at,EMG\n", "pain,stress\n1,2\n"],
)
def test_what_is_no_table_of_entries_is_said_to_be_none(tmp_path, text):
    path = table(tmp_path, text)
    assert not holds_days(path)
    with pytest.raises(JournalError, match=r"days\.csv is no table of entries: name its columns"):
        list(read_days(path))


def test_a_recording_is_not_taken_for_a_table_of_entries(tmp_path):
    assert holds_days(table(tmp_path, "date\tstress\n", "x.tsv"))
    assert not holds_days(table(tmp_path, "at,pain\n", "x.edf"))
    assert not holds_days(tmp_path / "nothing.csv")
    assert not holds_days(tmp_path)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"at,pain\n2024-05-02,\xff\xfe\n", "is no text in UTF-8"),
        (b'at,note\n2024-05-02,"' + b"x" * 200_000 + b'"\n', "this is no table"),
        (b"at,note\n" + b"2024-05-02,x\n" * 1_500_000, "longer than any table"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_a_sentence(tmp_path, data, reason):
    path = tmp_path / "days.csv"
    path.write_bytes(data)
    with pytest.raises(JournalError, match=reason):
        list(read_days(path))
    with pytest.raises(JournalError, match="cannot be read"):
        list(read_days(tmp_path / "nothing.csv"))
