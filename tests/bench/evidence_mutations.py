"""How many changes of evidence bundles the verifier misses, and how many honest ones it doubts.

    .venv/bin/python tests/bench/evidence_mutations.py --mutations 10000 --honest 200

Exit code 1 where there was one miss or one false alarm.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

SUPPORT = Path(__file__).parents[1] / "support"
sys.path.insert(0, str(SUPPORT))

from bundle_mutations import mutations  # noqa: E402
from evidence_bundle import Authority, Bundle, Keys, evening  # noqa: E402

from noisetamer.proof.verify_evidence import verify  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--honest", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    keys = Keys()
    root = None
    alarms: list[str] = []
    misses: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        for seed in range(asked.honest):
            honest = Bundle(
                evening(300 + 20 * (seed % 30), seed),
                keys,
                authority if seed % 10 == 0 else None,
                filler=seed * 7 % 300,
                cosigned=seed % 3 > 0,
                more=seed % 5,
            )
            root = honest.members["keys/root.pub"]
            report = verify(honest.data, root=root)
            if report.code:
                alarms += [
                    f"{seed}: {line.text}" for line in report.lines if line.state == "FALSE"
                ]
        bundle = Bundle(evening(), keys, authority)
        other = Bundle(evening(seed=2), Keys(), authority)
    began = time.perf_counter()
    for what, data in mutations(bundle, other, asked.seed, asked.mutations):
        if verify(data, root=bundle.members["keys/root.pub"]).code != 1:
            misses.append(what)
    took = time.perf_counter() - began
    for line in (*alarms, *misses):
        print(line)
    print(
        f"{asked.mutations} changes of {len(bundle.data)} bytes: {len(misses)} missed, "
        f"{1000 * took / max(1, asked.mutations):.1f} ms each; {asked.honest} honest bundles: "
        f"{len(alarms)} false alarms"
    )
    return int(bool(misses or alarms))


if __name__ == "__main__":
    sys.exit(main())
