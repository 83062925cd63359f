"""python -m noisetamer; on Windows: py -m noisetamer."""

from noisetamer.cli import main

main()
