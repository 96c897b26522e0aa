"""Huawei GES: the jobs center of a project (v1, v2), and the jobs of one graph on its own host."""
