"""plan -> gate -> upload -> arm -> patrol -> return -> landed: one flight, as a pure state machine and its driver."""
