"""Runs in MicroPython: every test of one module, or one of its functions.

Arguments: the firmware's folder, the folder of the module, its name; then, if wanted, the
function whose answer is printed instead. Exit status 1 when a test failed.
"""

import sys

firmware, folder, name = sys.argv[1:4]


class pytest:  # noqa: N801
    """As much of it as modules ask for that run in both Pythons."""

    class mark:  # noqa: N801
        pure = None


# Beside this script is what the tests share: MicroPython looks there by itself.
sys.path[:0] = [folder, firmware]
sys.modules["pytest"] = pytest  # pyright: ignore[reportArgumentType]
module = __import__(name)

if sys.argv[4:]:
    print(getattr(module, sys.argv[4])())
    sys.exit()

failed = 0
for test in sorted(dir(module)):
    if test.startswith("test_"):
        try:
            getattr(module, test)()
        except Exception as wrong:
            failed += 1
            print("FAILED", test)
            sys.print_exception(wrong, sys.stdout)  # pyright: ignore[reportAttributeAccessIssue]
        else:
            print("passed", test)
sys.exit(1 if failed else 0)
