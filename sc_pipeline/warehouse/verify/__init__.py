"""A warehouse against a new build, another one, or the hashes kept in git."""
