"""What the gate itself answers: pages for people who are not let in, headers, and the watch that
empties a page whose session is over.
"""

import hashlib
import html
import re
from base64 import b64encode
from pathlib import Path

Headers = list[tuple[bytes, bytes]]

_STYLE = (
    ":root{color-scheme:light dark}body{font:1rem/1.55 system-ui,sans-serif;max-width:36rem;margin:12vh auto;"
    "padding:0 1.25rem}h1{font-size:1.5rem;line-height:1.25}code{display:block;padding:.7rem .9rem;border:1px solid "
    "color-mix(in srgb,currentColor 25%,transparent);border-radius:.5rem;overflow-wrap:anywhere}a{color:inherit}"
)
#: Looks every three seconds whether the session is still there. A page that is just left is not
#: loaded again, for that would stop the way to where it is led.
WATCH = """(() => {
  let left = 0;
  addEventListener("beforeunload", () => { left = Date.now(); });
  const look = async () => {
    let answer;
    try { answer = await fetch("/login/state", {cache: "no-store", redirect: "manual"}); } catch (noServer) { return; }
    if (answer.status === 204) return;
    document.documentElement.replaceChildren();
    if (Date.now() - left > 10000) location.reload();
  };
  setInterval(look, 3000);
  document.addEventListener("visibilitychange", look);
  addEventListener("pageshow", look);
})();
"""


def page(title: str, *paragraphs: str, try_again: str = "") -> str:
    """A page of the gate in the colours of the system; a paragraph in backticks is a command, and
    `try_again` the words of a link to the same address.
    """
    parts = [
        f"<p><code>{html.escape(text[1:-1])}</code></p>"
        if text.startswith("`")
        else f"<p>{html.escape(text)}</p>"
        for text in paragraphs
    ]
    if try_again:
        parts.append(f'<p><a href="">{html.escape(try_again)}</a></p>')
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body><main><h1>{html.escape(title)}</h1>"
        f"{''.join(parts)}</main></body></html>"
    )


NOT_LOGGED_IN = page(
    "Not logged in",
    "Open the address that was printed when the workbench was started. It works once. For another browser, or another "
    "day, ask for a new one on the same machine:",
    "`icon-health login`",
    try_again="If you are logged in and came by a link from another site, go on here",
)
OTHER_HOST = page("Refused", "The workbench is not served under this name.")
OTHER_SITE = page("Refused", "This request came from another site.")
OTHER_USER = page("Refused", "This workbench belongs to another user of this machine.")
NO_ROLE = page(
    "No role",
    "You are logged in, and have no role in this workbench. Ask its administrator for one.",
)
LOGGED_OUT = page("Logged out", "This browser is logged out. To come back:", "`icon-health login`")
OPEN_IN_BROWSER = page("Open this address in a browser", "It works once, and only there.")


def inline_scripts(text: str) -> list[str]:
    """The scripts that stand in a page, each as a source of a content security policy."""
    return [
        f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in re.findall(r"<script(?: defer=\"defer\")?>(.*?)</script>", text, re.DOTALL)
    ]


def security_headers(scripts: list[str], framed: bool = False) -> Headers:
    """The headers of every answer: nothing but what this server sends runs, and nobody frames it.

    `scripts` are the inline scripts of the page; `framed` is a part that the workbench itself puts
    into a frame.
    """
    ancestors = "'self'" if framed else "'none'"
    policy = "; ".join(
        [
            "default-src 'none'",
            " ".join(["script-src 'self'", *scripts]),
            "style-src 'self' 'unsafe-inline'",  # Streamlit writes its styles into the page
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "media-src 'self' blob:",
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "frame-src 'self'",
            f"frame-ancestors {ancestors}",
            "base-uri 'none'",
            "form-action 'self'",
            "object-src 'none'",
        ]
    )
    headers = {
        "content-security-policy": policy,
        "x-frame-options": "SAMEORIGIN" if framed else "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=()",
    }
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def scripts_of_streamlit() -> list[str]:
    """The inline scripts of Streamlit's own page, read from what is installed."""
    from streamlit import file_util

    return inline_scripts(
        (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    )
