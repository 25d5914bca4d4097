"""The one thing that pyproject.toml cannot say for all: a compiled kernel where one can be built.

Without a compiler or Python's headers the install goes on, and Python does the kernel's work.
"""

import sys
import sysconfig

from setuptools import Extension, setup

# Nothing contracted: the same bits as numpy's. Vectors are passed to inlined functions only: no
# convention of calls is at stake (psabi).
FLAGS = ["-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-Wno-psabi"]

KERNEL = Extension(
    "biofeedback.kernel._kernel",
    [f"biofeedback/kernel/{name}.c" for name in ("_kernel", "frames", "steps")],
    depends=[f"biofeedback/kernel/{name}.h" for name in ("frames", "steps", "cpu", "group")],
    define_macros=[("Py_LIMITED_API", "0x030B0000")],
    extra_compile_args=[] if sys.platform == "win32" else FLAGS,
    py_limited_api=True,
    optional=True,
)

if sysconfig.get_config_var("Py_GIL_DISABLED"):  # that Python has no stable ABI
    setup()
else:
    setup(ext_modules=[KERNEL], options={"bdist_wheel": {"py_limited_api": "cp311"}})
