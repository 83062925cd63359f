"""Policy and settings for many squares at once, and which have drifted from them."""
