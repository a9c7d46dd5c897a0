"""From a configuration to what there is to do: jobs, their checkpoints and outputs, and which of them are up to date."""
