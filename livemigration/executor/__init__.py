"""Hosts asked by the workers of a Dask cluster, which a site already has (`--executor`)."""
