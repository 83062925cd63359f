"""The hub: broker, ingest, store and the live page, in one process and one data folder."""
