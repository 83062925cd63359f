"""HTTPS for the pages: the certificate, its renewal, and the door that plain HTTP is sent from."""
