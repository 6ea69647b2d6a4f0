"""The lab on a cluster: what Zero to JupyterHub, Kubernetes and repo2docker are told (docs/kubernetes.md)."""
