"""`make audit`: the locked dependencies against the public advisories; says so where they cannot be asked."""

import json
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-deploy.lock")  # what a person or a service runs


def main() -> int:
    """Exit code 1 where an advisory is about a locked version; what could not be asked is not called safe."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        *(word for lock in LOCKS for word in ("-r", str(REPOSITORY / lock))),
        "--disable-pip",
        "--require-hashes",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        found = json.loads(done.stdout)["dependencies"]
    except ValueError:
        print(f"audit: not run: {(done.stderr.strip().splitlines() or ['no answer'])[-1]}")
        return 0
    asked = [each for each in found if "vulns" in each]
    print(f"audit: {len(asked)} of {len(found)} locked packages could be asked about")
    for package in asked:
        for each in package["vulns"]:
            fixed = ", ".join(each["fix_versions"]) or "nothing yet"
            print(f"audit: {package['name']} {package['version']}: {each['id']}, fixed in {fixed}")
    return int(any(package["vulns"] for package in asked))


if __name__ == "__main__":
    sys.exit(main())
