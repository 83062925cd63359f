import asyncio

import pytest

from noisetamer.hub.people.passwords import (
    AT_ONCE,
    WAITING,
    BusyError,
    Passwords,
    WeakError,
    refuse_weak,
)

CHEAP = Passwords(passes=1, lanes=1, memory_kib=8)


def test_what_is_kept_names_argon2id_and_the_parameters_of_rfc_9106():
    kept = Passwords().hash_now("correct horse battery")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_the_right_one_is_right_from_any_keyboard_and_no_other_is():
    async def look() -> None:
        kept = await CHEAP.hash("ｃorrect horse 广场舞")
        assert kept != await CHEAP.hash("ｃorrect horse 广场舞")  # its own salt
        assert await CHEAP.right(kept, "correct horse 广场舞")
        for wrong in ("correct horse 广场舟", "", "x" * 1000):
            assert not await CHEAP.right(kept, wrong)
        # nobody's costs a hash as well, and is never right
        before = CHEAP.looked_at
        assert not await CHEAP.right("", "nobody's password")
        assert CHEAP.looked_at == before + 1
        assert Passwords(2, 1, 8).outdated(kept) and not CHEAP.outdated(kept)

    asyncio.run(look())


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "password_length"),
        ("x" * 201, "password_length"),
        ("1234567890", "password_common"),
        ("PASSWORD123", "password_common"),
        ("aaaaaaaaaaaa", "password_common"),
        ("wang li wang li", "password_common"),
    ],
)
def test_what_is_guessed_first_is_refused(password: str, why: str):
    with pytest.raises(WeakError) as refused:
        refuse_weak(password, "wang li")
    assert refused.value.key == why
    refuse_weak("three dry sunflowers", "wang li")


def test_few_are_hashed_at_once_and_the_queue_has_an_end():
    async def flood() -> None:
        kept = await CHEAP.hash("three dry sunflowers")
        tries = [CHEAP.right(kept, f"wrong {n}") for n in range(WAITING + 10)]
        answers = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(isinstance(answer, BusyError) for answer in answers) == 10
        assert await CHEAP.right(kept, "three dry sunflowers")
        assert CHEAP._threads._max_workers == AT_ONCE

    asyncio.run(flood())
