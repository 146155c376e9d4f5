"""The screens in a browser on this machine, and on no other."""

import os
import secrets
import shlex
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.server import Server

from tui.file_export import SAVE_BELOW

HOST = "127.0.0.1"
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self' ws://{site}; frame-ancestors 'none'"
)
"""The page asks nothing of any other machine: the web font that textual-serve links to stays unread."""
_FOCUS = """<script>
  const waiting = setInterval(() => {
    const keys = document.querySelector(".xterm-helper-textarea");
    if (keys && document.body.classList.contains("-first-byte")) { keys.focus(); clearInterval(waiting); }
  }, 50);
</script>
"""
"""Keys work from the first picture on: textual-serve waits for a click."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


_COOKIE = "whydrop_token"


class LocalServer(Server):
    """textual-serve, closed to other sites and other users of the machine.

    The address that it prints has a random token, as Jupyter's has. Whoever opens it gets a cookie with the token; without either
    neither page nor WebSocket answers. Files are saved below the folder that it was started in only.
    """

    def __init__(self, arguments: Sequence[str], port: int, title: str) -> None:
        command = shlex.join([sys.executable, "-m", "tui.cli", *arguments])
        super().__init__(command, host=HOST, port=port, title=title)
        self.token = secrets.token_urlsafe(24)

    def serve(self, debug: bool = False) -> None:
        """Serves until ctrl+c."""
        os.environ[SAVE_BELOW] = str(Path.cwd())  # the screens are programs of their own, and inherit it
        super().serve(debug)

    async def on_startup(self, app: web.Application) -> None:
        """Prints the address with the token: the only place that shows it."""
        sys.stderr.write(f"Open {self.public_url}/?token={self.token} (ctrl+c ends it)\n")
        sys.stderr.flush()

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
        token = request.query.get("token")
        if token is None and self._is_token(request.cookies.get(_COOKIE, "")):
            return _with_focus(await handler(request))
        if not self._is_token(token or ""):
            raise web.HTTPForbidden(text="open the address that whydrop printed: it has a token")
        # the token leaves the address bar, where others could read it
        answer = web.Response(status=302, headers={"Location": request.path})
        answer.set_cookie(_COOKIE, self.token, httponly=True, samesite="Strict")
        return answer

    def _is_token(self, text: str) -> bool:
        return secrets.compare_digest(text.encode(), self.token.encode())

    async def _restrict(self, _: web.Request, response: web.StreamResponse) -> None:
        response.headers["Content-Security-Policy"] = _POLICY.format(site=self._site)

    @property
    def _site(self) -> str:
        return f"{HOST}:{self.port}"


def _with_focus(answer: web.StreamResponse) -> web.StreamResponse:
    """The page with the script that gives its terminal the focus; anything else as it is."""
    if isinstance(answer, web.Response) and answer.content_type == "text/html" and answer.text:
        answer.text = answer.text.replace("</body>", f"{_FOCUS}</body>")
    return answer
