"""Runs ``assay`` as ``python -m assay_hub.cli``."""

import sys

from assay_hub.cli import main

sys.exit(main())
