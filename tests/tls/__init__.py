"""Certificates for the tests of TLS, made once by make.sh: nobody trusts them, and they protect nothing."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
CA = str(HERE / "ca.pem")
SERVER_CERT, SERVER_KEY = str(HERE / "server.pem"), str(HERE / "server.key")
CLIENT_CERT, CLIENT_KEY = str(HERE / "client.pem"), str(HERE / "client.key")
