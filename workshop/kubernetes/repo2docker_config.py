"""How repo2docker builds the image for a cluster, in which each participant's server runs, and the room.

    jupyter-repo2docker --config workshop/kubernetes/repo2docker_config.py --no-run --image-name NAME:TAG .

The packages are those of environment.yml, as on Binder. No version of JupyterHub is among them: repo2docker brings one
itself, of the series that the chart's hub is of.
"""

c = get_config()  # type: ignore[name-defined]  # noqa: F821  # repo2docker gives it

# The chart lays each person's volume over the home, where repo2docker would put the project: it would not be seen.
c.Repo2Docker.target_repo_dir = "/srv/lab"
# Whom the chart starts a server as, and whose home it lays the volume over.
c.Repo2Docker.user_name = "jovyan"
c.Repo2Docker.user_id = 1000
# What only a cluster needs: neither Binder, which reads this project too, nor a room on one machine installs it.
c.Repo2Docker.appendix = "RUN pip install --no-cache-dir -r ${REPO_DIR}/workshop/kubernetes/image_requirements.txt"
