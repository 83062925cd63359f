"""Why a link broke, in a word. Runs in both Pythons."""

import errno

import pytest

from tamer.record.fields import LINK_REASONS
from tamer.tell.failures import LinkError, NotFound, Refused, Silent, of_wifi, told

pytestmark = pytest.mark.pure

# mbedTLS's own sentences, as MicroPython raises them.
EXPIRED = ValueError("\nThe certificate validity has expired\n")
FUTURE = ValueError("\nThe certificate validity starts in the future\n")
NAME = "\nThe certificate Common Name (CN) does not match with the expected CN\n"
SIGNED = "\nThe certificate is not correctly signed by the trusted CA\n"

BEFORE_IT_STOOD = (
    (of_wifi(202, False), "wrong key"),
    (of_wifi(15, False), "wrong key"),
    (of_wifi(201, False), "no access point"),
    (of_wifi(None, True), "no address"),
    (of_wifi(None, False), "not joined"),
    (of_wifi(203, False), "not joined"),
    (OSError("[addrinfo error -2]"), "name not found"),
    (OSError(-202), "name not found"),
    (OSError(errno.EHOSTUNREACH), "no route"),
    (OSError(errno.ECONNABORTED), "no route"),
    (OSError(errno.ECONNREFUSED), "refused"),
    (OSError(errno.ETIMEDOUT), "timed out"),
    (LinkError("timed out", "30 s"), "timed out"),
    (EXPIRED, "certificate expired"),
    (FUTURE, "certificate not yet valid"),
    (ValueError(NAME), "wrong name"),
    (ValueError(SIGNED), "not trusted"),
    # A stranger is one whatever he is called.
    (ValueError(NAME + SIGNED), "not trusted"),
    (OSError(-9984, "MBEDTLS_ERR_X509_CERT_VERIFY_FAILED"), "not trusted"),
    (ValueError("invalid cert"), "no authority"),
    (OSError(errno.ENOENT), "no authority"),
    (OSError(-29184, "MBEDTLS_ERR_SSL_INVALID_RECORD"), "no TLS"),
    (Refused("the broker refused the connection, code 5", 5), "secret refused"),
    (Refused("the broker refused the connection, code 4", 4), "secret refused"),
    (Refused("the broker refused the connection, code 3", 3), "broker refused"),
    (Silent("nothing heard for 45 s"), "broker silent"),
    (LinkError("hub silent", "75 s"), "hub silent"),
    (NotFound("hub.example: no answer of 192.0.2.1"), "name not found"),
    (EOFError(), "connection lost"),
    (OSError(errno.ECONNRESET), "connection lost"),
    (OSError(-29312, "MBEDTLS_ERR_SSL_CONN_EOF"), "connection lost"),
    (MemoryError("memory allocation failed, allocating 4096 bytes"), "no memory"),
    (OSError(errno.ENOMEM), "no memory"),
    (OSError(-17040, "MBEDTLS_ERR_RSA_PUBLIC_FAILED+MBEDTLS_ERR_MPI_ALLOC_FAILED"), "no memory"),
    (NameError("name 'x' isn't defined"), "fault"),
    (ValueError("invalid literal"), "fault"),
    (OSError(), "failed"),
    (OSError("Wifi Internal Error"), "failed"),
    (OSError(errno.EIO), "failed"),
)


def test_each_failure_has_its_own_reason():
    for error, reason in BEFORE_IT_STOOD:
        assert told(error, False, True)[0] == reason, (error, told(error, False, True))


def test_every_reason_is_one_of_the_list_and_every_one_of_the_list_can_come():
    reached = {told(error, False, True)[0] for error, _ in BEFORE_IT_STOOD}
    reached.add(told(FUTURE, False, False)[0])
    # Which are no failures: the link stands.
    reached |= {"hub full", "ack forged"}
    assert reached == set(LINK_REASONS)


def test_a_clock_that_was_never_set_is_to_blame_and_not_the_certificate():
    assert told(FUTURE, False, False)[0] == "no time"
    assert told(EXPIRED, False, False)[0] == "certificate expired"


def test_once_it_stood_a_network_that_fails_has_broken_the_connection():
    for code in (errno.ECONNABORTED, errno.ETIMEDOUT, errno.EHOSTUNREACH):
        assert told(OSError(code), True, True)[0] == "connection lost"


def test_the_detail_is_one_short_line_and_names_a_fault_of_ours():
    assert told(NameError("name 'x' isn't defined"), True, True)[1] == (
        "NameError: name 'x' isn't defined"
    )
    assert told(EXPIRED, False, True)[1] == "The certificate validity has expired"
    assert len(told(ValueError("word " * 100), False, True)[1] or "") == 120
    assert told(EOFError(), True, True)[1] is None
