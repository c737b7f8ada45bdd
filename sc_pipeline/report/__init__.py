"""The marts -> pictures and one page anyone can open."""
