"""One module per subject of the REST API; every route is guarded by the role table."""
