"""Who was evicted while it lived: what evidence may excuse, and what it may not (coordination 8.8).

Evidence is true, or the network has refused in the name of the living. On false evidence a node may lose a lease that
stands. It may then act beside its heir until its next renewal tells it, or until its deadline. Told before its
deadline, it withdraws its address, and its process is never evicted alive again.
"""

from collections.abc import Callable, Sequence

from model.process import Process
from model.simulated_database import Answer

from micro_integrator.cluster.lease import Verdict

Complain = Callable[[str], None]
"""Takes what is wrong, as a breach of P2."""


class Evictions:
    """Hears of evidence, of rows that were ended, and of nodes that find out; complains of what nothing excuses."""

    def __init__(self, processes: Sequence[Process], complain: Complain) -> None:
        self.by_evidence = self.of_the_living = 0
        self._processes, self._complain = processes, complain
        self._evident: set[str] = set()
        self._void: set[str] = set()
        self._open: dict[str, Process] = {}
        """Boot ids that were evicted alive, until their process learns of it."""
        self._told: set[str] = set()
        self._wiser: set[str] = set()
        """Processes that know of their false eviction."""

    def evident(self, boot_id: str) -> None:
        """Somebody has evidence of the death of `boot_id`."""
        self._evident.add(boot_id)
        for process in self._processes:
            if process.is_alive and process.wire.boot_id == boot_id and not process.was_refused_alive:
                self._complain(f"evidence against {process.name}, which lives and has not been lied about")

    def evicted(self, boot_id: str) -> None:
        """The lease row of `boot_id` was ended by somebody else."""
        self.by_evidence += boot_id in self._evident
        for process in self._processes:
            if process.is_alive and process.lease_stands(boot_id):
                self._evicted_alive(process, boot_id)

    def _evicted_alive(self, process: Process, boot_id: str) -> None:
        self.of_the_living += 1
        self._void.add(boot_id)
        self._open[boot_id] = process
        if boot_id not in self._evident:
            self._complain(f"{process.name} is evicted while its lease stands, and nobody had evidence")
        if process.name in self._wiser:
            self._complain(f"{process.name} is evicted alive, and knows it from before")

    def answered(self, process: str, answer: Answer) -> None:
        """A process has read something: perhaps, after a renewal that met nothing, its own row."""
        if answer.labels[:2] != ("NODE_ID", "BOOT_ID"):
            return
        for found in answer.found:
            row = dict(zip(answer.labels, found, strict=True))
            victim = self._open.get(row["BOOT_ID"])
            if victim is not None and victim.name == process:
                self._told.add(row["BOOT_ID"])

    def check(self) -> None:
        """All work of an instant is done: who was told has stopped."""
        for boot_id, process in self._open.items():
            if boot_id in self._told and process.is_alive and not process.keeper.stands_still:
                self._complain(f"{process.name} was told of its eviction and goes on")

    def learned(self, process: Process, verdict: Verdict) -> None:
        """A renewal has told `process` that its lease is lost."""
        self._open.pop(process.wire.boot_id, None)
        if verdict is Verdict.EVICTED_ALIVE:
            self._wiser.add(process.name)

    def excuses(self, process: Process, boot_id: str) -> bool:
        """Whether `process` may still take its lease for its own, under `boot_id`."""
        return boot_id in self._open and process.lease_stands(boot_id)

    def voids(self, boot_id: str) -> bool:
        """Whether what began under `boot_id` before its false eviction may be in flight still."""
        return boot_id in self._void
