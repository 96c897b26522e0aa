"""HugeGraph's OLAP computer jobs, `…/jobs/computerdis`, which only Baidu's fork of HugeGraph has.

There are two forms of them. A is the older one (2021-08): `POST …/computerdis/{algorithm}`, tasks of the type
`computer-proxy`. B is everything since: `POST …/computerdis`, tasks of the type `computer-dis`.
Both are ordinary tasks of the graph besides, and are read as such wherever that is cheaper.
"""
