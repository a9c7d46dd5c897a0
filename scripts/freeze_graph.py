"""The command ``freeze_graph`` from a checkout."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from exporter.commands.freeze_graph import main

sys.exit(main())
