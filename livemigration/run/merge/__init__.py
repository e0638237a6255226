"""Several runs, of shards or of sites, joined into one."""
