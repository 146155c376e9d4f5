"""The screens in a browser of this machine, and of nobody else."""

import shlex
import sys
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.server import Server

HOST = "127.0.0.1"
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self' ws://{site}; frame-ancestors 'none'"
)
"""The page asks nothing of any other machine: the web font that textual-serve links to stays unread."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LocalServer(Server):
    """textual-serve, closed to other sites: one that a browser has open could else reach it through its user's browser."""

    def __init__(self, arguments: Sequence[str], port: int, title: str) -> None:
        command = shlex.join([sys.executable, "-m", "tui.cli", *arguments])
        super().__init__(command, host=HOST, port=port, title=title)

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._guard)
        app.on_response_prepare.append(self._restrict)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuses a name that is not this machine's (DNS rebinding) and what another site's page asks for."""
        origin = request.headers.get("Origin")
        if request.host != self._site or (origin is not None and urlsplit(origin).netloc != self._site):
            raise web.HTTPForbidden(text=f"open {self.public_url}")
        return await handler(request)

    async def _restrict(self, _: web.Request, response: web.StreamResponse) -> None:
        response.headers["Content-Security-Policy"] = _POLICY.format(site=self._site)

    @property
    def _site(self) -> str:
        return f"{HOST}:{self.port}"
