"""What is said of a batch: the plan, progress, the table at the end, and the reports that stay."""
