"""The options of an export as plain values: what flags and YAML keys say, in one place for both."""
