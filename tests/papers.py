"""Small scans and pictures for tests: each a whole file of its kind."""

import struct
import zlib


def pdf(text: str = "证明", *, objects: bytes = b"", packed: bool = False) -> bytes:
    """A PDF with one comment, and `objects` in it, plain or in an object stream."""
    if packed:
        body = zlib.compress(objects)
        objects = b"<< /Type /ObjStm /N 1 /Filter /FlateDecode >>\nstream\n" + body + b"\nendstream"
    return (
        b"%PDF-1.7\n% " + text.encode() + b"\n1 0 obj\n" + objects + b"\nendobj\n"
        b"trailer << /Root 1 0 R >>\n%%EOF\n"
    )


def png(*, width: int = 1, height: int = 1) -> bytes:
    """A black picture; a large one says so and holds nothing."""
    rows = (b"\x00" + bytes(width)) * height if width * height < 10_000 else b""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def jpeg(*, width: int = 1, height: int = 1) -> bytes:
    """The segments of a photograph: header, frame, end."""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    return (
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
        b"\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xd9"
    )
