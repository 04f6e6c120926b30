"""<handler> - a class of the user that sees every request to an API and every answer: `module:Class`.

Its methods are `handle_request(ctx)` and `handle_response(ctx)`, one of them or both. What is a coroutine function runs
on the event loop, and so does everything of a class with `blocking = False`; the rest runs in threads.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from micro_integrator.synapse import user_class
from micro_integrator.synapse.apis.handler_context import HandlerContext
from micro_integrator.synapse.grammar import XmlReader

if TYPE_CHECKING:
    from micro_integrator.synapse.engine import Engine

ON_REQUEST, ON_RESPONSE = "handle_request", "handle_response"


@dataclass(frozen=True, slots=True)
class ApiHandler:
    """An object of the user's class; it serves all requests, some at the same time."""

    instance: Any
    reads_body: bool
    """Whether it is called when the whole payload is here, and not before."""
    is_quick: bool
    """Whether it may run on the event loop although it is no coroutine: it never waits."""

    @classmethod
    def read(cls, class_name: str, x: XmlReader) -> "ApiHandler":
        """Make the object of <handler> and set its properties. Raises DeploymentError when that cannot be done."""
        made = user_class.make(class_name, "handler", x)
        if not any(callable(getattr(made, name, None)) for name in (ON_REQUEST, ON_RESPONSE)):
            raise x.error(
                f"Failed to load handler class {class_name}: it has neither {ON_REQUEST}(ctx) nor {ON_RESPONSE}(ctx)"
            )
        for part in x.children("property"):
            name, value = part.required("name"), part.resolved("value")
            if value is None:
                part.report("<property> of <handler> needs the attribute 'value'")
            elif name:
                user_class.set_property(made, name, value, part)
        return cls(
            made,
            reads_body=bool(getattr(made, "reads_body", False)),
            is_quick=not getattr(made, "blocking", True),
        )

    def method(self, name: str) -> Callable[[HandlerContext], object] | None:
        """Return the user's method of that name, None when the class has none."""
        found = getattr(self.instance, name, None)
        return found if callable(found) else None

    async def call(
        self, method: Callable[[HandlerContext], object], context: HandlerContext, engine: "Engine"
    ) -> bool:
        """Call a method; True = go on. It stops everything by an answer, or by returning False."""
        try:
            if self.is_quick and not inspect.iscoroutinefunction(method):
                said = method(context)
            else:
                said = await user_class.call(method, engine, context)
        finally:
            context.let_go()
        return context.answer is None and (said is None or bool(said))

    @property
    def has_to_start(self) -> bool:
        """Whether there is anything to be done before the first request."""
        return callable(getattr(self.instance, "init", None))

    async def start(self, engine: "Engine") -> None:
        """Call `init(engine)` if the class has it."""
        await user_class.call_if_there(self.instance, "init", engine, engine)

    async def stop(self, engine: "Engine") -> None:
        """Call `destroy()` if the class has it."""
        await user_class.call_if_there(self.instance, "destroy", engine)
