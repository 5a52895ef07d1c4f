"""How the cameras are doing over time: windows, reports, outages. The figures themselves come from `kernel.ledger`."""
