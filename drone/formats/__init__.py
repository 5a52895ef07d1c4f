"""plans and routes <-> the files other programs read: QGC .plan, QGC WPL 110, GeoJSON, KML. Pure."""
