"""What runs a model: one contract, an engine for each runtime, and the choice among them."""
