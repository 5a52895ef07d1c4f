"""What two or more services share: config, events, bus, frame ring, media framing, clock, errors, ledger, geodesy."""
