"""Identity numbers at rest: SM4-GCM sealed, found by a keyed HMAC-SM3 digest.

Keys live outside the database (settings). A sealed value is key id 1 + nonce 12 + text + tag 16
bytes. The digest keeps its first 128 bits as a uuid: half the index of the whole, and collisions
at a hundred million people are out of reach. Digest and encryption have separate keys, so that
the encryption key can be rotated without touching the unique index.
"""

import functools
import os
import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from django.conf import settings

_NONCE = 12
_TAG = 16


@functools.cache
def _keys() -> dict[int, SM4]:
    """Encryption keys by id, newest first."""
    keys: dict[int, SM4] = {}
    for item in settings.IDENTITY_ENCRYPTION_KEYS:
        number, _, key = item.partition(":")
        keys[int(number)] = SM4(bytes.fromhex(key))
    return keys


@functools.cache
def _newest() -> tuple[bytes, SM4]:
    number, key = next(iter(_keys().items()))
    return bytes([number]), key


@functools.cache
def _digest_base() -> hmac.HMAC:
    return hmac.HMAC(bytes.fromhex(settings.IDENTITY_DIGEST_KEY), hashes.SM3())


def seal(text: str) -> bytes:
    """Encrypt a short text (identity number, phone, account) with the newest key."""
    return seal_bytes(text.encode())


def unseal(sealed: bytes) -> str:
    """Decrypt what `seal` made. Raises ValueError when it was tampered with or its key is gone."""
    return unseal_bytes(bytes(sealed)).decode()


def seal_bytes(content: bytes) -> bytes:
    """Encrypt a file with the newest key."""
    number, key = _newest()
    nonce = os.urandom(_NONCE)
    encryptor = Cipher(key, modes.GCM(nonce)).encryptor()
    body = encryptor.update(content) + encryptor.finalize()
    return number + nonce + body + encryptor.tag


def unseal_bytes(sealed: bytes) -> bytes:
    """Decrypt what `seal_bytes` made. Raises ValueError as `unseal`."""
    key = _keys().get(sealed[0])
    if key is None:
        raise ValueError(f"no encryption key with id {sealed[0]}")
    nonce, body, tag = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE : -_TAG], sealed[-_TAG:]
    decryptor = Cipher(key, modes.GCM(nonce, tag)).decryptor()
    try:
        return decryptor.update(body) + decryptor.finalize()
    except InvalidTag as error:
        raise ValueError("sealed value was changed") from error


def digest(normalised: str) -> uuid.UUID:
    """Keyed digest by which a normalised identity number is found; equal numbers, equal digest."""
    return uuid.UUID(digest_hex(normalised))


def digest_hex(normalised: str) -> str:
    """The digest as 32 hexadecimal digits, which the database takes for a uuid."""
    mac = _digest_base().copy()
    mac.update(normalised.encode())
    return mac.finalize()[:16].hex()
