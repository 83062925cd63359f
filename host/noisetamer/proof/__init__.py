"""What can be proved to somebody who trusts nobody here: hashes, trees, signatures, stamps."""
