"""What happened before a camera -> boxes as a good detector finds them -> tracker, one rule -> told of, or wrong."""
