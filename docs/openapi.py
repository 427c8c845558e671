"""Turns docs/openapi.yaml into a C text of JSON: what GET /openapi.json gives."""
import json
import sys

import yaml


class Loader(yaml.SafeLoader):
    """As YAML 1.2's JSON schema reads it: a date is a text."""


Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if not pair[0].endswith(":timestamp")]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

with open(sys.argv[1], encoding="utf-8") as file:
    text = json.dumps(yaml.load(file, Loader), separators=(",", ":"))

print('#include "api/openapi.h"')
print("const char api_openapi_json[] =")
for i in range(0, len(text), 60):
    piece = text[i:i + 60].replace("\\", "\\\\").replace('"', '\\"')
    print(f'"{piece}"')
print(";")
print("const size_t api_openapi_json_len = sizeof(api_openapi_json) - 1;")
