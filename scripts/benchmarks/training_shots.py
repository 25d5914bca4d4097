"""Trainings to be pictured: what is trained, by whom, and a source that stands still in time."""

import threading
from collections.abc import Callable
from pathlib import Path

from biofeedback.sources import SourceOptions, open_source
from biofeedback.stream import Chunk, Source

REST_S = 20
_PROTOCOL = """
title = "{mode}"
summary = "For a picture."
mode = "{mode}"
{references}
[[phases]]
name = "baseline"
kind = "{kind}"
seconds = {rest_s}
instruction = "Sit still and let the muscle rest, with nothing to look at."
[[phases]]
name = "trial"
kind = "trial"
seconds = 150
feedback = "{feedback}"
instruction = "Breathe out slowly, let the shoulders sink, and keep the muscle as loose as it is."
[[phases]]
name = "baseline after"
kind = "baseline"
seconds = {rest_s}
instruction = "Sit still and let the muscle rest, with nothing to look at."
"""
_REFERENCE = """
[[phases]]
name = "reference of the {muscle}"
kind = "reference"
muscle = "{muscle}"
seconds = 10
instruction = "Tense it gently."
"""
_CHANNEL = """
[[channels]]
label = "{label}"
offset_uv = 180
[[channels.segments]]
seconds = {rest_s}
emg_uv = {rest_uv}
[[channels.segments]]
seconds = 12
emg_uv = [{rest_uv}, {then_uv}]
[[channels.segments]]
seconds = 30
emg_uv = {then_uv}
[[channels.segments]]
{last}
"""


def write_protocols(folder: Path) -> None:
    """Write a short protocol of every mode, and one without feedback, where they are looked for."""
    folder.mkdir()
    for mode in ("below", "above", "inside", "symmetry", "overflow", "off"):
        muscles = ("other", "task") if mode == "overflow" else ()
        references = "".join(_REFERENCE.format(muscle=muscle) for muscle in muscles)
        text = _PROTOCOL.format(
            mode="below" if mode == "off" else mode,
            feedback="off" if mode == "off" else "on",
            references=references,
            kind="task-baseline" if references else "baseline",
            rest_s=REST_S,
        )
        (folder / f"shot-{mode}.toml").write_text(text, encoding="utf-8")


def person(
    path: Path, *levels_uv: tuple[float, float], rest_s: float = REST_S, lead_off: bool = False
) -> str:
    """Write a scenario of one muscle for each pair of levels: at rest, for `rest_s`, and then.

    `lead_off`: for the last part there is no electrode. Return the words that open it.
    """
    labels = ("trapezius left", "trapezius right")
    text = "".join(
        _CHANNEL.format(
            label=label,
            rest_s=rest_s,
            rest_uv=rest,
            then_uv=then,
            last='lead = "off"' if lead_off else f"emg_uv = {then}",
        )
        for label, (rest, then) in zip(labels, levels_uv, strict=False)
    )
    path.write_text(f'summary = "For a picture."\n{text}', encoding="utf-8")
    return f"sim:{path}"


def standing_at(stop_s: float) -> Callable[[str, SourceOptions], Source]:
    """Return what opens sources that go on up to `stop_s`, as fast as they can, and no further."""

    def open_standing(words: str, options: SourceOptions) -> Source:
        source = open_source(words, options)
        read, waiting, come = source.read, threading.Event(), [0.0]

        def read_until(timeout: float) -> list[Chunk]:
            if come[0] >= stop_s:
                waiting.wait(0.02)
                return []
            chunks = read(timeout)
            for chunk in chunks:
                come[0] = (chunk.start + len(chunk.samples)) / source.info.sfreq
            return chunks

        vars(source)["read"] = read_until
        return source

    return open_standing
