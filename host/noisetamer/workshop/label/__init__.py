"""Labels of units: a QR code with serial and claim code, and the same for people."""
