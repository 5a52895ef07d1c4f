"""`lookout exam`: simulated district + running system -> truth and alerts -> score."""
