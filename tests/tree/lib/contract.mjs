/* The contract as the documents tell it, and what is untrue in it. */
const METHODS = ["get", "post", "put", "patch", "delete", "head", "options"];

/* Names of parameters are nobody's business: /rooms/{}/messages. */
function plain(path) {
  return path.replace(/:[a-z_]+|\{[a-z_]+\}/g, "{}");
}

/* [{name: "GET /rooms/{}", servers, operation}] of the API document. */
export function operations(document) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => ({
      name: `${method.toUpperCase()} ${plain(path)}`,
      servers: (item.servers ?? document.servers).map(({ url }) => url),
      operation: item[method],
    })));
}

function resolve(document, what) {
  if (!what?.$ref) return what;
  return what.$ref.split("/").slice(1).reduce((at, name) => at[name], document);
}

const difference = (a, b) => [...a].filter((one) => !b.includes(one));

/* ANSWERS: what the program can answer, by server and operation. */
export function wrongStatuses(document, answers) {
  const documented = operations(document);
  const missing = Object.entries(answers).flatMap(([server, routes]) => Object.keys(routes)
    .filter((name) => !documented.some((one) => one.name === name && one.servers.includes(server)))
    .map((name) => `${name} is not documented under ${server}`));
  return missing.concat(documented.flatMap(({ name, servers, operation }) => {
    const unknown = servers.filter((server) => !answers[server]?.[name]);
    if (unknown.length > 0) return [`there is no ${name} under ${unknown}`];
    const theirs = [...new Set(servers.flatMap((server) => [...answers[server][name]]))];
    const ours = Object.keys(operation.responses).map(Number);
    return [
      ...difference(theirs, ours).map((status) => `${name} can answer ${status}`),
      ...difference(ours, theirs).map((status) => `${name} never answers ${status}`),
    ];
  }));
}

/* PROBLEMS: {NAME: {status, code}}: each stands with the answers of its status, or in the introduction. */
export function wrongCodes(document, problems) {
  const all = Object.values(problems);
  const responses = operations(document).flatMap(({ name, operation }) =>
    Object.entries(operation.responses).filter(([status]) => Number(status) >= 400)
      .map(([status, response]) => ({ name, status: Number(status), text: resolve(document, response).description })));
  const strange = responses.flatMap(({ name, status, text }) => [...text.matchAll(/`(\w+_\w+|internal|busy)`/g)]
    .filter(([, code]) => !all.some((one) => one.code === code && one.status === status))
    .map(([, code]) => `${name}: ${code} is not ${status}`));
  const told = (text, code) => text.includes(`\`${code}\``);
  const silent = all.filter(({ status, code }) =>
    !responses.some((one) => one.status === status && told(one.text, code))
    && !(told(document.info.description, code) && document.info.description.includes(String(status))));
  const listed = document.components.schemas.Problem.properties.code.enum;
  return [
    ...strange, ...silent.map(({ code }) => `${code} stands nowhere`),
    ...difference(all.map(({ code }) => code), listed).map((code) => `Problem does not list ${code}`),
    ...difference(listed, all.map(({ code }) => code)).map((code) => `${code} is no problem`),
  ];
}

function bodyOf(document, operation) {
  return resolve(document, operation.requestBody?.content["application/json"]?.schema);
}

/* A default in a change would be filled in by tools; a required field has none either. */
export function wrongFields(document) {
  return operations(document).flatMap(({ name, operation }) => {
    const { properties = {}, required = [] } = bodyOf(document, operation) ?? {};
    return Object.entries(properties).flatMap(([field, { default: preset, description = "" }]) => [
      ...(preset !== undefined && name.startsWith("PATCH ") ? [`${name}: ${field} has a default`] : []),
      ...(preset !== undefined && required.includes(field) ? [`${name}: ${field} is required and has a default`] : []),
      ...(/without (one|it)|left out/i.test(description) && required.includes(field)
        ? [`${name}: ${field} is required and may be left out`] : []),
    ]);
  });
}

export function kindsOfDef(text) {
  return [...text.matchAll(/^KIND\(\s*\w+\s*,\s*"([a-z_]+)"\s*\)/gm)].map(([, kind]) => kind);
}

/* The first column of tables, where it is a name in code. */
export function kindsOfDocument(text) {
  return [...text.matchAll(/^\|\s*`([a-z_]+)`/gm)].map(([, kind]) => kind);
}
