"""Runs in MicroPython: every test of one module, or one of its functions.

Arguments: the firmware's folder, the folder of the module, its name; then, if wanted, the
function whose answer is printed instead. Exit status 1 when a test failed.
"""

import sys

firmware, folder, name = sys.argv[1:4]
sys.path[:0] = [folder, firmware]
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
