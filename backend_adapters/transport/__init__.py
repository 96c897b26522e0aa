"""One HTTP client per server: timeouts, byte caps, retries of reads, error decoding, redaction.

`target` says where a server is and how to log in, and imports no HTTP library; `client` talks.
"""
