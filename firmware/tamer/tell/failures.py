"""Why the link to the hub does not stand, in words that somebody can act on. Pure."""

import errno


class LinkError(Exception):
    """A failure whose reason is known where it happens. args: reason, detail."""


class Refused(Exception):
    """The broker does not want us; an immediate retry is of no use."""

    def __init__(self, message, code):
        """`code`: of CONNACK or SUBACK."""
        super().__init__(message)
        self.code = code


class NotFound(OSError):
    """A name has no address."""


class Silent(OSError):
    """The broker does not answer."""


# What the station's status says (esp_wifi_types.h, wifi_err_reason_t): a key that is wrong shows
# as a handshake that is not finished.
_WIFI = {
    2: "wrong key",
    15: "wrong key",
    200: "no access point",
    201: "no access point",
    202: "wrong key",
    204: "wrong key",
    205: "wrong key",
    210: "no access point",
    211: "no access point",
    212: "no access point",
}

# What mbedTLS says of a certificate (x509_crt.c); the first that is found is told.
_CERTIFICATE = (
    ("signed by the trusted CA", "not trusted"),
    ("has expired", "certificate expired"),
    ("in the future", "certificate not yet valid"),
    ("(CN)", "wrong name"),
    ("invalid cert", "no authority"),
)

_ERRNO = {
    errno.ENOMEM: "no memory",
    errno.ENOENT: "no authority",
    errno.ECONNREFUSED: "refused",
    errno.ETIMEDOUT: "timed out",
    errno.EHOSTUNREACH: "no route",
    # No route, of the ESP32 while it connects.
    errno.ECONNABORTED: "no route",
    errno.ECONNRESET: "connection lost",
    errno.ENOTCONN: "connection lost",
    32: "connection lost",  # EPIPE
    101: "no route",  # ENETUNREACH, of Linux
    114: "no route",  # of the ESP32
    # Of mbedTLS: MBEDTLS_ERR_SSL_CONN_EOF, MBEDTLS_ERR_X509_CERT_VERIFY_FAILED.
    -29312: "connection lost",
    -9984: "not trusted",
}

# Once a session stands, any of these means that it has broken.
_BROKEN = ("refused", "timed out", "no route")

_LONGEST = 120  # characters of a detail


def of_wifi(status, has_joined):
    """LinkError of a station that did not get into its network.

    status: the last one that was a failure, or None. has_joined: the access point let it in.
    """
    reason = _WIFI.get(status)
    if has_joined:
        reason = "no address"
    return LinkError(reason or "not joined", "status %s" % status if status else None)


def told(error, was_up, has_time):
    """(reason, detail) of what broke the link; the reason is one of `fields.LINK_REASONS`.

    was_up: the session stood. has_time: the clock has been set.
    """
    if isinstance(error, LinkError):
        return error.args
    detail = " ".join(str(error).split())[:_LONGEST] or None
    if isinstance(error, Refused):
        return "secret refused" if error.code in (4, 5) else "broker refused", detail
    if isinstance(error, Silent):
        return "broker silent", detail
    if isinstance(error, NotFound):
        return "name not found", detail
    reason = _reason(error, str(error))
    if was_up and reason in _BROKEN:
        reason = "connection lost"
    if reason == "certificate not yet valid" and not has_time:
        reason = "no time"
    if reason == "fault":
        # Not the network's doing, but ours.
        detail = ("%s: %s" % (type(error).__name__, detail))[:_LONGEST]
    return reason, detail


def _reason(error, text):
    if isinstance(error, MemoryError) or "ALLOC_FAILED" in text:
        return "no memory"
    if isinstance(error, EOFError):
        return "connection lost"
    if isinstance(error, ValueError):
        for words, reason in _CERTIFICATE:
            if words in text:
                return reason
        return "fault"
    if not isinstance(error, OSError):
        return "fault"
    code = error.args[0] if error.args else None
    if isinstance(code, str):
        return "name not found" if "addrinfo" in code else "failed"
    if code is None:
        return "failed"
    if -204 <= code <= -200:
        # EAI_... of lwIP.
        return "name not found"
    return _ERRNO.get(code, "failed" if code > -1000 else "no TLS")
