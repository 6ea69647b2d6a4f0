"""Every way that was tried from one participant's kernel to what is another's or the instructor's, as data.

Each is code that is run in a kernel, with `KNOWN`: all that somebody could know who has seen the room from outside. It
puts into `got` whatever it has got. The same code, run outside of the walls by the same user of the machine, gets
something: so a way that finds nothing inside does not find nothing by mistake.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

PRELUDE = """
import ctypes, glob, json, os, pathlib, signal, socket, urllib.request
LIBC = ctypes.CDLL(None, use_errno=True)
def readable(paths):
    for path in map(str, paths):
        try:
            with open(path, 'rb') as file:
                file.read(1)
            got.append(path)
        except OSError:
            pass
def below(folder):
    return [os.path.join(at, name) for at, _, names in os.walk(folder) for name in names]
def writable(folders):
    for folder in folders:
        try:
            with open(os.path.join(folder, 'planted'), 'w'):
                got.append(os.path.join(folder, 'planted'))
        except OSError:
            pass
def numbers():
    return [int(name) for name in os.listdir('/proc') if name.isdigit()]
"""


@dataclass(frozen=True, slots=True)
class WayOut:
    """One way.

    Attributes:
        name: what is tried.
        code: lines that append to `got`.
        always: whether it finds something outside on any machine; what hardly any system allows anybody, does not.
        writes: `got` are files, and count only where they are there outside too: inside may be a folder of that name.
    """

    name: str
    code: str
    always: bool = True
    writes: bool = False


WAYS = (
    WayOut("another's files by their names", "readable(below(KNOWN['other']))"),
    WayOut("a list of another's home", "got += os.listdir(KNOWN['other'])"),
    WayOut("who else there is", "got += [name for name in os.listdir(KNOWN['people']) if name != KNOWN['own']]"),
    WayOut("the hub's database, cookie secret, passwords, logs", "readable(below(KNOWN['hub']))"),
    WayOut("the room's own files", "readable(below(KNOWN['room']))"),
    WayOut("what the workshop was asked to be", "readable([KNOWN['workshop'] + '/workshop.json'])"),
    WayOut("the instructor's home", "readable([KNOWN['instructor'] + '/.env'])"),
    WayOut("the clone beside the lab", "readable([KNOWN['clone'] + '/pyproject.toml', KNOWN['clone'] + '/.env'])"),
    WayOut(
        "another's files by way of a process",
        "for number in numbers():\n"
        "    for place in ('root', 'cwd'):\n"
        "        readable(below(f'/proc/{number}/{place}{KNOWN[\"other\"]}')[:3])",
    ),
    WayOut(
        "another's files by a link",
        "link = pathlib.Path.home() / 'a-link'\n"
        "link.symlink_to(KNOWN['other'])\n"
        "try: readable(below(f'{link}/'))\n"
        "finally: link.unlink()",
    ),
    WayOut(
        "another's files from the own folder upwards",
        "folder = os.open(KNOWN['own_home'], os.O_RDONLY)\n"
        "try: got += os.listdir(f'/proc/self/fd/{folder}/../' + os.path.basename(KNOWN['other']))\n"
        "finally: os.close(folder)",
    ),
    WayOut(
        "what an open file leads to",
        "for path in glob.glob('/proc/[0-9]*/fd/*'):\n"
        "    try: leads = os.readlink(path)\n"
        "    except OSError: continue\n"
        "    anothers = leads.startswith((KNOWN['hub'] + '/', KNOWN['other']))\n"
        "    got += [leads] if anothers and leads != KNOWN['log'] else []",
    ),
    WayOut(
        "another's runtime folder",
        "readable(path for path in below('/run/lab') if KNOWN['kernel'] in path)",
        always=False,
    ),
    WayOut("into another's home", "writable([KNOWN['other'], KNOWN['other'] + '/notebooks'])", writes=True),
    WayOut("among the people", "writable([KNOWN['people'], KNOWN['workshop']])", writes=True),
    WayOut("into the hub's folder", "writable([KNOWN['hub'], KNOWN['room']])", writes=True),
    WayOut(
        "into the lab that all run",
        "import labkit\nwritable([os.path.dirname(labkit.__file__)])",
        always=False,
        writes=True,
    ),
    WayOut(
        "into Python's packages",
        "import twilio\nwritable([os.path.dirname(twilio.__file__)])",
        always=False,
        writes=True,
    ),
    WayOut(
        "tokens in the environments of processes",
        "own = os.environ.get('JUPYTERHUB_API_TOKEN', 'none').encode()\n"
        "for number in numbers():\n"
        "    try: values = open(f'/proc/{number}/environ', 'rb').read().split(b'\\0')\n"
        "    except OSError: continue\n"
        "    got += [each.decode() for each in values\n"
        "            if each.startswith((b'JUPYTERHUB_API_TOKEN=', b'CONFIGPROXY_AUTH_TOKEN=', b'LABKIT_WORKSHOP='))\n"
        "            and own not in each]",
    ),
    WayOut(
        "another's processes by their numbers",
        "for number in KNOWN['pids']:\n"
        "    try: os.kill(number, 0)\n"
        "    except OSError: continue\n"
        "    got += [number] if KNOWN['other'] in open(f'/proc/{number}/environ').read() else []",
    ),
    WayOut(
        "the memory of another's process",
        "for number in KNOWN['pids']:\n"
        "    try:\n"
        "        if KNOWN['other'] in open(f'/proc/{number}/maps').read() + open(f'/proc/{number}/environ').read():\n"
        "            open(f'/proc/{number}/mem', 'rb').close()\n"
        "            got.append(number)\n"
        "    except OSError: pass",
        always=False,  # a system may forbid it to everybody
    ),
    WayOut(
        "into another's namespaces",
        "for number in KNOWN['pids']:\n"
        "    try: folder = os.open(f'/proc/{number}/ns/user', os.O_RDONLY)\n"
        "    except OSError: continue\n"
        "    mine = os.stat('/proc/self/ns/user').st_ino\n"
        "    if os.fstat(folder).st_ino != mine and not LIBC.setns(folder, 0): got.append(number)\n"
        "    os.close(folder)",
        always=False,  # a process with threads may not
    ),
    WayOut(
        "a namespace of one's own, with all rights in it",
        "got += [1] if LIBC.unshare(0x10000000) == 0 else []",
        always=False,
    ),
    WayOut("to be somebody else", "os.setuid(0)\ngot.append(os.getuid())", always=False),
    WayOut("the terminal of who started it", "open('/dev/tty').close()\ngot.append('/dev/tty')", always=False),
    WayOut(
        "memory that is shared",
        "got += [name for name in os.listdir('/dev/shm') if name == KNOWN['shared']]",
        always=False,
    ),
    WayOut(
        "sockets that have a name and no file",
        "for name in KNOWN['sockets']:\n"
        "    client = socket.socket(socket.AF_UNIX)\n"
        "    try:\n"
        "        client.connect('\\0' + name)\n"
        "        got.append(name)\n"
        "    except OSError: pass\n"
        "    finally: client.close()",
    ),
    WayOut(
        "the tokens of the whole machine",
        "readable(glob.glob('/home/*/.ssh/*') + glob.glob(os.path.expanduser('~root/.*')) + ['/etc/shadow'])",
        always=False,
    ),
    WayOut("the hub's token for another's server", "ask('hub', '/hub/api/users/' + KNOWN['other_name'])", always=False),
    WayOut("who is in the room, from the hub", "ask('hub', '/hub/api/users')", always=False),
    WayOut(
        "another's server by the own token", "ask('proxy', f'/user/{KNOWN[\"other_name\"]}/api/contents')", always=False
    ),
    WayOut("the proxy's routes", "ask('proxy_api', '/api/routes')", always=False),
)

ASK = """
def ask(where, path):
    token = os.environ.get('JUPYTERHUB_API_TOKEN', '')
    for headers in ({}, {'Authorization': f'token {token}'}):
        request = urllib.request.Request(KNOWN['urls'][where] + path, headers=headers)
        try:
            with urllib.request.build_opener(NoRedirect()).open(request, timeout=5) as answer:
                got.append([answer.status, answer.read(200).decode('utf-8', 'replace')])
        except urllib.error.HTTPError as error:
            with error: pass
        except OSError as error:
            got.append(f'nobody was asked: {error}')
