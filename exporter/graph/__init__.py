"""The structure of a graph: inputs, outputs, variables, freezing."""
