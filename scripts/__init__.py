"""What surrounds the services: the simulated district, training, set-up."""
