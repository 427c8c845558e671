/* db/base: settings, addresses, origins. */
const SETTINGS = "db/base/settings.c";
const CORS = "api/http/cors.c";
const ORIGINS = "db/base/origins.c";
const NUMBER = "db/base/number.c";
const URI = "api/http/uri.c";
const CLOCK = "db/base/clock.c";
const ENDPOINT = "db/base/endpoint.c";
const GATEWAY = "db/base/gateway.c";
const ACCEPT = "api/http/accept.c";

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
    name: "a listed origin may begin like another", file: ORIGINS, by: ["unit/api_cors"],
    old: "if (len == want && memcmp(p, text, len) == 0)", now: "if (len <= want && memcmp(p, text, len) == 0)",
  },
  {
    name: "any origin may send cookies", file: CORS, by: ["unit/api_cors", "e2e/cors"],
    old: "\t\tc.verdict = CORS_ANY;\n", now: "\t\tc.verdict = CORS_ANY, c.cookie = 1;\n",
  },
  {
    name: "a page of another port is a page of ours", file: CORS, by: ["unit/api_cors"],
    old: "return last[len] == '\\0' || strcmp(last + len, port) == 0;", now: "return last[len] == '\\0' || last[len] == ':' || strcmp(last + len, port) == 0;",
  },
  {
    name: "the browser's word that a request is foreign does not count", file: CORS, by: ["unit/api_cors"],
    old: "\t\treturn strcmp(r->fetch_site, \"same-origin\") == 0;\n\tn = origins_scheme", now: "\t\treturn 1;\n\tn = origins_scheme",
  },
  {
    name: "a hidden slash in a path is accepted", file: URI, by: ["unit/api_uri", "e2e/hostile"],
    old: "if (c == '/' || c == '\\\\' || c == '.' || c == '%')", now: "if (c == '\\\\' || c == '.' || c == '%')",
  },
  {
    name: "a parameter that is given twice counts once", file: URI, by: ["unit/api_uri"],
    old: "\t\t\tif (rc != URI_NONE)\n\t\t\t\treturn URI_BAD;\n", now: "",
  },
  {
    name: "a plus in a path is a space", file: URI, by: ["unit/api_uri"],
    old: "return decode(segment, len, '+', value);", now: "return decode(segment, len, ' ', value);",
  },
  {
    name: "a wait ends by the wall clock", file: CLOCK, by: ["e2e/clock", "unit/db_clock", "tree/clocks"],
    old: "\tmust(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);\n\tmust(pthread_cond_init(cond, &attr) == 0);\n\tmust(pthread_condattr_destroy(&attr) == 0);\n}\n\nvoid\nclock_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t ms)\n{\n\tstruct timespec until;\n\tint64_t ns;\n\tint rc;\n\n\tmust(clock_gettime(CLOCK_MONOTONIC, &until) == 0);\n", now: "\tmust(pthread_condattr_setclock(&attr, CLOCK_REALTIME) == 0);\n\tmust(pthread_cond_init(cond, &attr) == 0);\n\tmust(pthread_condattr_destroy(&attr) == 0);\n}\n\nvoid\nclock_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t ms)\n{\n\tstruct timespec until;\n\tint64_t ns;\n\tint rc;\n\n\tmust(clock_gettime(CLOCK_REALTIME, &until) == 0);\n",
  },
  {
    name: "leases run by the wall clock", file: CLOCK, by: ["e2e/clock"],
    old: "return now(CLOCK_BOOTTIME);", now: "return now(CLOCK_REALTIME);",
  },
  {
    name: "a time that is no date is taken for the next day", file: CLOCK, by: ["unit/db_clock"],
    old: "\tif (tm.tm_mday != mday)\n\t\treturn -1;\n", now: "",
  },
  {
    name: "a port beyond 65535 is another port", file: ENDPOINT, by: ["unit/db_endpoint"],
    old: "PORT_MAX = 65535", now: "PORT_MAX = 99999",
  },
  {
    name: "a short form of an address is resolved", file: ENDPOINT, by: ["unit/db_endpoint"],
    old: "if (!ends_in_number(e->host) && is_name(e->host))", now: "if (is_name(e->host))",
  },
  {
    name: "an address of IPv6 needs no brackets", file: ENDPOINT, by: ["unit/db_endpoint"],
    old: "\tif (strchr(colon + 1, ':') != NULL)\n", now: "\tif (strchr(colon + 1, ']') != NULL)\n",
  },
  {
    name: "a path may be longer than a socket's", file: ENDPOINT, by: ["unit/db_endpoint"],
    old: "if (strlen(path) > ENDPOINT_PATH_MAX)", now: "if (strlen(path) > ENDPOINT_PATH_MAX + 1)",
  },
  {
    name: "a server that leaves out GATEWAY_INTERFACE runs no CGI", file: GATEWAY, by: ["e2e/arguments"],
    old: " ||\n\t    getenv(\"REQUEST_METHOD\") != NULL;", now: ";",
  },
  {
    name: "a default of the command line overrules the file", file: SETTINGS, by: ["unit/db_settings"],
    old: "if (own == source && set(", now: "if (own <= source && set(",
  },
  {
    name: "what overrules the file is not told", file: SETTINGS, by: ["unit/db_settings", "e2e/settings"],
    old: "strcmp(o->in_file, o->value) != 0)", now: "strcmp(o->in_file, o->value) == 0)",
  },
  {
    name: "a setting that stands twice is not told", file: SETTINGS, by: ["unit/db_settings"],
    old: "\t\tif (o->in_file != NULL)\n", now: "\t\tif (o->in_file == NULL)\n",
  },
  {
    name: "a blank directory is the root", file: SETTINGS, by: ["unit/db_settings_values"],
    old: "if (*value == '\\0' && names_a_directory(t))", now: "if (*value == '\\0' && t->unit != NULL)",
  },
  {
    name: "a second site in one Apache is the first", file: "docs/apache/proxy.conf", by: ["e2e/sites"],
    old: "UnDefine PARLOR_RUN\n", now: "",
  },
  {
    name: "make installs packages", file: "Makefile", by: ["tree/make"],
    old: "build: $(programs) ", now: "build: deps $(programs) ",
  },
  {
    name: "a form of weight 0 is given", file: ACCEPT, by: ["unit/api_accept", "e2e/harmless"],
    old: "\t\tif (rating.weight > 0 &&\n", now: "\t\tif (rating.precision > 0 &&\n",
  },
  {
    name: "the first form that fits is given, whatever its weight", file: ACCEPT, by: ["unit/api_accept", "e2e/harmless"],
    old: "\tif (a->weight != b->weight)\n\t\treturn a->weight > b->weight;\n", now: "",
  },
  {
    name: "an empty parameter is one", file: URI, by: ["unit/api_uri", "e2e/harmless"],
    old: "rc == URI_OK && value->len == 0 ? URI_NONE : rc;", now: "rc == URI_OK && value->len == 0 ? URI_OK : rc;",
  },
  {
    name: "a preflight allows what we thought of alone", file: CORS, by: ["unit/api_cors", "e2e/harmless", "e2e/cors"],
    old: "\tif (c->asked != NULL && is_names(c->asked))\n", now: "\tif (c->asked != NULL && !is_names(c->asked))\n",
  },
  {
    name: "each wait that ends is told by itself", file: "db/base/fiber.c", by: ["unit/db_fiber"],
    old: "\twhile ((lane = STAILQ_FIRST(&owing)) != NULL) {\n\t\tSTAILQ_REMOVE_HEAD(&owing, next_owed);\n",
    now: "\twhile ((lane = STAILQ_FIRST(&owing)) != NULL) {\n\t\tif (STAILQ_EMPTY(&lane->ready))\n\t\t\tSTAILQ_REMOVE_HEAD(&owing, next_owed);\n",
  },
  {
    name: "a fiber that is broken off begins its next wait", file: "db/base/fiber.c", by: ["unit/db_fiber"],
    old: "\tif (f->broken_off)\n\t\treturn -1;\n", now: "",
  },
];
