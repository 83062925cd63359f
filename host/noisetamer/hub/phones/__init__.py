"""How people's phones ring: texts, links, channels, and the worker that empties the outbox."""
