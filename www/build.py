#!/usr/bin/python3
"""Makes the page that is served from the one that is written.

    www/build.py FROM TO

Scripts, styles and images lie in TO twice: under their own names, which other
sites import, and in v-HASH/, where HASH stands for the contents of all of them.
index.html names those in v-HASH/, so a browser need never ask for them again.
Each text has a variant for gzip, and one for brotli where that is installed.
"""

import gzip
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys

TEXTS = {".html", ".css", ".js", ".svg"}
VERSIONED = {".css", ".js", ".svg", ".png"}
HASH_DIGITS = 16


def imported(name, files, seen):
    """Adds the module NAME to SEEN, and all that it imports at once."""
    if name in seen:
        return
    seen[name] = True
    text = files[name].decode()
    for other in re.findall(r'^(?:import|export)\b[^;]*?from "\./([\w-]+\.js)";', text, re.M):
        imported(other, files, seen)


def join_styles(html, files):
    """Joins all style sheets that HTML names into one, for one request."""
    links = re.findall(r' *<link rel="stylesheet" href="([^"]*)">\n', html)
    files["page.css"] = b"".join(files[name] for name in links)
    html = html.replace(f'href="{links[0]}"', 'href="page.css"')
    for name in links[1:]:
        html = re.sub(rf' *<link rel="stylesheet" href="{name}">\n', "", html)
    return html


def versioned_page(html, folder, files):
    """HTML with versioned names and all modules of app.js preloaded."""
    modules = {}
    imported("app.js", files, modules)
    html = re.sub(r' *<link rel="modulepreload" href="[^"]*">\n', "", html)
    links = "".join(
        f'    <link rel="modulepreload" href="{name}">\n' for name in modules)
    html = html.replace("    <script ", links + "    <script ", 1)
    return re.sub(r'\b(href|src)="([\w-]+\.(?:css|js|svg|png))"',
                  rf'\1="{folder}/\2"', html)


def compress(path):
    content = path.read_bytes()
    variants = {".gz": gzip.compress(content, 9, mtime=0)}
    if shutil.which("brotli"):
        variants[".br"] = subprocess.run(
            ["brotli", "--best", "--stdout"], input=content, check=True,
            stdout=subprocess.PIPE).stdout
    for ending, variant in variants.items():
        if len(variant) < len(content):
            path.with_name(path.name + ending).write_bytes(variant)


def main(source, target):
    files = {path.name: path.read_bytes() for path in sorted(source.iterdir())
             if path.suffix in TEXTS | VERSIONED}
    page = join_styles(files.pop("index.html").decode(), files)
    digest = hashlib.sha256()
    for name, content in files.items():
        if pathlib.Path(name).suffix in VERSIONED:
            digest.update(f"{name} {len(content)}\n".encode() + content)
    folder = "v-" + digest.hexdigest()[:HASH_DIGITS]
    shutil.rmtree(target, ignore_errors=True)
    (target / folder).mkdir(parents=True)
    files["index.html"] = versioned_page(page, folder, files).encode()
    for name, content in files.items():
        path = pathlib.Path(name)
        places = [target / name]
        if path.suffix in VERSIONED:
            places.append(target / folder / name)
        for place in places:
            place.write_bytes(content)
            if path.suffix in TEXTS:
                compress(place)


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
