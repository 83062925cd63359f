"""Tables of standards, and the signals their tests ask for."""
