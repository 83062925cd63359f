"""Paper: one style for every plot and page, laid out by Typst, with a font that has Chinese."""
