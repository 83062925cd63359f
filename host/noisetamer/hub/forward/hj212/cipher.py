"""The area of a frame's data in SM4, as HJ 212-2025 6.4.2 and annex A.2 have it. Pure.

SM4-ECB without padding over each whole 16 bytes; what is left at the end stays plain. The bytes
are written as text: {0xE4,0x3E,...}rest. The check is that of the plain text.
"""

import re

BLOCK = KEY_BYTES = 16

_WRITTEN = re.compile(rb"\{((?:0[xX][0-9A-Fa-f]{2}(?:,(?!\})|(?=\})))*)\}(.*)", re.DOTALL)


def is_encrypted(area: bytes) -> bool:
    """Whether the area between CP=&& and && is one of ours, by its look."""
    return area.startswith((b"{0x", b"{0X"))


def encrypt(area: bytes, key: bytes) -> bytes:
    """The area as it is written; one shorter than a block is as it was. key: 16 bytes."""
    whole = len(area) // BLOCK * BLOCK
    if not whole:
        return area
    context = _sm4(key).encryptor()
    turned = context.update(area[:whole]) + context.finalize()
    return b"{%s}%s" % (b",".join(b"0x%02X" % byte for byte in turned), area[whole:])


def decrypt(written: bytes, key: bytes) -> bytes:
    """The reverse. Raises ValueError where it is not written so, or has a part of a block."""
    if not is_encrypted(written):
        return written
    match = _WRITTEN.fullmatch(written)
    if match is None:
        raise ValueError("is not written as {0x..,0x..}rest")
    turned = bytes(int(one, 16) for one in match[1].split(b","))
    if len(turned) % BLOCK:
        raise ValueError(f"has {len(turned)} encrypted bytes, no whole blocks of {BLOCK}")
    context = _sm4(key).decryptor()
    return context.update(turned) + context.finalize() + match[2]


def _sm4(key: bytes):
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    return Cipher(algorithms.SM4(key), modes.ECB())
