"""The log: what the hub once said cannot be unsaid unseen."""
