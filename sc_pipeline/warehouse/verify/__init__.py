"""A warehouse against one built anew, another one, or the hashes kept in git."""
