#!/usr/bin/env python3
"""hostile.py KEYHUNT GROUP[.CASE] [--keep DIR]: run one group of hostile repositories, or one case, and keep it to look at."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bench  # noqa: E402
import blobs  # noqa: E402
import copies  # noqa: E402
import entries  # noqa: E402
import objects  # noqa: E402
import packs  # noqa: E402

GROUPS = {"packs": packs.CASES, "entries": entries.CASES, "loose": objects.LOOSE, "objects": objects.OBJECTS, "sizes": blobs.SIZES,
          "deltas": blobs.DELTAS, "archives": blobs.ARCHIVES, "races": blobs.RACES, "copies": copies.COPIES, "budgets": copies.BUDGETS}

if __name__ == "__main__":
    sys.exit(bench.main(GROUPS))
