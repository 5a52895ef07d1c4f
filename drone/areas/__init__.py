"""config and drawn files -> zones and routes in WGS-84, and the local metres they are planned in. Pure."""
