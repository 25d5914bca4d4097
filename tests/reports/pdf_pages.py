"""How many pages a PDF has, told from its bytes."""

import re
import zlib


def pages_of(pdf: bytes) -> int:
    """Return the number of pages: objects whose type is Page, in the open or in a stream."""
    found = len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))
    for packed in re.findall(rb"stream\r?\n(.*?)endstream", pdf, flags=re.DOTALL):
        try:
            found += len(re.findall(rb"/Type\s*/Page\b(?!s)", zlib.decompress(packed)))
        except zlib.error:
            continue
    return found
