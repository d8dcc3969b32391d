"""How the server answers is set where `streamlit run` reads it."""

import tomllib

from pipeline.config.project import PROJECT_DIR


def test_the_server_listens_here_alone_checks_requests_and_tells_no_error():
    text = (PROJECT_DIR / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    config = tomllib.loads(text)
    server, client = config["server"], config["client"]
    assert server["address"] == "127.0.0.1" and server.get("enableStaticServing", False) is False
    assert server.get("enableCORS", True) and server.get("enableXsrfProtection", True)
    assert client["showErrorDetails"] in ("type", "none") and client["toolbarMode"] == "minimal"
    assert config["browser"]["gatherUsageStats"] is False
