"""The small page at the callback server's root: people open the public URL to see whether their tunnel works."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, render_template_string

from labkit.callbacks.exchanges import Arrivals
from labkit.display import date_and_time

# Nothing is fetched from anywhere, and nothing on the page can run.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'self'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>TaskRouter Lab: callback server</title>
<style>
  :root { color-scheme: light dark; --line: #8884; --soft: #8881; --good: #2a9d5c; --wait: #b7791f; }
  body { font: 16px/1.55 system-ui, sans-serif; max-width: 44rem; margin: 8vh auto; padding: 0 1.2rem; }
  h1 { font-size: 1.5rem; margin: 0 0 .3rem; }
  .state { display: inline-block; padding: .15rem .7rem; border-radius: 1rem; color: #fff; background: var(--good); }
  .state.waiting { background: var(--wait); }
  table { border-collapse: collapse; width: 100%; margin: 1.4rem 0; }
  th, td { text-align: left; padding: .5rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
  th { font-weight: 600; }
  code { background: var(--soft); padding: .1rem .3rem; border-radius: .3rem; overflow-wrap: anywhere; }
  .quiet { opacity: .75; font-size: .92rem; }
</style>
</head>
<body>
<h1>TaskRouter Lab: callback server</h1>
{% if arrived %}\
<p><span class="state">callbacks arrive</span></p>
{% else %}\
<p><span class="state waiting">no callback yet</span></p>
{% endif %}\
<p>If you can read this at <code>{{ seen }}</code>, that address reaches the notebook. TaskRouter is told
<code>{{ told }}</code> and posts its callbacks there; a browser has nothing to do but look.</p>
<table>
<tr><th>callback</th><th>answered</th><th>turned away</th><th>last one</th></tr>
{% for route, arrivals, last in routes %}\
<tr><td><code>POST {{ route }}</code></td>
<td>{{ arrivals.answered }}</td><td>{{ arrivals.refused }}</td><td>{{ last }}</td></tr>
{% endfor %}\
</table>
<p class="quiet">Only requests that carry a right <code>X-Twilio-Signature</code> are answered; it must be made for the
address TaskRouter is told. What came in, and why something was turned away, is shown in the notebook. Reload to
see the newest figures; it is {{ now }}.</p>
</body>
</html>
"""


def render_page(*, seen: str, told: str, routes: list[tuple[str, Arrivals]]) -> Response:
    """The page.

    Args:
        seen: the URL by which the browser came.
        told: the public URL, which TaskRouter is told.
        routes: the callback routes, and what arrived at each.
    """
    rows = [(route, arrivals, _time(arrivals.last)) for route, arrivals in routes]
    arrived = any(arrivals.answered for _, arrivals in routes)
    html = render_template_string(
        _PAGE, seen=seen, told=told, routes=rows, arrived=arrived, now=_time(datetime.now(UTC))
    )
    return Response(html, headers=_HEADERS, content_type="text/html; charset=utf-8")


def _time(at: datetime | None) -> str:
    return f"{date_and_time(at)} UTC" if at else "never"
