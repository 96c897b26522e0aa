"""One HTTP client per server: timeouts, byte caps, retries of reads, error decoding, redaction.

`target`, `credentials` and `url` say where a server is and how to log in, and import no HTTP library;
`client` sends the requests.
"""

import sys

# httpx imports its command line with itself, and that click and rich.progress: 20 ms of a start (measured).
# It goes on without where that can't be imported.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
