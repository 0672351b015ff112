"""From the staging table into the register: numbers and phones sealed, all else passed through.

A batch is streamed out by COPY, its numbers are sealed and digested, and it is streamed into person
by binary COPY. What is already binary is not taken apart, which halves the time in Python. One
connection does one COPY at a time, so a batch is kept in memory between the two.
"""

import struct
from collections.abc import Iterable
from typing import Any

from psycopg import sql

from enrollment.models.identity import digest, seal
from enrollment.rules.identity import mask_identity

SEALED_COLUMNS = ("id_digest", "id_sealed", "id_mask", "phone_sealed")
PLAIN_COLUMNS = (
    "id",
    "id_type",
    "name",
    "initials",
    "sex",
    "birth_date",
    "household_region",
    "residence_region",
    "died_on",
    "scheme",
    "insured_region",
    "left_on",
    "left_for",
)

# A binary COPY begins with its signature, flags and the length of no extension. A row is a count of
# fields and for each of them its length and bytes, length -1 for NULL; a count of -1 is the end.
_BEGIN = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_END = struct.pack(">h", -1)
_COUNT = struct.pack(">h", len(SEALED_COLUMNS) + len(PLAIN_COLUMNS))
_NULL = struct.pack(">i", -1)
_DIGEST_LENGTH = struct.pack(">i", 16)
_length = struct.Struct(">i")
_BLOCK = 256 * 1024  # bytes


def read_staged(cursor: Any) -> list[bytes]:
    """The staged batch, each row in binary: number and phone in clear, then the plain columns."""
    query = sql.SQL("COPY (SELECT id_number, phone, {} FROM seed_person) TO STDOUT (FORMAT binary)")
    with cursor.cursor.copy(query.format(_names(PLAIN_COLUMNS))) as copy:
        return [bytes(row) for row in copy]


def write_people(cursor: Any, blocks: Iterable[bytes]) -> None:
    """Stream what `seal_rows` made into person."""
    query = sql.SQL("COPY person ({}) FROM STDIN (FORMAT binary)")
    with cursor.cursor.copy(query.format(_names(SEALED_COLUMNS + PLAIN_COLUMNS))) as copy:
        for block in blocks:
            copy.write(block)


def seal_rows(staged: list[bytes]) -> list[bytes]:
    """The staged rows with sealed numbers and phones, as blocks of one binary COPY."""
    blocks: list[bytes] = []
    parts, size = [_BEGIN], 0
    for number, row in enumerate(staged):
        # the first row comes with the signature, the last one is the end alone
        body = row.removeprefix(_BEGIN) if number == 0 else row
        if body == _END:
            break
        parts += _sealed_row(body)
        size += len(body)
        if size > _BLOCK:
            blocks.append(b"".join(parts))
            parts, size = [], 0
    blocks.append(b"".join([*parts, _END]))
    return blocks


def _sealed_row(row: bytes) -> tuple[bytes, ...]:
    number_end = 6 + _length.unpack_from(row, 2)[0]
    number = row[6:number_end].decode()
    phone_length = _length.unpack_from(row, number_end)[0]
    phone_start = number_end + 4
    rest_start = phone_start + max(phone_length, 0)
    sealed, mask = seal(number), mask_identity(number).encode()
    if phone_length < 0:
        phone, phone_head = b"", _NULL
    else:
        phone = seal(row[phone_start:rest_start].decode())
        phone_head = _length.pack(len(phone))
    return (
        _COUNT,
        _DIGEST_LENGTH,
        digest(number).bytes,
        _length.pack(len(sealed)),
        sealed,
        _length.pack(len(mask)),
        mask,
        phone_head,
        phone,
        row[rest_start:],
    )


def _names(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
