"""Who may do what: passwords, sessions, lock-out, units and the check that every route passes through."""
