/* The table of docs/RIGHTS.md, made from the tables of the program. */
export const HEADINGS = {
  nobody: "no token", outsider: "outsider", left: "left", banned: "banned", member: "member", author: "author",
  moderator: "moderator", owner: "owner", landlord: "owner outside", rooms: "key `rooms`", alerts: "key `alerts`",
  notifications: "key `notifications`",
};

/* The lines of the table: an operation and, for each kind of caller, "yes" or the code that it gets. */
export function tableOfRights({ columns, classes, uses, problems }) {
  const row = (cells) => `| ${cells.join(" | ")} |`;
  const cell = (name) => (name === "OK" ? "yes" : `${problems[name].status} \`${problems[name].code}\``);
  const lines = uses.map(({ method, path, how, who }) =>
    row([`\`${method} ${path}\`${how ? `, ${how}` : ""}`, ...columns.map((column) => cell(classes[who][column]))]));
  return [row(["", ...columns.map((column) => HEADINGS[column])]), row(["---", ...columns.map(() => "---")]), ...lines];
}

/* The lines of DOCUMENT's table that has this heading. */
export function tableIn(document) {
  const lines = document.split("\n");
  const from = lines.findIndex((line) => line.startsWith(`|  | ${HEADINGS.nobody} `));
  const end = lines.findIndex((line, i) => i > from && !line.startsWith("|"));
  return lines.slice(from, end);
}
