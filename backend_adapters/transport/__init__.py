"""One HTTP client per server: timeouts, byte caps, retries of reads, error decoding, redaction.

`target` says where a server is and how to log in, and imports no HTTP library; `client` talks.
"""

import sys

# httpx imports its command line with itself, and that click and rich.progress: 20 ms of a start (measured).
# It goes on without where that can't be imported.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
