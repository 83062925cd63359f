"""Machine code in print: address, bytes and instruction, one a line."""

from noisetamer.sound.kernels.assembly import Assembly


def listing(assembler: Assembly) -> str:
    """The assembled code as text; bytes in the order of memory, addresses in bytes."""
    code = assembler.code()
    rows = []
    for line in assembler.lines:
        if line.size:
            data = code[line.address : line.address + line.size].hex(" ")
            rows.append(f"{line.address:04x}  {data:<11}  {line.text}")
        else:
            rows.append(line.text)
    return "\n".join(rows) + "\n"
