"""frame ring -> pictures -> batching -> engines (by models) -> boxes -> tracking -> rules -> alerts -> bus.

`aerial` gives tracks of a drone's camera their place on the ground. `build` puts all of it together, `loop` drives it.
"""
