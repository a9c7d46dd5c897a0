"""The command ``run_tf1`` from a checkout."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from exporter.commands.run_tf1 import main

sys.exit(main())
