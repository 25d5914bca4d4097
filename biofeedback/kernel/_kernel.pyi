from numpy import bool_, float64, int8, int32, int64, uint8
from numpy.typing import NDArray
from typing_extensions import CapsuleType

INTERFACE: int

def scale(
    counts: NDArray[float64],
    gain: NDArray[float64],
    offset: NDArray[float64],
    scaled: NDArray[float64],
    /,
) -> None: ...
def sosfilt(
    sos: NDArray[float64],
    zi: NDArray[float64],
    samples: NDArray[float64],
    filtered: NDArray[float64],
    /,
) -> None: ...
def moving_rms(
    samples: NDArray[float64],
    mean_only: NDArray[bool_] | None,
    parts: NDArray[float64],
    position: NDArray[int64],
    rms: NDArray[float64],
    needed: int,
    /,
) -> None: ...
def contact(
    counts: NDArray[float64],
    low: NDArray[float64],
    high: NDArray[float64],
    flat_means_off: NDArray[bool_],
    last: NDArray[float64],
    held: NDArray[int64],
    flags: NDArray[uint8],
    off_after: int,
    off: int,
    /,
) -> bool: ...
def chain(
    gain: NDArray[float64],
    offset: NDArray[float64],
    low: NDArray[float64],
    high: NDArray[float64],
    flat_means_off: NDArray[bool_],
    last: NDArray[float64],
    held: NDArray[int64],
    sos: NDArray[float64],
    zi: NDArray[float64],
    fast_mean_only: NDArray[bool_] | None,
    fast_parts: NDArray[float64],
    fast_position: NDArray[int64],
    slow_mean_only: NDArray[bool_] | None,
    slow_parts: NDArray[float64],
    slow_position: NDArray[int64],
    kept_counts: NDArray[float64],
    kept: NDArray[int64],
    off_after: int,
    fast_needed: int,
    slow_needed: int,
    /,
) -> CapsuleType: ...
def run_chain(
    chain: CapsuleType,
    counts: NDArray[float64],
    filtered: NDArray[float64],
    fast: NDArray[float64],
    slow: NDArray[float64],
    /,
) -> bool: ...
def zones(
    tension: NDArray[float64],
    thresholds: NDArray[float64],
    last: NDArray[int8],
    zones: NDArray[int8],
    slack: float,
    relaxed: int,
    tense: int,
    /,
) -> None: ...
def survey(
    counts: NDArray[float64],
    gain: NDArray[float64],
    taper: NDArray[float64],
    trend: NDArray[float64],
    work: NDArray[float64],
    tapered: NDArray[float64],
    emg: NDArray[float64],
    swing: NDArray[float64],
    length: int,
    /,
) -> None: ...
def comb(
    spectra: NDArray[float64],
    under: NDArray[int64],
    around: NDArray[int64],
    sums: NDArray[float64],
    first: int,
    last: int,
    /,
) -> None: ...
def hum(
    sums: NDArray[float64],
    share: NDArray[float64],
    chance: NDArray[float64],
    hums: NDArray[bool_],
    may_be_off: NDArray[bool_],
    least: NDArray[float64],
    off_power: NDArray[float64],
    rules: NDArray[float64],
    of_50: int,
    /,
) -> None: ...
def frames(
    data: bytes, counts: NDArray[float64], seq: int, start: int, n: int, /
) -> tuple[int, int, int, int, tuple[int, int, int]]: ...
def quantise(
    samples: NDArray[float64],
    step: NDArray[float64],
    shift: NDArray[float64],
    low: NDArray[float64],
    high: NDArray[float64],
    exact: NDArray[bool_],
    counts: NDArray[int32],
    /,
) -> bool: ...
def read_port(fd: int, timeout_ms: int, /) -> bytes | None: ...
