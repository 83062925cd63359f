"""What it takes to verify a signature in MicroPython with its own long integers: prints JSON, by
algorithm [us, bytes of heap taken, all of them together]. The signatures are made up: what is
counted does not depend on whether they are right. Of Ed25519 without its SHA-512, which no image
has."""

import gc
import json
import time


def rsa(bits):
    n = (1 << bits) - 189
    s = (1 << bits - 1) // 3 | 1
    return lambda: pow(s, 65537, n)


P = 2**256 - 2**224 + 2**192 + 2**96 - 1
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
GX = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
GY = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5


def double(x, y, z):
    """Jacobian, a = -3."""
    d, g = z * z % P, y * y % P
    b = x * g % P
    a = 3 * (x - d) * (x + d) % P
    u = (a * a - 8 * b) % P
    return u, (a * (4 * b - u) - 8 * g * g) % P, 2 * y * z % P


def add(x, y, z, qx, qy):
    """To an affine point."""
    zz = z * z % P
    h, r = (qx * zz - x) % P, (qy * zz * z - y) % P
    hh = h * h % P
    c, v = hh * h % P, x * hh % P
    u = (r * r - c - 2 * v) % P
    return u, (r * (v - u) - y * c) % P, z * h % P


def ecdsa():
    """u1 G + u2 Q, both scalars at once, and two inverses."""
    u1, u2 = ORDER // 3, ORDER // 5
    pow(u1, ORDER - 2, ORDER)
    x, y, z = GX, GY, 1
    qx, qy = GX, P - GY
    for i in range(255, -1, -1):
        x, y, z = double(x, y, z)
        if u1 >> i & 1 or u2 >> i & 1:
            x, y, z = add(x, y, z, qx, qy)
    return x * pow(z, P - 3, P) % P


Q = 2**255 - 19
D2 = 2 * (-121665 * pow(121666, Q - 2, Q)) % Q


def ed_add(p, q):
    """Extended coordinates."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % Q, (p[1] + p[0]) * (q[1] + q[0]) % Q
    c, d = p[3] * q[3] * D2 % Q, 2 * p[2] * q[2] % Q
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % Q, g * h % Q, f * g % Q, e * h % Q


def ed25519():
    """s B = R + k A: two scalars at once; two points out of their bytes."""
    s, k = 2**252 // 3, 2**252 // 5
    y = 4 * pow(5, Q - 2, Q) % Q
    for _ in range(2):
        x = pow(y * y - 1, (Q + 3) // 8, Q)
    point = b = (x, y, 1, x * y % Q)
    for i in range(252, -1, -1):
        point = ed_add(point, point)
        if s >> i & 1 or k >> i & 1:
            point = ed_add(point, b)
    return point


found = {}
for name, verify in (
    ("RSA-2048", rsa(2048)),
    ("RSA-3072", rsa(3072)),
    ("ECDSA P-256", ecdsa),
    ("Ed25519", ed25519),
):
    took = []
    for _ in range(5):
        gc.collect()
        gc.disable()
        before, began = gc.mem_alloc(), time.ticks_us()
        verify()
        took.append((time.ticks_diff(time.ticks_us(), began), gc.mem_alloc() - before))
        gc.enable()
    found[name] = min(took)
print(json.dumps(found))
