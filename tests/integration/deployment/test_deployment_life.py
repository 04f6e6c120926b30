import asyncio
from pathlib import Path

from integration.deployment.node import Tasks
from unit.deployment.applications import task

from micro_integrator.config import Home, ServerSettings, Settings
from micro_integrator.deployment import Deployment
from micro_integrator.observability import recorded_lines
from micro_integrator.registry import Registry
from micro_integrator.synapse import Engine, Surroundings
from micro_integrator.tasks import Fire

SHIPPED = Path(__file__).parents[3] / "carbonapps" / "sample-task.xml"


class HotHome:
    """A home whose deployment looks every 10 ms and tells when a pass has ended."""

    def __init__(self, root: Path, *, hot: bool = True) -> None:
        self.folder = root / "carbonapps"
        self.folder.mkdir()
        self.tasks, self.passed = Tasks(), asyncio.Event()
        registry = Registry(root / "registry")
        self.engine = Engine(Surroundings(registry=registry), tasks=self.tasks)
        server = ServerSettings(deployment_update_interval=0.01, deployment_settle_time=0, hot_deployment=hot)
        settings = Settings(home=Home(root), server=server)
        self.deployment = Deployment(settings, self.engine, registry, after_pass=self._passed)

    async def _passed(self) -> None:
        self.passed.set()

    async def next_pass(self) -> None:
        self.passed.clear()
        async with asyncio.timeout(10):
            await self.passed.wait()

    def drop(self, name: str, content: str) -> None:
        (self.folder / f".{name}").write_text(content)
        (self.folder / f".{name}").rename(self.folder / name)


async def test_files_dropped_while_the_node_runs_are_deployed(tmp_path: Path) -> None:
    home = HotHome(tmp_path)
    async with home.deployment:
        await home.deployment.activate()
        home.drop("poll.xml", task("poll"))
        await home.next_pass()
        assert list(home.tasks.running) == ["poll"]


async def test_a_pass_that_fails_does_not_end_hot_deployment(tmp_path: Path) -> None:
    home = HotHome(tmp_path)
    async with home.deployment:
        await home.deployment.activate()
        deploy, home.deployment.run_pass = home.deployment.run_pass, _full_disk  # type: ignore[method-assign]
        with recorded_lines() as lines:
            async with asyncio.timeout(10):
                while not lines.texts():
                    await asyncio.sleep(0.01)
        assert "No space left" in lines.texts()[0]
        home.deployment.run_pass = deploy  # type: ignore[method-assign]
        home.drop("poll.xml", task("poll"))
        await home.next_pass()
        assert list(home.tasks.running) == ["poll"]


async def _full_disk() -> None:
    raise OSError("No space left on device")


async def test_a_drained_deployment_looks_no_more(tmp_path: Path) -> None:
    home = HotHome(tmp_path)
    async with home.deployment:
        await home.deployment.activate()
        home.deployment.drain()
        home.drop("poll.xml", task("poll"))
        await asyncio.sleep(0.1)
        assert not home.tasks.running


async def test_a_deployment_drained_between_two_looks_looks_no_more(tmp_path: Path) -> None:
    home = HotHome(tmp_path)
    async with home.deployment:
        await home.deployment.activate()
        home.drop("first.xml", task("first"))
        await home.next_pass()
        home.deployment.drain()
        home.drop("second.xml", task("second"))
        await asyncio.sleep(0.1)
        assert list(home.tasks.running) == ["first"]


async def test_without_hot_deployment_nothing_is_looked_at_again(tmp_path: Path) -> None:
    home = HotHome(tmp_path, hot=False)
    home.drop("first.xml", task("first"))
    async with home.deployment:
        await home.deployment.activate()
        home.drop("second.xml", task("second"))
        await asyncio.sleep(0.1)
        assert list(home.tasks.running) == ["first"]


async def test_stopping_undeploys_nothing(tmp_path: Path) -> None:
    home = HotHome(tmp_path)
    home.drop("poll.xml", task("poll"))
    async with home.deployment:
        await home.deployment.activate()
    assert list(home.tasks.running) == ["poll"]


async def test_the_shipped_sample_says_hello_with_the_key_of_the_fire(tmp_path: Path) -> None:
    home = HotHome(tmp_path)
    home.drop("sample-task.xml", SHIPPED.read_text())
    async with home.engine, home.deployment:
        await home.deployment.activate()
        sample = home.tasks.running["sample-task"]
        with recorded_lines() as lines:
            await sample.body(Fire("sample-task", 1, 42, None, 0, False, lambda: True))
    assert lines.texts() == ["message = Hello from the sample task, fire = 42"]
