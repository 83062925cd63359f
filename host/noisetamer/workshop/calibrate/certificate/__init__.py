"""Where results go: certificate, unit and ledger."""
