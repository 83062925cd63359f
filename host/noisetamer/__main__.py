"""The program `noisetamer`; python -m noisetamer; on Windows: py -m noisetamer."""

# The one of C: `signal` is loaded so long that a Ctrl-C meanwhile is likely.
import _signal  # pyright: ignore[reportMissingImports]


def main() -> None:
    heard: list[object] = []
    before = _signal.getsignal(_signal.SIGINT)
    # One that is ignored stays ignored.
    if before is _signal.default_int_handler:
        # Raised while something is loaded, it would end in a traceback.
        _signal.signal(_signal.SIGINT, lambda number, _: heard.append(number))
    from noisetamer import cli

    def hear() -> None:
        _signal.signal(_signal.SIGINT, before)
        if heard:
            raise KeyboardInterrupt

    cli.main(hear)


if __name__ == "__main__":
    main()
