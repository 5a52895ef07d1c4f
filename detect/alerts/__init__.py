"""What rules found to incidents, with evidence, on the bus."""
