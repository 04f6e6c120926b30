"""Acceptance of the cluster: what faults cost, case by case.

Each case starts real nodes, each behind a proxy before a private database, hurts them as often as its number of times
says, and takes the time at a sink that all tasks call. A figure with two values is the median and the largest of all
times; the goal is held against the largest. Duplicates are keys that ran twice; unaccounted are keys that neither
ran, nor are counted as skipped or named in a log; rivals are tasks of fire mode `lease` that two nodes ran at
overlapping times. W is the lease, 3 s with the profile `fast` that most cases use and 15 s by default;
G = max(1 s, W / 10); L = W. Where nothing is said of a wire there is none: leases alone decide.

A case that was interrupted goes on where it was; with `--times` a shorter run is made, and its row says so. The same
cases run once in tests/cluster/test_acceptance_*.py, together with those that have nothing to measure: two processes
under one name, statements that are answered late or arrive late, a resolver or a deployment that hangs.

    python -m benchmarks.cluster [--database postgresql|mariadb|sqlite] [--case NAME ...] [--times N]
"""
