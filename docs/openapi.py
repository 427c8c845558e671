"""Turns docs/openapi.yaml into a C text of JSON: what GET /openapi.json gives.

usage: openapi.py openapi.yaml version.h

The document must name the version that the programs have.
"""
import json
import re
import sys

import yaml


class Loader(yaml.SafeLoader):
    """As YAML 1.2's JSON schema reads it: a date is a text."""


Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if not pair[0].endswith(":timestamp")]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

with open(sys.argv[1], encoding="utf-8") as file:
    document = yaml.load(file, Loader)
with open(sys.argv[2], encoding="utf-8") as file:
    version = re.search(r'PARLOR_VERSION "(.+)"', file.read()).group(1)

if document["info"]["version"] != version:
    sys.exit(f"{sys.argv[1]}: info.version is not {version}, as {sys.argv[2]} has it")

text = json.dumps(document, separators=(",", ":"))

print('#include "api/openapi.h"')
print("const char api_openapi_json[] =")
for i in range(0, len(text), 60):
    piece = text[i:i + 60].replace("\\", "\\\\").replace('"', '\\"')
    print(f'"{piece}"')
print(";")
print("const size_t api_openapi_json_len = sizeof(api_openapi_json) - 1;")
