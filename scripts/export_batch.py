"""The command ``export_batch`` from a checkout."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from exporter.commands.export_batch import main

if __name__ == "__main__":  # workers of the batch import this file
    sys.exit(main())
