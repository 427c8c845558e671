/*
 * The reporter: prints one line for each test, why it failed, what the test
 * printed, and at the end `N passed, N failed`. A skipped or todo test counts as
 * failed, and so does a file without tests.
 */
function reason(error) {
  const cause = error?.cause ?? error;
  const text = cause?.message ?? String(cause);
  const stack = (cause?.stack ?? "").split("\n").filter((line) => /^\s+at .*tests\//.test(line));
  const deeper = cause?.cause?.message ? [`because: ${cause.cause.message}`] : [];
  return [text, ...deeper, ...stack.slice(0, 8)].join("\n").replace(/^/gm, "    ");
}

/* The name that node gives to a file that holds no test. */
function isFile({ name, file }) {
  return name === file || (file ?? "").endsWith(`/${name}`) || /\.test\.mjs$/.test(name);
}

function verdict(type, data) {
  if (data.skip !== undefined || data.todo !== undefined) return "was skipped";
  if (type === "test:fail") return reason(data.details.error);
  if (isFile(data)) return "holds no sentence";
  return null;
}

export default async function* report(source) {
  let passed = 0;
  let failed = 0;
  for await (const { type, data } of source) {
    if (type === "test:stdout" || type === "test:stderr") yield data.message;
    if (type !== "test:pass" && type !== "test:fail") continue;
    if (data.nesting > 0 || data.details.type === "suite") continue;
    const why = verdict(type, data);
    if (why === null) passed += 1;
    else failed += 1;
    const ms = Math.round(data.details.duration_ms);
    yield `${why === null ? "ok" : "NOT OK"} ${data.name} (${ms} ms)\n`;
    if (why !== null) yield `${why}\n`;
  }
  yield `${passed} passed, ${failed} failed\n`;
}
