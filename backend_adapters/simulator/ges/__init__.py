"""A simulated Huawei GES: the jobs center of a project, its gateway, IAM, and the graphs' engines."""
