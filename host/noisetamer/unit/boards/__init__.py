"""Board files on the bench: what is wired where, what cannot work, how to build one."""
