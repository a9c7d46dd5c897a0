"""Many exports from one YAML file: configuration, plan, executors, summary."""
