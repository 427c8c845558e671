/* What every program stands on: settings, addresses, origins. */
const SETTINGS = "db/base/settings.c";
const CORS = "db/base/cors.c";
const NUMBER = "db/base/number.c";
const URI = "db/base/uri.c";

export default [
  {
    name: "a number with letters behind it is a setting", file: NUMBER, by: ["unit/db_number", "unit/db_settings"],
    old: "if (len == 0 || digits[len] != '\\0')", now: "if (len == 0)",
  },
  {
    name: "a setting above its maximum is accepted", file: NUMBER, by: ["unit/db_number", "unit/db_settings"],
    old: "\tif (n > max)\n", now: "\tif (n < min)\n",
  },
  {
    name: "an unknown setting in the file is ignored", file: SETTINGS, by: ["unit/db_settings"],
    old: "\t\tlog_error(\"no such setting; --help lists them\",\n\t\t    \"name=\\\"%s\\\" from=\\\"%s\\\"\", line, where);\n\t\treturn -1;", now: "\t\treturn 0;",
  },
  {
    name: "arguments count under CGI", file: SETTINGS, by: ["e2e/arguments", "unit/db_settings"],
    old: "\tif (!cgi)\n\t\treturn read_options(", now: "\tif (argc > 0)\n\t\treturn read_options(",
  },
  {
    name: "a listed origin may begin like another", file: CORS, by: ["unit/db_cors"],
    old: "if (len == want && memcmp(p, text, len) == 0)", now: "if (len <= want && memcmp(p, text, len) == 0)",
  },
  {
    name: "any origin may send cookies", file: CORS, by: ["unit/db_cors", "e2e/cors"],
    old: "\t\tc.verdict = CORS_ANY;\n", now: "\t\tc.verdict = CORS_ANY, c.cookie = 1;\n",
  },
  {
    name: "a page of another port is a page of ours", file: CORS, by: ["unit/db_cors"],
    old: "return last[len] == '\\0' || strcmp(last + len, port) == 0;", now: "return last[len] == '\\0' || last[len] == ':' || strcmp(last + len, port) == 0;",
  },
  {
    name: "the browser's word that a request is foreign does not count", file: CORS, by: ["unit/db_cors"],
    old: "\t\treturn strcmp(r->fetch_site, \"same-origin\") == 0;\n\tn = scheme", now: "\t\treturn 1;\n\tn = scheme",
  },
  {
    name: "a hidden slash in a path is accepted", file: URI, by: ["unit/db_uri", "e2e/hostile"],
    old: "if (c == '/' || c == '\\\\' || c == '.' || c == '%')", now: "if (c == '\\\\' || c == '.' || c == '%')",
  },
  {
    name: "a parameter that is given twice counts once", file: URI, by: ["unit/db_uri"],
    old: "\t\t\tif (rc != URI_NONE)\n\t\t\t\treturn URI_BAD;\n", now: "",
  },
  {
    name: "a plus in a path is a space", file: URI, by: ["unit/db_uri"],
    old: "return decode(segment, len, '+', value);", now: "return decode(segment, len, ' ', value);",
  },
];
