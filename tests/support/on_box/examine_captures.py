# Runs in MicroPython's unix port, which has no pathlib: examines captures one after the other
# and prints a line of findings for each, then the most bytes that a block took.
import gc
import json
import sys
from array import array

from tamer.hear.diagnosis.diagnose import Diagnosis

captures = open(sys.argv[1], "rb")
block = array("i", bytes(4 * 2400))
most = 0
for channels, slot, elapsed, quiet, blocks in json.loads(captures.readline()):
    diagnosis = Diagnosis(channels=channels, slot=slot)
    for _ in range(blocks):
        captures.readinto(block)
        gc.collect()
        gc.disable()
        before = gc.mem_alloc()
        diagnosis.listen(block, len(block))
        most = max(most, gc.mem_alloc() - before)
        gc.enable()
    print(json.dumps([list(finding) for finding in diagnosis.findings(elapsed, quiet)]))
print(most)
