"""Ansible connection to a folder that is a root tree: commands run by chroot, files are copied."""

import os
import shutil
import subprocess

from ansible.plugins.connection import ConnectionBase

DOCUMENTATION = """
name: tree
short_description: run tasks in a root tree by chroot
description: the root tree is the folder that remote_addr names
options:
  remote_addr:
    description: path of the root tree
    default: inventory_hostname
    vars: [{name: inventory_hostname}, {name: ansible_host}]
"""

ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LC_ALL": "C.UTF-8",
    "SYSTEMD_OFFLINE": "1",
}


class Connection(ConnectionBase):
    transport = "tree"
    has_pipelining = True
    has_tty = False

    def _connect(self):
        self._connected = True
        return self

    def exec_command(self, cmd, in_data=None, sudoable=False):
        super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        done = subprocess.run(
            ["chroot", self._play_context.remote_addr, "/bin/sh", "-c", cmd],
            input=in_data,
            capture_output=True,
            env=ENVIRONMENT,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def put_file(self, in_path, out_path):
        shutil.copyfile(in_path, self._within(out_path))

    def fetch_file(self, in_path, out_path):
        shutil.copyfile(self._within(in_path), out_path)

    def close(self):
        self._connected = False

    def _within(self, path):
        return os.path.join(self._play_context.remote_addr, path.lstrip("/"))
