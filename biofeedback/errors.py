"""Every exception that the program raises on purpose.

    BiofeedbackError            a sentence for the user: the thing, and the remedy
    |- SettingsError            a key or an option: what it was, what it may be
    |- SourceError              a signal could not be had
    |  |- SourceNotFound        no such port, device, scenario or file
    |  |- SourceMismatch        it answers, but not with what was asked for
    |  '- SourceLost            it was streaming and stopped
    |- RecordingError           a file that cannot be read or written
    |- SoundError               nothing can be played
    |- HeartError               a heart strap or a cuff cannot be had, or could not measure
    '- JournalError             the journal cannot be opened, or does not hold what was asked for

The command line prints the sentence to stderr and exits with 1; the window shows it on the page
that the user is on. Bad *data* is never an exception: it is counted, flagged or NaN.
"""


class BiofeedbackError(Exception):
    """A bad situation, told in one sentence that names the thing and the remedy."""


class SettingsError(BiofeedbackError, ValueError):
    """A setting, option or scenario key is not among what it may be."""


class SourceError(BiofeedbackError):
    """A signal could not be had from where it was asked for."""


class SourceNotFound(SourceError):
    """There is no such port, device, scenario or file."""


class SourceMismatch(SourceError):
    """Something answered, but not with the format or the range that was asked for."""


class SourceLost(SourceError):
    """A source was streaming and stopped: unplugged, or silent for two seconds."""


class RecordingError(BiofeedbackError):
    """A recording is unreadable, truncated or cannot be written."""


class SoundError(BiofeedbackError):
    """Nothing can be played: no device, or no music."""


class HeartError(BiofeedbackError):
    """A heart strap or a cuff cannot be had, or could not measure."""


class JournalError(BiofeedbackError):
    """The journal cannot be opened, or does not hold what was asked for."""
