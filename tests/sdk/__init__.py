"""The simulated GES, and graphtop's adapter, compared with a client that we did not write."""
