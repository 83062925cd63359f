"""A board on a cable: port, bootloader, REPL."""
