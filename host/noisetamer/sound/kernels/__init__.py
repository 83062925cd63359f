"""The box's kernels: assembler, container, emulator."""
