"""frame ring -> batch -> engine -> detections -> tracks -> rules -> incident -> alert on the bus."""
