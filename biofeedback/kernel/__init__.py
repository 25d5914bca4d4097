"""The compiled steps, where the install could build them: `compiled` is None where it could not.

numpy and scipy spend most of a live chunk on the calls themselves (20 us a filter, whatever its
size). The Python code beside each use is the reference, and gives the same bits.
"""

from typing import TYPE_CHECKING

__all__ = ["compiled"]

INTERFACE = 10  # as in _kernel.c; another: built from older code, and its compiler gone since

if TYPE_CHECKING:
    from biofeedback.kernel import _kernel as compiled
else:
    try:
        from biofeedback.kernel import _kernel
    except ImportError:
        compiled = None
    else:
        compiled = _kernel if _kernel.INTERFACE == INTERFACE else None
