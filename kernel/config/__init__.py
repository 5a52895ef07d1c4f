"""One YAML file -> checked, frozen config: `load_config(path)` reports every error at once with file and line."""
