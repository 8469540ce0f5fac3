# SPDX-License-Identifier: BSD-2-Clause
"""Running the command and looking at what it says.

KLDSIM_SRC is the source tree (default: this one), KLDSIM the command,
KLDSIM_FIXTURES or FIXTURES where fixtures/build.sh put its files.
"""

import functools
import json
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
SRC = pathlib.Path(os.environ.get("KLDSIM_SRC", HERE.parent.parent))
KLDSIM = os.environ.get("KLDSIM", str(SRC / "build/gcc/bin/kldsim"))
FIXTURES = pathlib.Path(os.environ.get("KLDSIM_FIXTURES")
                        or os.environ.get("FIXTURES")
                        or SRC / "build/fixtures")

# Exit statuses (docs/DESIGN.md).
OK, REFUSED, USAGE, HOST, PANIC = 0, 1, 2, 3, 4


class Done:
    """What a finished command left behind."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def json(self):
        """The document, which is laid out as Python would do it, however it
        was written."""
        document = json.loads(self.out)
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        if self.out != text:
            raise AssertionError(f"{self.out} is not laid out as {text}")
        return document


def run(*args, command=None, cwd=None, stdout=subprocess.PIPE, **environment):
    """Run the command; the words may be str, bytes or paths."""
    base = {name: value for name, value in os.environ.items()
            if name not in ("NO_COLOR", "POSIXLY_CORRECT")}
    done = subprocess.run([command or KLDSIM, *args], stdout=stdout,
                          stderr=subprocess.PIPE, cwd=cwd, timeout=120,
                          env={**base, "TERM": "xterm", **environment})
    return Done(done.returncode, (done.stdout or b"").decode(),
                done.stderr.decode())


@functools.lru_cache(maxsize=None)
def validator(command):
    """What the schema of a command's JSON asks for; checked once."""
    import jsonschema  # Debian: python3-jsonschema
    with open(SRC / f"docs/kldsim.{command}.schema.json") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def validate(document, command="load"):
    """Raise if the document is not what the schema says, order included."""
    asks = validator(command)
    asks.validate(document)
    in_order(document, asks.schema, asks.schema)


def in_order(value, schema, root):
    """Raise unless every object has its keys in the schema's order."""
    for part in [schema, *schema.get("oneOf", [])]:
        if "$ref" in part:
            name = part["$ref"].rsplit("/", 1)[1]
            in_order(value, root["$defs"][name], root)
        if isinstance(value, list) and "items" in part:
            for item in value:
                in_order(item, part["items"], root)
        if isinstance(value, dict) and "properties" in part:
            keys = list(part["properties"])
            if list(value) != keys:
                raise AssertionError(f"keys {list(value)} instead of {keys}")
            for key in keys:
                in_order(value[key], part["properties"][key], root)


def read_dump(folder):
    """The manifest's files by path, each checked against what is there."""
    manifest = json.loads((folder / "manifest.json").read_text())
    if manifest["schema"] != "kldsim.dump/1":
        raise AssertionError(manifest["schema"])
    listed = {item["path"]: item for item in manifest["files"]}
    there = {str(path.relative_to(folder)): path.stat().st_size
             for path in folder.rglob("*.bin")}
    if {path: item["size"] for path, item in listed.items()} != there:
        raise AssertionError(f"manifest {listed} but files {there}")
    return listed
