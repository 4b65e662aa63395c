"""What the press and its compositor say to each other: a few numbers, then bytes."""

import struct

ASKED = struct.Struct(">Iq")
"""Before a sheet: the bytes of its JSON, and the moment it is dated (Unix seconds)."""

ANSWERED = struct.Struct(">?QI")
"""Before an answer: whether it is a PDF (else a reason), the memory that this process takes (bytes),
and the answer's bytes."""
