"""Who of several processes does what: leases in the database, one holder each."""