class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_): return None
"""

PORTS = """
import http.client, json
def asked(port, method, path):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=2)
    try:
        body = json.dumps({'target': 'http://127.0.0.1:9'}) if method == 'POST' else None
        connection.request(method, path, body, {'Content-Type': 'application/json'} if body else {})
        answer = connection.getresponse()
        return [answer.status, answer.getheader('Location') or '', answer.read(100_000).decode('utf-8', 'replace')]
    except (OSError, http.client.HTTPException) as error:
        return [0, '', type(error).__name__]
    finally:
        connection.close()
print('PORTS ' + json.dumps([[*each, *asked(*each)] for each in ASKED]))
"""
"""Asks each of `ASKED` (port, method, path), and prints the same with status, where it leads, and text."""


def to_run(known: dict[str, Any]) -> str:
    """The code that goes all ways and prints, as JSON, what each has got by its name."""
    listed = [(way.name, way.code) for way in WAYS]
    return f"""
{PRELUDE}
{ASK}
KNOWN = json.loads({json.dumps(known)!r})
found = {{}}
for name, code in json.loads({json.dumps(listed)!r}):
    got = []
    try:
        exec(code, dict(globals()))
    except Exception as error:
        found.setdefault('raised', {{}})[name] = repr(error)
    found[name] = got
print('WAYS ' + json.dumps(found))
"""
