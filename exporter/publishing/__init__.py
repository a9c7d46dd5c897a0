"""What publishing is made of: the lock, the renames, free space, and getting bytes to the disk."""
