"""Packaging of exporter."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
VERSION = re.search(r'__version__ = "(.+)"', (ROOT / "exporter" / "version.py").read_text())[1]

setup(
    name="tensorflow-exporter",
    version=VERSION,
    description="Any TensorFlow checkpoint in, any runtime out, proven equal.",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Developers",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Typing :: Typed",
    ],
    python_requires=">=3.10",
    packages=find_packages(include=["exporter", "exporter.*", "models", "models.*"]),
    package_data={"exporter": ["py.typed", "manifest_schema.json"], "exporter.inspection": ["graph.svg"],
                  "exporter.batch.report": ["report_page.html", "report_page.js"],
                  "exporter.reporting": ["page.html", "style.css"]},
    install_requires=[
        "absl-py>=1.4",
        "crc32c>=2.4",
        "filelock>=3.30",
        "fissix>=24.4",
        "jinja2>=3.1",
        "jsonschema>=4.18",
        "numpy>=1.26",
        "protobuf>=3.20.3",
        "psutil>=5.9",
        "pydantic>=2.6",
        "pyyaml>=6.0",
        "rich>=13.0",
        "tensorflow>=2.16,<2.22",
        "tf-keras>=2.16,<2.22",
        "tf-slim>=1.1.0",
        "typing-extensions>=4.5",
    ],
    extras_require={
        "bench": ["matplotlib>=3.7"],
        "demo": ["captcha>=0.7", "tqdm>=4.64"],
        "dev": ["build>=1.0", "hypothesis>=6.100", "moto[server]>=5.0", "mypy>=1.10", "pytest>=8.0", "pytest-xdist>=3.5",
                "ray>=2.30", "ruff>=0.5", "s3fs>=2024.2", "types-PyYAML", "types-jsonschema", "types-psutil", "types-tqdm"],
        "gcs": ["gcsfs>=2024.2"],
        "ray": ["ray>=2.30"],
        "s3": ["s3fs>=2024.2"],
        "tf1": ["pillow>=10.0"],
    },
    entry_points={"console_scripts": [
        "export_batch = exporter.commands.export_batch:main",
        "export_inference_graph = exporter.commands.export_inference_graph:main",
        "evaluate_export = exporter.commands.evaluate_export:main",
        "freeze_graph = exporter.commands.freeze_graph:main",
        "inspect_export = exporter.commands.inspect_export:main",
        "run_tf1 = exporter.commands.run_tf1:main",
        "verify_export = exporter.commands.verify_export:main",
    ]},
)
