"""`python -m tests.fingerprints` compares the models with their fingerprints; `--write` takes them as they are now."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # where the packages of the tests are found

from fingerprints.compare import difference, write
from fingerprints.model import CASES

if "--write" in sys.argv[1:]:
    write()
told = "".join(map(difference, CASES))
print(told or "The models are those of the fingerprints.")
sys.exit(bool(told))
