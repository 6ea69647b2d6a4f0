"""Kernels and sandboxes of a participant as copies, which is what a server and a kernel of a warm room ask for."""

from __future__ import annotations

import subprocess
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, cast

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from labkit.sandbox import process
from workshop.warm.copies import Copy, copy_of

PROVISIONER = "copied"
_ADDRESS: list[Path] = []


class CopiedKernel(LocalProvisioner):
    """A kernel that is a copy; all but its start is as usual."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Have it made; where that cannot be, it is started as usual."""
        made = copy_of(cmd, _ADDRESS[0], environ=kwargs["env"], folder=kwargs.get("cwd"))
        if made is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process = cast("Any", made)
        self.pid = self.pgid = made.pid
        return self.connection_info


def offer(address: Path) -> None:
    """From now on kernels and sandboxes that this process starts are copies.

    Args:
        address: of the process that makes them.
    """
    _ADDRESS[:] = [address]
    factory = KernelProvisionerFactory.instance()
    group = KernelProvisionerFactory.GROUP_NAME
    factory.provisioners[PROVISIONER] = EntryPoint(PROVISIONER, f"{__name__}:{CopiedKernel.__name__}", group)
    factory.default_provisioner_name = PROVISIONER
    process.start_process = cast("Any", _sandbox)


def _sandbox(command: list[str], **options: Any) -> Copy | subprocess.Popen[bytes]:
    made = copy_of(
        command,
        _ADDRESS[0],
        environ=options["env"],
        stdout=options["stdout"],
        stderr=options["stderr"].fileno(),
    )
    return made or subprocess.Popen(command, **options)  # noqa: S603 - the lab's own
