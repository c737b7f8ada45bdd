"""raw: a folder -> a release, its manifest and digests; what is known of every release; adding one."""
