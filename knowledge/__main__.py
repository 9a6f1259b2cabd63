"""`python -m knowledge [FOLDER] [WORD…]`: what is wrong with the guidance (in files whose name has a WORD)."""

from __future__ import annotations

import sys
from pathlib import Path

from knowledge.library import LibraryFaults, load_library


def main(arguments: list[str]) -> int:
    """Check a guidance folder and list its faults; returns the exit code."""
    folder = Path(arguments[0]) if arguments else Path(__file__).parent / "guidance"
    words = arguments[1:]
    try:
        library = load_library(folder)
    except LibraryFaults as found:
        faults = [fault for fault in found.faults if not words or any(word in fault.file for word in words)]
        sys.stdout.writelines(f"{fault}\n" for fault in faults)
        sys.stdout.write(f"{len(faults)} faults\n")
        return 1 if faults else 0
    sys.stdout.write(f"{len(library)} entries, no faults\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
