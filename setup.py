"""The one thing that pyproject.toml cannot say for all: a compiled kernel where one can be built.

Without a compiler or Python's headers the install goes on, and Python does the kernel's work.
"""

import sys
import sysconfig

from setuptools import Extension, setup

KERNEL = Extension(
    "biofeedback.kernel._kernel",
    ["biofeedback/kernel/_kernel.c", "biofeedback/kernel/frames.c"],
    depends=["biofeedback/kernel/frames.h"],
    define_macros=[("Py_LIMITED_API", "0x030B0000")],
    # nothing contracted: the same bits as numpy's
    extra_compile_args=[] if sys.platform == "win32" else ["-O3", "-ffp-contract=off"],
    py_limited_api=True,
    optional=True,
)

if sysconfig.get_config_var("Py_GIL_DISABLED"):  # that Python has no stable ABI
    setup()
else:
    setup(ext_modules=[KERNEL], options={"bdist_wheel": {"py_limited_api": "cp311"}})
