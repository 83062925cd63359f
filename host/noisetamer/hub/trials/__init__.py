"""Which warning works here: incidents dealt by lot, and what came of it."""
