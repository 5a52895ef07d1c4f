"""plan -> mission items -> sanity check -> (upload) -> comparison with what the vehicle stored. Pure."""
