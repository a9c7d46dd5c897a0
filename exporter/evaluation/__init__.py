"""Running artifacts on labelled images: accuracy, mistakes, and where artifacts disagree."""
