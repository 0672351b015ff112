"""Which files may come with a case: by their name, by their bytes, and without anything that acts.

A file is what its bytes say, and its name has to say the same. Taken are scans and pictures (PDF,
JPEG, PNG): nothing that unpacks, nothing with macros. Pages that run a script, start a program,
carry a further file or are locked are refused, as are pictures that a viewer would blow up beyond
reason. This keeps out what is common; it is no search for malware.
"""

import re
import struct
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

NAME_LENGTH = 100  # characters of a name that are kept
PIXELS = 100_000_000  # of a picture: an A3 sheet at 600 dpi has 70 million
INFLATED = 16 * 2**20  # bytes that the packed objects of a PDF may come to
_TAIL = 1024  # bytes at the end in which the last mark stands

# Names of a PDF that act, or hide what it holds: they run, start, send, fetch, carry, lock.
_ACTING = re.compile(
    rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|Encrypt)"
    rb"(?![A-Za-z0-9])"
)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb">>\s*stream\r?\n(.*?)endstream", re.DOTALL)


class Acting(ValueError):
    """The file does something, or is larger than it looks."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that is taken: media type, ends of its names, first and last mark."""

    media_type: str
    suffixes: tuple[str, ...]
    begins: bytes
    ends: bytes
    harmless: Callable[[bytes], None]  # raises Acting


def kind_by_name(name: str) -> FileKind | None:
    """What the end of a name says, if that is taken at all."""
    stem, dot, suffix = name.rpartition(".")
    if not (stem and dot):
        return None
    return next((kind for kind in KINDS if suffix.lower() in kind.suffixes), None)


def kind_by_bytes(content: bytes) -> FileKind | None:
    """What the first and the last bytes say: a file that was cut off is none."""
    tail = content[-_TAIL:]
    return next(
        (kind for kind in KINDS if content.startswith(kind.begins) and kind.ends in tail), None
    )


def clean_name(name: str) -> str:
    """The last part of a name without what could steer a path, a header or the eye."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    # control and format characters: among them those that turn the direction of reading
    shown = "".join(each for each in last if unicodedata.category(each)[0] != "C")
    shown = re.sub(r'[<>:"|?*;%]', "_", shown).strip(" .")
    stem, dot, suffix = shown.rpartition(".")
    if not dot or len(suffix) > 8:
        return shown[:NAME_LENGTH]
    return f"{stem[: NAME_LENGTH - 1 - len(suffix)]}.{suffix}"


# What each kind must not hold --------------------------------------------------------------------


def _pdf_is_harmless(content: bytes) -> None:
    """Raises Acting. Looks at the objects, also at those that are packed, not at pictures."""
    for part in (_STREAM.sub(b">> ", content), *_packed_objects(content)):
        if _ACTING.search(_ESCAPED.sub(_character, part)):
            raise Acting("acts")


def _packed_objects(content: bytes) -> Iterator[bytes]:
    """What the object streams of a PDF hold, INFLATED bytes together at most. Raises Acting."""
    left = INFLATED
    for found in _STREAM.finditer(content):
        described = content[max(0, found.start() - 1024) : found.start()].rpartition(b"obj")[2]
        if b"/ObjStm" not in _ESCAPED.sub(_character, described):
            continue
        inflater = zlib.decompressobj()
        try:
            objects = inflater.decompress(found.group(1), left)
        except zlib.error as error:
            raise Acting("cannot be looked into") from error
        left -= len(objects)
        if inflater.unconsumed_tail or left <= 0:
            raise Acting("unpacks beyond reason")
        yield objects


def _character(found: re.Match[bytes]) -> bytes:
    return bytes([int(found.group(1), 16)])


def _png_is_harmless(content: bytes) -> None:
    """Raises Acting. Width and height stand in the first chunk."""
    if content[12:16] != b"IHDR":
        raise Acting("no header")
    width, height = struct.unpack(">II", content[16:24])
    _check_pixels(width, height)


def _jpeg_is_harmless(content: bytes) -> None:
    """Raises Acting. Width and height stand in the frame header, after the other segments."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            _check_pixels(width, height)
            return
        at += 1 if marker == 0xFF else 2 + int.from_bytes(content[at + 2 : at + 4])
    raise Acting("no frame")


# SOF0 to SOF15 but for the tables of Huffman and arithmetic codes, and an extension.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def _check_pixels(width: int, height: int) -> None:
    if not 0 < width * height <= PIXELS:
        raise Acting("a picture of unreasonable size")


KINDS = (
    FileKind("application/pdf", ("pdf",), b"%PDF-", b"%%EOF", _pdf_is_harmless),
    FileKind("image/jpeg", ("jpg", "jpeg"), b"\xff\xd8\xff", b"\xff\xd9", _jpeg_is_harmless),
    FileKind(
        "image/png", ("png",), b"\x89PNG\r\n\x1a\n", b"IEND\xae\x42\x60\x82", _png_is_harmless
    ),
)
