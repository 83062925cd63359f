"""MQTT as a box of a load speaks it."""

import pytest

from noisetamer.load import packets


@pytest.mark.parametrize("piece", [1, 2, 7, 1000])
def test_packets_are_found_however_they_come(piece: int):
    topic = packets.topic_field("cmd/SIM-L00001/ack")
    sent = [packets.publish(topic, bytes(size), 0) for size in (0, 90, 300, 20_000)]
    stream, buffer = b"".join([*sent, packets.PINGREQ]), bytearray()
    found: list[tuple[int, bytes]] = []
    for at in range(0, len(stream), piece):
        buffer += stream[at : at + piece]
        found += packets.packets(buffer)
    assert not buffer
    assert [kind for kind, _ in found] == [packets.PUBLISH] * 4 + [0xC0]
    told = [packets.message(body) for kind, body in found if kind == packets.PUBLISH]
    assert told == [("cmd/SIM-L00001/ack", bytes(size)) for size in (0, 90, 300, 20_000)]


def test_a_packet_of_any_length_is_not_waited_for():
    with pytest.raises(ValueError, match="bytes"):
        list(packets.packets(bytearray(b"\x30\xff\xff\xff\x7f")))
