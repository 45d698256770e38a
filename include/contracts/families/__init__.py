"""The registry of CMS file families: one YAML each, named as its bronze table."""

from pathlib import Path

#: Cheap to import: DAG parsing needs the names, not the contracts.
FAMILY_NAMES = tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.yml")))
