"""The modules of Python, NumPy and SciPy as they were in 2016 to 2019, and what loads pickles in them."""
