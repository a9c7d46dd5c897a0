"""The YAML of a batch: text with positions, schema, placeholders, matrix; all its mistakes at once."""
