"""Opening a recording to look at, on a thread of its own that the page polls."""

import threading
from pathlib import Path

from biofeedback.display.playback.model import PlaybackModel
from biofeedback.display.playback.pyramid import Cancelled, make_pyramid
from biofeedback.errors import BiofeedbackError
from biofeedback.settings import SignalSettings
from biofeedback.sources import SourceOptions, read_file
from biofeedback.text import _


class Opening:
    """Reads the recording at `path` and takes all of it through the pipeline.

    `share` of the work is done. At its end there is a `model` or an `error`; neither where it was
    called off.
    """

    def __init__(self, path: str, options: SourceOptions, signal: SignalSettings) -> None:
        self.share = 0.0
        self.cancelled = threading.Event()
        self.model: PlaybackModel | None = None
        self.error: BiofeedbackError | None = None
        self._path, self._options, self._signal = path, options, signal
        # nothing is written: the program may end while it runs
        self._thread = threading.Thread(target=self._run, name="looking", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether it goes on."""
        return self._thread.is_alive()

    def _tell(self, share: float) -> None:
        self.share = share

    def _run(self) -> None:
        try:
            self.model = self._open()
        except Cancelled:
            pass
        except BiofeedbackError as error:
            self.error = error
        except Exception as fault:  # a bug of ours: the page must not wait for ever
            self.error = BiofeedbackError(
                _("The recording could not be shown by a fault of the program ({fault}).").format(
                    fault=fault
                )
            )
            raise

    def _open(self) -> PlaybackModel:
        from biofeedback.recording.edit_log import EditLog  # what no other page needs

        recording = read_file(self._path, self._options)
        log = EditLog(Path(self._path))
        pyramid = make_pyramid(
            recording, self._signal, progress=self._tell, cancelled=self.cancelled
        )
        return PlaybackModel(recording, pyramid, log, self._signal)
