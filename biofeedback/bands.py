"""The bands that tension is read in, and what a stream's rate leaves of them."""

from biofeedback.errors import SettingsError
from biofeedback.stream import StreamInfo
from biofeedback.text import _

# Corners in Hz. Wide is what surface EMG holds (SENIAM, ISEK); narrow is the classic relaxation
# band: half the white noise, most of the heartbeat and of motion gone. They never mix.
BANDS = {"wide": (20, 450), "narrow": (100, 200)}
MINIMUM_SFREQ = 200.0
TOP_OF_BAND = 0.45  # of sfreq: a band-pass needs room below half the sampling frequency


def band_for(name: str, *, sfreq: float) -> tuple[float, float]:
    """Return the corners in Hz of the band `name` at `sfreq`; raise `SettingsError` if it has none.

    Below 1000 Hz the upper corner of wide comes down to 0.45 * sfreq.
    """
    if name not in BANDS:
        raise SettingsError(
            _("There is no band called '{name}'; choose one of: {names}.").format(
                name=name, names=", ".join(BANDS)
            )
        )
    if sfreq < MINIMUM_SFREQ:
        raise SettingsError(
            _(
                "The signal comes at {sfreq:g} Hz, too slow for EMG, whose power lies between 20 "
                "and 450 Hz: sample at {minimum:g} Hz or faster (1000 is good), or, if the sensor "
                "sends a smoothed envelope, name it: sensor myoware-2-env."
            ).format(sfreq=sfreq, minimum=MINIMUM_SFREQ)
        )
    low_hz, high_hz = BANDS[name]
    top_hz = TOP_OF_BAND * sfreq
    if high_hz <= top_hz:
        return low_hz, high_hz
    if name == "narrow":
        raise SettingsError(
            _(
                "The narrow band (100-200 Hz) needs {minimum:.0f} Hz or more and the signal comes "
                "at {sfreq:g} Hz; choose the wide band."
            ).format(minimum=high_hz / TOP_OF_BAND, sfreq=sfreq)
        )
    return low_hz, float(f"{top_hz:.6g}")


def stream_band(info: StreamInfo, name: str) -> tuple[float, float] | None:
    """Return the corners in Hz that `info`'s EMG is read in; None where all is sensor envelopes."""
    if all(channel.envelope for channel in info.channels):
        return None
    return band_for(name, sfreq=info.sfreq)
